//! Numbers with their units, as a person reads them.

use crate::phrase;
use crate::sample::Timestamp;

/// The unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// None, or the value is no number.
    Plain,
    /// None: the number is a code, or another value says the same better. It has no series.
    Code,
    /// Seconds, shown as a duration.
    Seconds,
    /// Seconds, shown as a span of minutes or days.
    Span,
    Bytes,
    Percent,
    Days,
    /// Unix seconds, shown as the distance to the date of the check.
    Date,
}

impl Unit {
    /// Its symbol in a series; `None` for what has no series.
    pub(super) fn symbol(self) -> Option<&'static str> {
        match self {
            Self::Plain => Some(""),
            Self::Seconds | Self::Span => Some("s"),
            Self::Bytes => Some("B"),
            Self::Percent => Some("%"),
            Self::Days => Some("d"),
            Self::Code | Self::Date => None,
        }
    }

    /// The unit that is shown for a symbol, a plugin's too.
    pub(super) fn of_symbol(symbol: &str) -> Option<Self> {
        let units = [Self::Seconds, Self::Bytes, Self::Percent, Self::Days];
        units.into_iter().find(|unit| unit.symbol() == Some(symbol))
    }
}

/// A number with its unit. `date` is the date of the sample.
pub(super) fn measure(unit: Unit, number: f64, date: Timestamp) -> String {
    match unit {
        Unit::Plain | Unit::Code => plain(number),
        Unit::Seconds => duration(number),
        Unit::Span => phrase::span(number),
        Unit::Bytes => size(number),
        Unit::Percent => format!("{}%", plain((number * 100.0).round() / 100.0)),
        Unit::Days => match number {
            1.0 => "1 day".into(),
            days => format!("{} days", plain(days.floor())),
        },
        Unit::Date => {
            let left = number - date;
            let span = phrase::span(left.abs());
            if left < 0.0 {
                format!("{span} ago")
            } else {
                format!("in {span}")
            }
        }
    }
}

/// A number without the noise of binary fractions: at most six significant digits, and all digits
/// of a whole number.
pub(super) fn plain(number: f64) -> String {
    if number.fract() == 0.0 || !number.is_finite() {
        return number.to_string();
    }
    let rounded: Result<f64, _> = format!("{number:.5e}").parse();
    rounded.unwrap_or(number).to_string()
}

/// A duration with its unit and about three significant digits: `0.02 ms`, `12.3 ms`, `1.24 s`.
fn duration(seconds: f64) -> String {
    if seconds >= 99.95 {
        return phrase::span(seconds);
    }
    let (number, unit) = if seconds < 0.9995 {
        (seconds * 1_000.0, "ms")
    } else {
        (seconds, "s")
    };
    match number {
        0.0 => "0 ms".into(),
        number if number < 0.005 => "under 0.01 ms".into(),
        number if number < 9.995 => format!("{number:.2} {unit}"),
        number if number < 99.95 => format!("{number:.1} {unit}"),
        number => format!("{number:.0} {unit}"),
    }
}

/// A number of bytes as text: `512 bytes`, `1.5 KiB`.
fn size(bytes: f64) -> String {
    const STEP: f64 = 1024.0;
    if bytes < STEP {
        let number = bytes.to_string();
        let unit = if number == "1" { "byte" } else { "bytes" };
        return format!("{number} {unit}");
    }
    let mut size = bytes / STEP;
    for unit in ["KiB", "MiB"] {
        if size < STEP {
            return format!("{size:.1} {unit}");
        }
        size /= STEP;
    }
    format!("{size:.1} GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_few_digits() {
        let check = |seconds: f64, expected: &str| assert_eq!(duration(seconds), expected);
        check(0.0, "0 ms");
        check(0.000_001, "under 0.01 ms");
        check(0.000_110_2, "0.11 ms");
        check(0.099_96, "100 ms");
        check(0.999_6, "1.00 s");
        check(61.0, "61.0 s");
        check(150.0, "2 min 30 s");
    }
}
