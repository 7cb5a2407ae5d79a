//! The format of percentages and durations. It is the same in a terminal, the tray and a
//! notification.

use crate::status::Status;

/// A percentage such as `66.67%`: at most two decimals, without trailing zeros. 100% and 0% are
/// shown only for exactly 1 and 0.
pub fn percent(status: Status) -> String {
    let value = status.value();
    let mut hundredths = (value * 10_000.0).round();
    if value > 0.0 && value < 1.0 {
        hundredths = hundredths.clamp(1.0, 9_999.0);
    }
    format!("{}%", hundredths / 100.0)
}

/// The percentage of a status between 0 and 1; `None` for others.
pub fn percent_between(status: Option<Status>) -> Option<String> {
    status
        .filter(|s| s.value() > 0.0 && s.value() < 1.0)
        .map(percent)
}

/// A duration such as `0.12s`: three significant digits, without trailing zeros. `None` up to 0.1
/// ms, which is noise.
pub fn seconds(duration: f64) -> Option<String> {
    if !duration.is_finite() || duration <= 0.000_1 {
        return None;
    }
    let magnitude = duration.log10().floor() as i32;
    let decimals = usize::try_from((2 - magnitude).max(0)).unwrap_or(0);
    let text = format!("{duration:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    Some(format!("{text}s"))
}

/// A time span as a person says it: `3 min`, `2 h 5 min`, `4 d 3 h`.
pub fn span(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let two = |big: u64, unit: &str, small: u64, sub: &str| {
        if small == 0 {
            format!("{big} {unit}")
        } else {
            format!("{big} {unit} {small} {sub}")
        }
    };
    match whole {
        0..60 => format!("{whole} s"),
        60..3_600 => two(whole / 60, "min", whole % 60, "s"),
        3_600..86_400 => two(whole / 3_600, "h", whole % 3_600 / 60, "min"),
        _ => two(whole / 86_400, "d", whole % 86_400 / 3_600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_never_say_100_or_0_of_what_is_not() {
        let check = |value: f64, expected: &str| {
            let status = Status::new(value).expect("a status");
            assert_eq!(percent(status), expected, "{value}");
        };
        check(0.0, "0%");
        check(1.0, "100%");
        check(0.5, "50%");
        check(2.0 / 3.0, "66.67%");
        check(0.2499, "24.99%");
        check(0.9, "90%");
        check(0.99999, "99.99%");
        check(0.000_01, "0.01%");
        check(0.07, "7%");
    }

    #[test]
    fn durations_have_three_significant_digits() {
        let check =
            |value: f64, expected: Option<&str>| assert_eq!(seconds(value).as_deref(), expected);
        check(0.12, Some("0.12s"));
        check(0.1082, Some("0.108s"));
        check(0.004_807, Some("0.00481s"));
        check(0.000_100_1, Some("0.0001s"));
        check(0.000_1, None);
        check(0.0, None);
        check(f64::NAN, None);
        check(0.999_9, Some("1s"));
        check(2.0, Some("2s"));
        check(12.345, Some("12.3s"));
        check(123.4, Some("123s"));
        check(1000.0, Some("1000s"));
    }

    #[test]
    fn spans_read_as_a_person_says_them() {
        let check = |seconds: f64, expected: &str| assert_eq!(span(seconds), expected);
        check(-1.0, "0 s");
        check(59.4, "59 s");
        check(60.0, "1 min");
        check(3_725.0, "1 h 2 min");
        check(90_000.0, "1 d 1 h");
        check(172_800.0, "2 d");
    }
}
