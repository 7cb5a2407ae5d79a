//! What an answer of `up why` takes from the notices that are kept: what became of each at its sinks,
//! and what people were told before the Up that answers was started.

use up_core::decisions::{self, DecisionLine, Explanation};
use up_core::{Mood, NoticeKind};
use up_history::state::{Alert, DeliveryRecord, DeliveryState};

/// So many notices of before are listed, the last ones.
const BEFORE: usize = 10;
/// The code of a first check that was up.
const BASELINE: &str = "baseline";
/// A date is the same within this, in seconds: as JSON it need not come back to the last bit.
const SAME: f64 = 1e-3;

/// What became of a notice at a sink, as `up why` and `up alerts` say it.
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

/// Completes an answer by what is kept, newest first, in the words of a mood.
pub fn complete(why: &mut Explanation, alerts: &[Alert], mood: Mood) {
    let lines = why.sources.iter_mut().flat_map(|it| &mut it.decisions);
    for line in lines {
        let alert = alerts.iter().find(|alert| is_of(alert, line));
        if let (Some(notice), Some(alert)) = (&mut line.notice, alert) {
            notice.deliveries = alert.deliveries.iter().map(delivery).collect();
        }
    }
    // Of several sources only the answers in short are printed.
    let [source] = &mut *why.sources else { return };
    let decisions = &mut source.decisions;
    let is_forgotten = |alert: &&Alert| {
        let mut members = alert.notice.members.iter();
        // Of several reminders in turn an answer has the last one only.
        alert.notice.kind != NoticeKind::Reminder
            && members.any(|member| *member.path == source.path)
            && !decisions.iter().any(|line| is_of(alert, line))
    };
    let before = alerts.iter().filter(is_forgotten).take(BEFORE);
    let mut lines: Vec<DecisionLine> = before.map(|it| line(it, &source.path, mood)).collect();
    lines.reverse();
    let Some(first) = lines.first().map(|line| line.date) else {
        return;
    };
    // The first check of this Up was not the first.
    decisions.retain(|line| line.code != BASELINE || line.date < first);
    lines.append(decisions);
    lines.sort_by(|a, b| a.date.total_cmp(&b.date));
    *decisions = lines;
}

/// True when that is the notice of this line.
fn is_of(alert: &Alert, line: &DecisionLine) -> bool {
    let notice = line.notice.as_ref();
    notice.is_some_and(|notice| alert.notice.id == notice.id)
        && (alert.notice.date - line.date).abs() < SAME
}

fn line(alert: &Alert, path: &str, mood: Mood) -> DecisionLine {
    let sinks: Vec<&str> = alert.deliveries.iter().map(|it| &*it.sink).collect();
    let mut line = DecisionLine::kept(&alert.notice, &sinks, path, mood);
    if let Some(notice) = &mut line.notice {
        notice.deliveries = alert.deliveries.iter().map(delivery).collect();
    }
    line
}
