//! Sentences about controls and their times.

use jiff::ToSpan;
use jiff::civil::{Date, Time, time};
use jiff::tz::TimeZone;

use super::Control;
use super::window::{instant, seconds};
use crate::sample::Timestamp;

/// A future time as short as `now` allows: `15:30`, `tomorrow 09:00`, `Tue 1 Dec 09:00`,
/// `2027-01-04 09:00`.
pub fn until(time: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (Some(time), Some(now)) = (instant(time), instant(now)) else {
        return "some day".into();
    };
    let (time, now) = (time.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let tomorrow = now.date().tomorrow().ok();
    let far = now.date().checked_add(6.months()).ok();
    let format = if time.date() == now.date() {
        "%H:%M"
    } else if Some(time.date()) == tomorrow {
        "tomorrow %H:%M"
    } else if far.is_some_and(|far| time.date() < far) {
        "%a %-d %b %H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    time.strftime(format).to_string()
}

/// A past time as short as `now` allows: `15:30`, `yesterday 23:50`, `Tue 1 Dec 09:00`, `2025-12-01
/// 09:00`.
pub fn since(time: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (Some(time), Some(now)) = (instant(time), instant(now)) else {
        return "some day".into();
    };
    let (time, now) = (time.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let far = now.date().checked_sub(6.months()).ok();
    let format = if time.date() == now.date() {
        "%H:%M"
    } else if Some(time.date()) == now.date().yesterday().ok() {
        "yesterday %H:%M"
    } else if far.is_some_and(|far| time.date() > far) {
        "%a %-d %b %H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    time.strftime(format).to_string()
}

/// Nine o'clock on the day after `now`, in Unix seconds.
pub fn tomorrow_at_nine(now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let today = instant(now)?.to_zoned(zone.clone()).date();
    let nine = today.tomorrow().ok()?.to_datetime(time(9, 0, 0, 0));
    let nine = zone.to_ambiguous_zoned(nine).compatible().ok()?;
    Some(seconds(nine.timestamp()))
}

/// The next time after `now` at which the wall clock shows `at`, in Unix seconds.
pub fn next(at: Time, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let today = instant(now)?.to_zoned(zone.clone()).date();
    let on = |date: Date| {
        let time = zone.to_ambiguous_zoned(date.to_datetime(at)).compatible();
        Some(seconds(time.ok()?.timestamp()))
    };
    on(today)
        .filter(|time| *time > now)
        .or_else(|| on(today.tomorrow().ok()?))
}

/// The history's note for an acknowledgement.
pub fn noted(path: &str, note: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    format!("{name} acknowledged: {note}")
}

/// A sentence that says what a control did.
pub fn sentence(control: &Control, now: Timestamp, zone: &TimeZone) -> String {
    let until = |time: Timestamp| until(time, now, zone);
    match control {
        Control::Snooze { path, until: then } => {
            format!(
                "{path} is snoozed until {}: no notices are sent about it.",
                until(*then)
            )
        }
        Control::Unsnooze { path } => format!("{path} is not snoozed any more."),
        Control::Acknowledge { path, .. } => {
            format!("{path} is acknowledged: no reminders until it recovers.")
        }
        Control::Unacknowledge { path } => format!("{path} is not acknowledged any more."),
        Control::Pause { path } => {
            format!("{path} is paused: it is not checked until it is resumed.")
        }
        Control::Resume { path } => format!("{path} is resumed: it is checked again."),
        Control::Mute { until: None } => "Everything is muted until you say otherwise.".into(),
        Control::Mute { until: Some(then) } => {
            format!("Everything is muted until {}.", until(*then))
        }
        Control::Unmute => "Nothing is muted any more.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_when_is_said_as_a_person_near_it_would() {
        let at = |text: &str| {
            let time: jiff::civil::DateTime = text.parse().expect("a time");
            let there = time.to_zoned(TimeZone::UTC).expect("a time there");
            seconds(there.timestamp())
        };
        let now = at("2026-11-22 00:10");
        let check = |time, expected: &str| assert_eq!(since(time, now, &TimeZone::UTC), expected);
        check(at("2026-11-22 00:00"), "00:00");
        check(at("2026-11-21 23:59"), "yesterday 23:59");
        check(at("2026-11-20 09:00"), "Fri 20 Nov 09:00");
        check(at("2025-11-22 09:00"), "2025-11-22 09:00");
        check(f64::NAN, "some day");
    }
}
