//! What an answer of `up why` takes from the stored notices: what became of each notice at its
//! sinks, and which notices were sent before the answering Up was started.

use up_core::decisions::{self, DecisionLine, Explanation};
use up_core::{Mood, NoticeKind};
use up_history::state::{Alert, DeliveryRecord, DeliveryState};

/// How many notices from before the start are listed. These are the newest.
const MOST_EARLIER: usize = 10;
/// The decision code of a first check that was up.
const BASELINE: &str = "baseline";
/// Two dates closer than this, in seconds, are the same: a date read from JSON may differ in its
/// last bit.
const DATE_TOLERANCE: f64 = 1e-3;

/// The fate of a notice at one sink, in the form that `up why` and `up alerts` print.
pub fn delivery(delivery: &DeliveryRecord) -> decisions::Delivery {
    let (state, why) = match &delivery.fate {
        DeliveryState::Waiting => ("waiting", None),
        DeliveryState::Delivered => ("delivered", None),
        DeliveryState::Refused(why) => ("refused", Some(why.clone())),
        DeliveryState::Superseded => ("superseded", None),
    };
    decisions::Delivery {
        sink: delivery.sink.clone(),
        state: state.to_owned(),
        date: delivery.date,
        why,
    }
}

/// Adds to an answer what the stored notices tell. `alerts` is newest first; sentences use the
/// words of `mood`.
pub fn complete(why: &mut Explanation, alerts: &[Alert], mood: Mood) {
    let lines = why.sources.iter_mut().flat_map(|it| &mut it.decisions);
    for line in lines {
        let alert = alerts.iter().find(|alert| is_of(alert, line));
        if let (Some(notice), Some(alert)) = (&mut line.notice, alert) {
            notice.deliveries = alert.deliveries.iter().map(delivery).collect();
        }
    }
    // An answer about several sources prints only their summaries, without decisions.
    let [source] = &mut *why.sources else { return };
    let decisions = &mut source.decisions;
    let is_earlier = |alert: &&Alert| {
        let mut members = alert.notice.members.iter();
        // An answer shows only the last of several consecutive reminders.
        alert.notice.kind != NoticeKind::Reminder
            && members.any(|member| *member.path == source.path)
            && !decisions.iter().any(|line| is_of(alert, line))
    };
    let earlier = alerts.iter().filter(is_earlier).take(MOST_EARLIER);
    let mut lines: Vec<DecisionLine> = earlier.map(|it| line(it, &source.path, mood)).collect();
    lines.reverse();
    let Some(first) = lines.first().map(|line| line.date) else {
        return;
    };
    // The first check of this run is no baseline if a notice was sent before it.
    decisions.retain(|line| line.code != BASELINE || line.date < first);
    lines.append(decisions);
    lines.sort_by(|a, b| a.date.total_cmp(&b.date));
    *decisions = lines;
}

/// True if the decision line is about this notice.
fn is_of(alert: &Alert, line: &DecisionLine) -> bool {
    let notice = line.notice.as_ref();
    notice.is_some_and(|notice| alert.notice.id == notice.id)
        && (alert.notice.date - line.date).abs() < DATE_TOLERANCE
}

fn line(alert: &Alert, path: &str, mood: Mood) -> DecisionLine {
    let sinks: Vec<&str> = alert.deliveries.iter().map(|it| &*it.sink).collect();
    let mut line = DecisionLine::kept(&alert.notice, &sinks, path, mood);
    if let Some(notice) = &mut line.notice {
        notice.deliveries = alert.deliveries.iter().map(delivery).collect();
    }
    line
}
