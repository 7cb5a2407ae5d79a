//! Dates as other programs write them into SQLite.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use up_core::Timestamp;

/// Reads `2026-11-22 12:00:00.123`, with `T` for the space and with an offset or not: `Z`, `+01:00`,
/// ` +0100 CET` (Go). Without one it is UTC.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    // Go may add its monotonic clock.
    let text = text.split(" m=").next()?.trim();
    // Behind the date and what divides it from the time.
    let time = text.get(11..)?;
    let end = time.find([' ', 'Z', '+', '-']).unwrap_or(time.len());
    let civil: DateTime = text.get(..11 + end)?.parse().ok()?;
    let offset = offset(time[end..].trim())?;
    let instant = offset.to_timestamp(civil).ok()?;
    Some(instant.as_microsecond() as f64 / 1e6)
}

/// `Z`, `UTC`, `+01:00`, `+0100 CET` or nothing.
fn offset(text: &str) -> Option<Offset> {
    let text = text.split(' ').next()?;
    if matches!(text, "" | "Z" | "UTC") {
        return Some(Offset::UTC);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 {
        return None;
    }
    let (hours, minutes): (i32, i32) = (
        digits.get(..2)?.parse().ok()?,
        digits.get(2..)?.parse().ok()?,
    );
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_other_programs_are_read() {
        let check = |text: &str, expected: Option<f64>| assert_eq!(parse(text), expected, "{text}");
        let noon = Some(1_795_348_800.0);
        check("2026-11-22 12:00:00", noon);
        check("2026-11-22 12:00:00.000", noon);
        check("2026-11-22T12:00:00Z", noon);
        check("2026-11-22T13:00:00.5+01:00", Some(1_795_348_800.5));
        check(
            "2026-11-22 12:00:00.123456789 +0000 UTC",
            Some(1_795_348_800.123_456),
        );
        check("2026-11-22 07:30:00 -0430 VET", noon);
        check("2026-11-22 12:00:00 +0000 UTC m=+1.5", noon);
        check("", None);
        check("2026-11-22", None);
        check("yesterday, at noon", None);
        check("2026-11-22 12:00:00 +1", None);
        check("ä026-11-22 12:00:00", None);
    }
}
