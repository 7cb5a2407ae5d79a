//! The loop's log lines. None may hold a secret: of a configuration only counts are logged, and of
//! foreign text only what has been made one line and is shown to people anyway.

use tracing::{Level, debug, info, trace};
use up_config::Plan;
use up_core::connectivity::ConnectivityEvent;
use up_core::{Change, Control, Notice, Record};

use crate::Command;
use crate::connectivity::SystemEvent;

pub(super) fn plan(plan: &Plan, is_reload: bool) {
    let (sources, sinks) = (plan.probes.len(), plan.sinks.len());
    let references: usize = plan
        .reference_groups
        .iter()
        .map(|group| group.references.len())
        .sum();
    let what = if is_reload { "reloaded" } else { "loaded" };
    info!(
        sources,
        sinks,
        references,
        mood = plan.mood.name(),
        agent = plan.agent,
        "configuration {what}"
    );
}

pub(super) fn sample(record: &Record) {
    if !tracing::enabled!(Level::TRACE) {
        return;
    }
    let sample = &record.sample;
    let status = sample.status.map(up_core::Status::value);
    let cause = sample.cause.as_ref().map(|cause| cause.code.code());
    let (path, duration) = (&*record.path, sample.duration);
    trace!(path, ?status, duration, cause, "checked");
}

pub(super) fn change(change: &Change) {
    let Change { path, from, to, .. } = change;
    let cause = change.cause.as_ref().map(|cause| &*cause.text);
    info!(path = &**path, ?from, ?to, cause, "verdict");
}

pub(super) fn notice(notice: &Notice) {
    info!(
        id = notice.id,
        kind = notice.kind.name(),
        path = &*notice.path,
        members = notice.members.len(),
        behind = notice.behind,
        "notice"
    );
}

pub(super) fn command(command: &Command) {
    match command {
        // The text of a note is for the history only.
        Command::Note(_) => info!("a person edited the notes"),
        Command::CheckNow(path) => info!(path, "asked to check now"),
        Command::Mood(mood) => info!(mood = mood.name(), "asked for another mood"),
        Command::Reload => info!("asked to read the configuration again"),
        Command::Control(_) => {}
    }
}

pub(super) fn control(control: &Control) {
    let what = match control {
        Control::Snooze { .. } => "snooze",
        Control::Unsnooze { .. } => "unsnooze",
        Control::Acknowledge { .. } => "acknowledge",
        Control::Unacknowledge { .. } => "unacknowledge",
        Control::Pause { .. } => "pause",
        Control::Resume { .. } => "resume",
        Control::Mute { .. } => "mute",
        Control::Unmute => "unmute",
    };
    info!(path = control.path(), "asked to {what}");
}

pub(super) fn system_event(event: &SystemEvent) {
    let events = match event {
        SystemEvent::Asleep => return info!("the machine goes to sleep"),
        SystemEvent::Awake(slept) => return info!(?slept, "the machine woke"),
        SystemEvent::Network(events) => events,
    };
    for event in events {
        match event {
            ConnectivityEvent::Routes { default, scopes } => {
                info!(
                    default,
                    changed = scopes.len(),
                    "the system's routes changed"
                );
            }
            ConnectivityEvent::Rerouted => info!("the default route leads elsewhere now"),
            ConnectivityEvent::Answers {
                group,
                replies,
                resolver,
            } => debug!(group, ?replies, resolver, "references answered"),
        }
    }
}
