//! Spans of time, as everywhere in up.toml: `"500ms"`, `"1m30s"`.

use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A span of time as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WrittenDuration(pub String);

const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

impl WrittenDuration {
    /// The time; `None` when the text is no span, or none at all.
    pub(crate) fn duration(&self) -> Option<Duration> {
        let mut rest = self.0.trim();
        let mut total = 0_u64;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let (number, after) = rest.split_at(end);
            let end = after
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(after.len());
            let (unit, after) = after.split_at(end);
            let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
            let part = number.parse::<u64>().ok()?.checked_mul(*millis)?;
            total = total.checked_add(part)?;
            rest = after.trim_start();
        }
        (total > 0).then(|| Duration::from_millis(total))
    }
}

impl JsonSchema for WrittenDuration {
    /// The same name and schema as the durations of every source have, so that both are one.
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
    fn spans_are_read_as_elsewhere() {
        let check = |text: &str, expected: Option<u64>| {
            let span = WrittenDuration(text.into()).duration();
            assert_eq!(span, expected.map(Duration::from_millis), "{text:?}");
        };
        check("500ms", Some(500));
        check("2s", Some(2_000));
        check("1m30s", Some(90_000));
        check(" 1h 5m ", Some(3_900_000));
        for text in [
            "",
            "0s",
            "5",
            "s",
            "1.5s",
            "-1s",
            "1 s",
            "1w",
            "9999999999999999999d",
        ] {
            check(text, None);
        }
    }
}
