//! Reads and prints times in the time zone of the system.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};
use up_config::WrittenDuration;
use up_core::Timestamp;

/// A time as `2026-11-22 12:00:00`, in the time zone of the system.
pub(crate) fn local(time: Timestamp) -> String {
    Instant::from_second(time as i64)
        .map(|instant| {
            instant
                .to_zoned(TimeZone::system())
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string()
        })
        .unwrap_or_default()
}

/// A time to the microsecond that [`parse`] reads.
pub(crate) fn instant(time: Timestamp) -> String {
    let instant = Instant::from_microsecond((time * 1e6).round() as i64);
    instant
        .map(|instant| instant.to_string())
        .unwrap_or_default()
}

/// Reads a time: a duration before now (`7d`), a date, a local time, or an RFC 3339 time.
pub(crate) fn parse(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(WrittenDuration(span)) = text.parse() {
        return Some(now - span.as_secs_f64());
    }
    let zone = TimeZone::system();
    let seconds_of = |instant: Instant| instant.as_microsecond() as f64 / 1e6;
    let seconds = |zoned: Zoned| seconds_of(zoned.timestamp());
    if let Ok(instant) = text.parse::<Instant>() {
        return Some(seconds_of(instant));
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return time.to_zoned(zone).ok().map(seconds);
    }
    text.parse::<Date>().ok()?.to_zoned(zone).ok().map(seconds)
}

/// A time as `12:00:00` if it is today, else as `2026-11-22 12:00:00`.
pub(crate) fn short(time: Timestamp, now: Timestamp) -> String {
    let (time, now) = (local(time), local(now));
    match (time.split_once(' '), now.split_once(' ')) {
        (Some((day, time)), Some((today, _))) if day == today => time.to_owned(),
        _ => time,
    }
}
