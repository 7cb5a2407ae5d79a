//! Durations as people write them in up.toml, on the command line and in the scenarios of the tests:
//! `"30s"`, `"1h30m"`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::{ConfigProblem, HELP};

/// A duration that is written as whole numbers with units, in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct WrittenDuration(pub Duration);

/// The error of a text that is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DurationError {
    /// What is wrong with the text.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// Each unit, its length in milliseconds, and the words that people write in its place.
const UNITS: &[(&str, u64, &[&str])] = &[
    ("ms", 1, &["msec", "msecs", "millis", "milliseconds"]),
    ("s", 1_000, &["sec", "secs", "second", "seconds"]),
    ("m", 60_000, &["min", "mins", "minute", "minutes"]),
    ("h", 3_600_000, &["hr", "hrs", "hour", "hours"]),
    ("d", 86_400_000, &["day", "days"]),
];

const UNITS_HELP: &str = "the units are ms, s, m, h and d, as in \"30s\" or \"1h30m\"";

impl FromStr for WrittenDuration {
    type Err = DurationError;

    fn from_str(written: &str) -> Result<Self, DurationError> {
        let mut rest = written.trim();
        if rest.is_empty() {
            return Err(error("this duration is empty", UNITS_HELP));
        }
        if rest.starts_with('-') {
            return Err(error(
                format!("a duration cannot be negative: {written:?}"),
                "write one like \"30s\"",
            ));
        }
        let mut total = 0_u64;
        while !rest.is_empty() {
            let (number, after) = split(rest, |c| c.is_ascii_digit());
            let (unit, after) = split(after, |c| c.is_alphabetic() || c == 'µ');
            if number.is_empty() {
                return Err(error(format!("{written:?} is no duration"), UNITS_HELP));
            }
            if after.starts_with('.') || after.starts_with(',') {
                return Err(error(
                    format!("a duration is made of whole numbers: {written:?}"),
                    "write \"1h30m\", not \"1.5h\"",
                ));
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
                    error(message, "write a shorter one")
                })?;
            rest = after.trim_start();
        }
        Ok(Self(Duration::from_millis(total)))
    }
}

fn split(text: &str, first: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !first(c)).unwrap_or(text.len()))
}

fn error(message: impl Into<String>, help: impl Into<String>) -> DurationError {
    DurationError {
        message: message.into(),
        help: help.into(),
    }
}

fn wrong_unit(written: &str, number: &str, unit: &str) -> DurationError {
    if unit.is_empty() {
        let message = format!("a duration needs a unit: {written:?}");
        return error(message, format!("write \"{number}s\" for seconds"));
    }
    let lower = unit.to_lowercase();
    let meant = UNITS
        .iter()
        .find(|(name, _, words)| lower == *name || words.contains(&lower.as_str()));
    let help = match meant {
        Some((name, ..)) => format!("write \"{number}{name}\""),
        None => UNITS_HELP.into(),
    };
    error(format!("`{unit}` is no unit of time: {written:?}"), help)
}

impl WrittenDuration {
    /// Returns the duration if it is from `least` to `most`, and otherwise the problem with the value
    /// of `key`. For a key in a table, that is `table.key`.
    pub fn within(
        self,
        key: &'static str,
        least: Duration,
        most: Duration,
    ) -> Result<Duration, ConfigProblem> {
        let (bound, word) = match self.0 {
            duration if duration < least => (least, "at least"),
            duration if duration > most => (most, "at most"),
            duration => return Ok(duration),
        };
        let name = key.rsplit('.').next().unwrap_or(key);
        let bound = Self(bound);
        let message = format!("`{name}` must be {word} \"{bound}\", but is \"{self}\"");
        let problem = ConfigProblem::new(key, message);
        Err(problem.help(format!("write {name} = \"{bound}\"")))
    }
}

impl fmt::Display for WrittenDuration {
    /// Writes the shortest text that is parsed as the same duration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut millis = self.0.as_millis();
        if millis == 0 {
            return f.write_str("0s");
        }
        for (name, size, _) in UNITS.iter().rev() {
            // Whole days are easier to read than hours. A day and a half is easier to read as 36h.
            let size = u128::from(*size);
            if millis >= size && (*name != "d" || millis.is_multiple_of(size)) {
                write!(f, "{}{name}", millis / size)?;
                millis %= size;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for WrittenDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DurationVisitor)
    }
}

struct DurationVisitor;

impl Visitor<'_> for DurationVisitor {
    type Value = WrittenDuration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration in quotes, as in \"30s\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<WrittenDuration, E> {
        text.parse()
            .map_err(|DurationError { message, help }| E::custom(format!("{message}{HELP}{help}")))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<WrittenDuration, E> {
        Err(bare(number.unsigned_abs()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<WrittenDuration, E> {
        Err(bare(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<WrittenDuration, E> {
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

impl JsonSchema for WrittenDuration {
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

    fn parse(text: &str) -> Result<Duration, DurationError> {
        text.parse().map(|WrittenDuration(duration)| duration)
    }

    #[test]
    fn durations() {
        let check = |text: &str, expected: u64| {
            assert_eq!(parse(text), Ok(Duration::from_millis(expected)), "{text}");
        };
        check("500ms", 500);
        check("30s", 30_000);
        check("5m", 300_000);
        check("2h", 7_200_000);
        check("30d", 30 * 86_400_000);
        check("1h30m", 5_400_000);
        check("1m 500ms", 60_500);
        check(" 1h 5m ", 3_900_000);
        check("0s", 0);
    }

    #[test]
    fn what_is_no_duration() {
        let check = |text: &str, message: &str, help: &str| {
            assert_eq!(parse(text), Err(error(message, help)), "{text}");
        };
        check("", "this duration is empty", UNITS_HELP);
        check(
            "30",
            "a duration needs a unit: \"30\"",
            "write \"30s\" for seconds",
        );
        check(
            "1m5",
            "a duration needs a unit: \"1m5\"",
            "write \"5s\" for seconds",
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
            "1 s",
            "a duration needs a unit: \"1 s\"",
            "write \"1s\" for seconds",
        );
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
            let duration: WrittenDuration = text.parse().expect("a duration");
            assert_eq!(duration.to_string(), text);
        }
    }

    #[test]
    fn a_duration_out_of_bounds_names_its_key_and_the_bound() {
        let check = |text: &str, expected: Result<u64, (&str, &str)>| {
            let duration = WrittenDuration(parse(text).expect("a duration"));
            let (least, most) = (Duration::from_secs(1), Duration::from_hours(24));
            let found = duration.within("alert.retry", least, most);
            let found = found.map_err(|problem| {
                assert_eq!(problem.key, "alert.retry");
                (problem.message, problem.help.unwrap_or_default())
            });
            let expected = expected.map(Duration::from_secs);
            let expected = expected.map_err(|(message, help)| (message.into(), help.into()));
            assert_eq!(found, expected, "{text}");
        };
        check("1s", Ok(1));
        check("1d", Ok(86_400));
        check(
            "999ms",
            Err((
                "`retry` must be at least \"1s\", but is \"999ms\"",
                "write retry = \"1s\"",
            )),
        );
        check(
            "25h",
            Err((
                "`retry` must be at most \"1d\", but is \"25h\"",
                "write retry = \"1d\"",
            )),
        );
    }
}
