//! The detail of a sample as texts for the panel.
//!
//! This module is pure. The names come from the sources; a label and a unit are added here.

use up_core::{Detail, Timestamp, Value, phrase};
use up_wire::{Fact, Timing};

/// The name in a detail under which a source has the durations of a check's parts, in seconds.
const TIMING: &str = "timing";

/// Labels of names that would not read well with their underscores replaced.
const LABELS: &[(&str, &str)] = &[
    ("status", "HTTP status"),
    ("version", "Protocol"),
    ("bytes", "Size"),
    ("remote", "Answered by"),
    ("url", "Final address"),
    ("sys_name", "sysName"),
];

/// The durations of a check's parts, in their order.
pub(crate) fn timing(detail: &Detail) -> Vec<Timing> {
    let Some(Value::Map(parts)) = detail.get(TIMING) else {
        return Vec::new();
    };
    let part = |(part, value): (&str, &Value)| match value {
        Value::Number(seconds) => Some(Timing {
            part: part.into(),
            seconds: *seconds,
        }),
        _ => None,
    };
    parts.iter().filter_map(part).collect()
}

/// All other facts of a detail, in their order. `date` is the date of the sample, Unix seconds.
pub(crate) fn facts(detail: &Detail, date: Timestamp) -> Vec<Fact> {
    let fact = |(name, value)| Fact {
        label: label(name),
        text: text(name, value, date),
    };
    detail
        .iter()
        .filter(|(name, _)| *name != TIMING)
        .map(fact)
        .collect()
}

fn label(name: &str) -> String {
    if let Some((_, label)) = LABELS.iter().find(|(known, _)| *known == name) {
        return (*label).into();
    }
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn text(name: &str, value: &Value, date: Timestamp) -> String {
    match value {
        Value::Number(number) if name.ends_with("_expires") => {
            let left = number - date;
            let span = phrase::span(left.abs());
            if left < 0.0 {
                format!("{span} ago")
            } else {
                format!("in {span}")
            }
        }
        Value::Number(number) if name == "bytes" => size(*number),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.into(),
        Value::Text(text) => text.to_string(),
        Value::List(list) => list
            .iter()
            .map(|value| text(name, value, date))
            .collect::<Vec<_>>()
            .join(", "),
        Value::Map(map) => map
            .iter()
            .map(|(name, value)| format!("{}: {}", label(name), text(name, value, date)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// A number of bytes as text: `512 bytes`, `1.5 KiB`.
fn size(bytes: f64) -> String {
    const STEP: f64 = 1024.0;
    if bytes < STEP {
        return format!("{bytes} bytes");
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
    fn facts_read_as_a_person_says_them() {
        let check = |name: &'static str, value: Value, expected: (&str, &str)| {
            let mut detail = Detail::new();
            detail.put(name, value);
            let facts = facts(&detail, 1_000.0);
            assert_eq!((facts[0].label.as_str(), facts[0].text.as_str()), expected);
        };
        check("status", 503.0.into(), ("HTTP status", "503"));
        check("bytes", 512.0.into(), ("Size", "512 bytes"));
        check("bytes", 1_572_864.0.into(), ("Size", "1.5 MiB"));
        check("bytes", 3e12.into(), ("Size", "2794.0 GiB"));
        check(
            "certificate_expires",
            87_400.0.into(),
            ("Certificate expires", "in 1 d"),
        );
        check(
            "certificate_expires",
            940.0.into(),
            ("Certificate expires", "1 min ago"),
        );
        check("äpfel", true.into(), ("äpfel", "yes"));
        check("", "x".into(), ("", "x"));
        let list = Value::List(vec!["a".into(), 2.0.into()]);
        check("names", list, ("Names", "a, 2"));
    }

    #[test]
    fn the_parts_of_an_exchange_are_no_facts() {
        let mut parts = Detail::new();
        parts.put("resolve", 0.01);
        parts.put("first_byte", 0.2);
        let mut detail = Detail::new();
        detail.put("timing", parts);
        let timing = timing(&detail);
        let timing: Vec<_> = timing
            .iter()
            .map(|part| (part.part.as_str(), part.seconds))
            .collect();
        assert_eq!(timing, [("resolve", 0.01), ("first_byte", 0.2)]);
        assert!(facts(&detail, 0.0).is_empty());
    }
}
