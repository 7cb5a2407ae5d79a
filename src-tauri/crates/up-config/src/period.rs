//! Spans of time as up.toml writes them: `"30s"`, `"1h30m"`.

use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::key_error::HELP;

/// A span of time, written as a string of whole numbers with units, largest first or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) Duration);

/// The units in milliseconds, and the words people write in their place.
const UNITS: &[(&str, u64, &[&str])] = &[
    ("ms", 1, &["msec", "msecs", "millis", "milliseconds"]),
    ("s", 1_000, &["sec", "secs", "second", "seconds"]),
    ("m", 60_000, &["min", "mins", "minute", "minutes"]),
    ("h", 3_600_000, &["hr", "hrs", "hour", "hours"]),
    ("d", 86_400_000, &["day", "days"]),
];

const UNITS_HELP: &str = "the units are ms, s, m, h and d, as in \"30s\" or \"1h30m\"";

impl Period {
    /// Reads one; on failure, what is wrong and what to write instead.
    pub(crate) fn parse(text: &str) -> Result<Self, (String, String)> {
        let written = text;
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(("this duration is empty".into(), UNITS_HELP.into()));
        }
        if rest.starts_with('-') {
            return Err((
                format!("a duration cannot be negative: {written:?}"),
                "write one like \"30s\"".into(),
            ));
        }
        let mut total = 0_u64;
        while !rest.is_empty() {
            let (number, after) = split(rest, |c| c.is_ascii_digit());
            let (unit, after) = split(after, |c| c.is_alphabetic() || c == 'µ');
            if number.is_empty() {
                let message = format!("{written:?} is no duration");
                return Err((message, UNITS_HELP.into()));
            }
            if after.starts_with('.') || after.starts_with(',') {
                let message = format!("a duration is made of whole numbers: {written:?}");
                return Err((message, "write \"1h30m\", not \"1.5h\"".into()));
            }
            let Some((_, millis, _)) = UNITS.iter().find(|(name, ..)| *name == unit) else {
                return Err(wrong_unit(written, number, unit));
            };
            total = number
                .parse::<u64>()
                .ok()
                .and_then(|number| number.checked_mul(*millis))
                .and_then(|part| part.checked_add(total))
                .ok_or_else(|| {
                    let message = format!("{written:?} is longer than any clock runs");
                    (message, "write a shorter one".to_owned())
                })?;
            rest = after.trim_start();
        }
        Ok(Self(Duration::from_millis(total)))
    }
}

fn split(text: &str, first: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !first(c)).unwrap_or(text.len()))
}

fn wrong_unit(written: &str, number: &str, unit: &str) -> (String, String) {
    if unit.is_empty() {
        let message = format!("a duration needs a unit: {written:?}");
        return (message, format!("write \"{number}s\" for seconds"));
    }
    let lower = unit.to_lowercase();
    let meant = UNITS
        .iter()
        .find(|(name, _, words)| lower == *name || words.contains(&lower.as_str()));
    let help = match meant {
        Some((name, ..)) => format!("write \"{number}{name}\""),
        None => UNITS_HELP.into(),
    };
    (format!("`{unit}` is no unit of time: {written:?}"), help)
}

impl fmt::Display for Period {
    /// The shortest text that reads as the same span.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut millis = self.0.as_millis();
        if millis == 0 {
            return f.write_str("0s");
        }
        for (name, size, _) in UNITS.iter().rev() {
            // Days beyond two read better than hours; a day and a half reads better as 36h.
            let size = u128::from(*size);
            if millis >= size && (*name != "d" || millis.is_multiple_of(size)) {
                write!(f, "{}{name}", millis / size)?;
                millis %= size;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PeriodVisitor)
    }
}

struct PeriodVisitor;

impl Visitor<'_> for PeriodVisitor {
    type Value = Period;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration in quotes, as in \"30s\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Period, E> {
        Period::parse(text).map_err(|(message, help)| E::custom(format!("{message}{HELP}{help}")))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Period, E> {
        Err(bare(number.unsigned_abs()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Period, E> {
        Err(bare(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Period, E> {
        let number = number.abs();
        Err(if number < 1.0 {
            let message = format!("a duration needs a unit and quotes{HELP}write");
            E::custom(format!("{message} \"{}ms\"", (number * 1000.0).round()))
        } else {
            bare(number.round() as u64)
        })
    }
}

fn bare<E: Error>(number: u64) -> E {
    E::custom(format!(
        "a duration needs a unit and quotes{HELP}write \"{number}s\""
    ))
}

impl JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A duration: whole numbers with units (ms, s, m, h, d), as in `\"30s\"` or `\"1h30m\"`.",
            "pattern": "^\\s*([0-9]+(ms|s|m|h|d)\\s*)+$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text: &str, expected: u64| {
            let period = Period::parse(text).map(|period| period.0);
            assert_eq!(period, Ok(Duration::from_millis(expected)), "{text}");
        };
        check("500ms", 500);
        check("30s", 30_000);
        check("5m", 300_000);
        check("2h", 7_200_000);
        check("30d", 30 * 86_400_000);
        check("1h30m", 5_400_000);
        check("1m 500ms", 60_500);
        check(" 1s ", 1_000);
        check("0s", 0);
    }

    #[test]
    fn what_is_no_duration() {
        let check = |text: &str, message: &str, help: &str| {
            let expected = (message.to_owned(), help.to_owned());
            assert_eq!(Period::parse(text), Err(expected), "{text}");
        };
        check("", "this duration is empty", UNITS_HELP);
        check(
            "30",
            "a duration needs a unit: \"30\"",
            "write \"30s\" for seconds",
        );
        check(
            "-5s",
            "a duration cannot be negative: \"-5s\"",
            "write one like \"30s\"",
        );
        check(
            "1.5h",
            "a duration is made of whole numbers: \"1.5h\"",
            "write \"1h30m\", not \"1.5h\"",
        );
        check(
            "30sec",
            "`sec` is no unit of time: \"30sec\"",
            "write \"30s\"",
        );
        check("5M", "`M` is no unit of time: \"5M\"", "write \"5m\"");
        check("5y", "`y` is no unit of time: \"5y\"", UNITS_HELP);
        check("soon", "\"soon\" is no duration", UNITS_HELP);
        check(
            "99999999999999999999d",
            "\"99999999999999999999d\" is longer than any clock runs",
            "write a shorter one",
        );
        check(
            "9999999999999999d",
            "\"9999999999999999d\" is longer than any clock runs",
            "write a shorter one",
        );
    }

    #[test]
    fn a_duration_prints_as_what_reads_the_same() {
        for text in [
            "500ms", "30s", "1m500ms", "1h30m", "36h", "2d", "400d", "0s",
        ] {
            let period = Period::parse(text).expect("a duration");
            assert_eq!(period.to_string(), text);
        }
    }
}
