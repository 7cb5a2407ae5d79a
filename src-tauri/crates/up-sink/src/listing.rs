//! The text of `up alerts`: an entry for each notice that was sent to people.

use jiff::tz::TimeZone;
use up_core::{Mood, NoticeKind, Timestamp};
use up_history::state::{Alert, IncidentEnd};

use crate::kept::delivery;

/// The whole list: the notices since `from`, in the words of `mood`. `time` formats the times of
/// the list. `zone` is the time zone of the times within a notice's own sentences.
pub fn text(
    alerts: &[Alert],
    from: Timestamp,
    mood: Mood,
    zone: &TimeZone,
    time: impl Fn(Timestamp) -> String,
) -> String {
    if alerts.is_empty() {
        return format!("no notice was sent since {}\n", time(from));
    }
    let entries = alerts.iter().map(|alert| entry(alert, mood, zone, &time));
    entries.collect()
}

fn entry(
    alert: &Alert,
    mood: Mood,
    zone: &TimeZone,
    time: &impl Fn(Timestamp) -> String,
) -> String {
    let notice = &alert.notice;
    let (kind, title) = (notice.kind.name(), notice.title(mood));
    let mut text = format!("{} {kind}: {title}\n", time(notice.date));
    let mut below = notice.lines_by_path(mood, zone);
    below.push(outage(alert, time));
    if alert.deliveries.is_empty() {
        below.push("no sink was notified".into());
    }
    below.extend(alert.deliveries.iter().map(|it| delivery(it).line(time)));
    for line in below {
        text.extend(["    ", &line, "\n"]);
    }
    text
}

/// When the incident began, and how it ended.
fn outage(alert: &Alert, time: &impl Fn(Timestamp) -> String) -> String {
    let began = alert.notice.began();
    let since = began.since(&time(began.date));
    let outage = format!("outage {}, {since}", alert.notice.id);
    let Some(IncidentEnd { kind, date }) = alert.end else {
        return format!("{outage}, goes on");
    };
    let ended = match kind {
        NoticeKind::Withdrawn => {
            return format!("{outage}, no longer watched since {}", time(date));
        }
        NoticeKind::Settled => "stopped flapping",
        _ => "recovered",
    };
    let ended = format!("{outage}, {ended} {}", time(date));
    if date < began.date {
        return format!("{ended}, by a clock that was set back");
    }
    format!("{ended} after {}", began.lasted(date))
}

#[cfg(test)]
mod tests {
    use up_core::state::SavedNotice;
    use up_history::state::{DeliveryRecord, DeliveryState};

    use super::*;

    fn check(fate: DeliveryState, expected: &str) {
        let notice = r#"{"id":7,"kind":"down","path":"/R/a","urgency":2,"since":60,"date":66,
            "members":[["/R/a",{"verdict":"down","since":60,"observed":true}]]}"#;
        let notice: SavedNotice = serde_json::from_str(notice).expect("a notice");
        let delivery = DeliveryRecord {
            sink: "command bell".into(),
            fate,
            date: 70.0,
        };
        let alert = Alert {
            program: "watch".into(),
            notice: notice.notice(),
            deliveries: vec![delivery],
            end: None,
        };
        let time = |time: Timestamp| format!("{time}s");
        let list = text(&[alert], 0.0, Mood::Realist, &TimeZone::UTC, time);
        let above = "66s down: a: DOWN\n    /R/a: DOWN\n    outage 7, since 60s, goes on\n";
        assert_eq!(list, format!("{above}    command bell: {expected}\n"));
    }

    #[test]
    fn an_entry_says_what_became_of_the_notice_at_its_sink() {
        check(DeliveryState::Delivered, "delivered 70s");
        check(DeliveryState::Waiting, "not delivered yet");
        check(
            DeliveryState::Superseded,
            "not delivered, a later notice took its place",
        );
        check(
            DeliveryState::Refused("no such program".into()),
            "not delivered: no such program",
        );
    }
}
