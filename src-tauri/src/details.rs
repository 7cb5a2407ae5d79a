//! The detail of a sample for the panel: the durations of a check's parts, which it draws, and all
//! else as texts in the core's words.
//!
//! This module is pure.

use up_core::facts::TIMING;
use up_core::{Detail, Timestamp, Value};
use up_wire::{Fact, Timing};

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
    let fact = |fact: up_core::facts::Fact| Fact {
        label: fact.label,
        text: fact.text,
    };
    let facts = up_core::facts::facts(detail, date).into_iter();
    facts.map(fact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_exchange_are_no_facts() {
        let mut parts = Detail::new();
        parts.put("resolve", 0.01);
        parts.put("first_byte", 0.2);
        let mut detail = Detail::new();
        detail.put("timing", parts);
        detail.put("bytes", 512.0);
        let timing = timing(&detail);
        let timing: Vec<_> = timing
            .iter()
            .map(|part| (part.part.as_str(), part.seconds))
            .collect();
        assert_eq!(timing, [("resolve", 0.01), ("first_byte", 0.2)]);
        let facts = facts(&detail, 0.0);
        assert_eq!(facts.len(), 1);
        let fact = (facts[0].label.as_str(), facts[0].text.as_str());
        assert_eq!(fact, ("Size", "512 bytes"));
    }
}
