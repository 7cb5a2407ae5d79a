//! `up alerts`: lists the notices that were sent, by which sink, and how each outage ended. It
//! reads the state that `up watch` and `up-tray` store, whether they are running or not.

use std::process::ExitCode;

use jiff::tz::TimeZone;
use serde::Serialize;
use up_config::Located;
use up_core::alert::{Member, Urgency};
use up_core::path::is_at_or_below;
use up_core::{Mood, Notice, Timestamp};
use up_history::state::{Alert, AlertQuery, DeliveryRecord, DeliveryState, alerts};
use up_sink::listing;

use crate::args::{AlertsArgs, Cli};
use crate::failure::CommandFailure;
use crate::output::print;
use crate::time;

/// The largest number of notices in the list, which are the newest.
const MOST: usize = 100_000;

/// Lists the notices, newest first.
pub(crate) fn list(cli: &Cli, args: &AlertsArgs) -> Result<ExitCode, CommandFailure> {
    let now = up_engine::clock::now();
    let from = time::parse(&args.since, now).ok_or_else(|| {
        CommandFailure::Usage(format!(
            "--since {:?} is not a time: write a duration before now (\"7d\"), a date \
             (2026-11-22) or a time (2026-11-22T09:30)",
            args.since
        ))
    })?;
    for path in &args.paths {
        if !up_core::path::is_path(path) {
            return Err(CommandFailure::Usage(format!(
                "{path:?} is not a path: write the names from the root down, each after a `/`, as in \
                 /Root/Child"
            )));
        }
    }
    let (config, configured) = match up_config::locate(cli.config.as_deref()) {
        Located::File(file) => {
            // The list can also be read while the configuration has mistakes.
            let mood = match up_config::load(&file) {
                Ok(plan) => Some(plan.mood),
                Err(_) if file.path().exists() => None,
                Err(error) => return Err(error.into()),
            };
            (Some(file.path().to_owned()), mood)
        }
        Located::Nowhere { .. } => (None, None),
    };
    let mood = cli.mood.mood().or(configured).unwrap_or_default();
    let query = AlertQuery {
        config,
        from,
        most: MOST,
    };
    let mut notices = alerts(&up_config::data_dir(), &query)?;
    notices.retain(|alert| args.paths.is_empty() || is_of(&alert.notice, &args.paths));
    if cli.json {
        return print(&json(&notices, from, mood)?);
    }
    let zone = TimeZone::system();
    print(&listing::text(&notices, from, mood, &zone, time::local))
}

fn is_of(notice: &Notice, paths: &[String]) -> bool {
    let mut members = notice.members.iter();
    members.any(|member| paths.iter().any(|path| is_at_or_below(&member.path, path)))
}

#[derive(Serialize)]
struct AlertsJson<'a> {
    schema: u8,
    from: Timestamp,
    alerts: Vec<AlertJson<'a>>,
}

#[derive(Serialize)]
struct AlertJson<'a> {
    date: Timestamp,
    program: &'a str,
    id: u64,
    kind: &'static str,
    urgency: &'static str,
    path: &'a str,
    title: String,
    text: String,
    since: Timestamp,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    since_at_least: bool,
    ended: Option<IncidentEndJson>,
    sources: Vec<AlertSourceJson<'a>>,
    sinks: Vec<DeliveryJson<'a>>,
}

#[derive(Serialize)]
struct IncidentEndJson {
    kind: &'static str,
    date: Timestamp,
}

#[derive(Serialize)]
struct AlertSourceJson<'a> {
    path: &'a str,
    word: &'static str,
    status: Option<f64>,
    cause: Option<AlertCauseJson<'a>>,
    since: Timestamp,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    since_at_least: bool,
    until: Option<Timestamp>,
    stopped: Option<Timestamp>,
}

#[derive(Serialize)]
struct AlertCauseJson<'a> {
    code: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct DeliveryJson<'a> {
    sink: &'a str,
    /// `waiting`, `delivered`, `refused` or `superseded`.
    state: &'static str,
    date: Timestamp,
    why: Option<&'a str>,
}

fn json(notices: &[Alert], from: Timestamp, mood: Mood) -> Result<String, CommandFailure> {
    let document = AlertsJson {
        schema: 1,
        from,
        alerts: notices
            .iter()
            .map(|alert| alert_json(alert, mood))
            .collect(),
    };
    serde_json::to_string(&document)
        .map(|text| text + "\n")
        .map_err(|error| CommandFailure::Usage(format!("the notices have no JSON form: {error}")))
}

fn alert_json(alert: &Alert, mood: Mood) -> AlertJson<'_> {
    let notice = &alert.notice;
    AlertJson {
        date: notice.date,
        program: &alert.program,
        id: notice.id,
        kind: notice.kind.name(),
        urgency: match notice.urgency {
            Urgency::Low => "low",
            Urgency::Normal => "normal",
            Urgency::Critical => "critical",
        },
        path: &notice.path,
        title: notice.title(mood),
        text: notice.lines(mood, &TimeZone::system()).join("\n"),
        since: notice.since,
        since_at_least: !notice.began().is_observed,
        ended: alert.end.map(|end| IncidentEndJson {
            kind: end.kind.name(),
            date: end.date,
        }),
        sources: (notice.members.iter())
            .map(|member| source_json(member, mood))
            .collect(),
        sinks: alert.deliveries.iter().map(delivery_json).collect(),
    }
}

fn source_json(member: &Member, mood: Mood) -> AlertSourceJson<'_> {
    AlertSourceJson {
        path: &member.path,
        word: member.verdict.word(mood),
        status: member.status.map(up_core::Status::value),
        cause: member.cause.as_ref().map(|cause| AlertCauseJson {
            code: cause.code.code(),
            text: &cause.text,
        }),
        since: member.since.date,
        since_at_least: !member.since.is_observed,
        until: member.until,
        stopped: member.off.map(|off| off.stopped),
    }
}

fn delivery_json(delivery: &DeliveryRecord) -> DeliveryJson<'_> {
    let (state, why) = match &delivery.fate {
        DeliveryState::Waiting => ("waiting", None),
        DeliveryState::Delivered => ("delivered", None),
        DeliveryState::Refused(why) => ("refused", Some(why.as_str())),
        DeliveryState::Superseded => ("superseded", None),
    };
    DeliveryJson {
        sink: &delivery.sink,
        state,
        date: delivery.date,
        why,
    }
}
