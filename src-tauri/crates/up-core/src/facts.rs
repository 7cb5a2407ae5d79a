//! The values of a detail as a person reads them: a label and a text with its unit, from one table.
//! Sources name their values for programs (`--json`); the words and units are added here.

use measure::{Unit, measure, plain};

use crate::detail::{Detail, Value};
use crate::sample::Timestamp;

mod measure;

/// The name under which a source has the durations of a check's parts, which are drawn and no
/// facts.
pub const TIMING: &str = "timing";

/// One fact for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What the fact is about: `Round trip, least`.
    pub label: String,
    /// The value with its unit: `0.02 ms`.
    pub text: String,
}

/// The wording of each value that a source reports: its name (within a map, `map.name`), its label,
/// and its unit.
const TABLE: &[(&str, &str, Unit)] = &[
    ("agents", "Agents", Unit::Plain),
    ("answers", "Answers", Unit::Plain),
    ("authenticated", "Authenticated (DNSSEC)", Unit::Plain),
    ("banner", "Banner", Unit::Plain),
    ("bytes", "Size", Unit::Bytes),
    (
        "certificate_chain",
        "Certificate, issuers of the chain",
        Unit::Plain,
    ),
    ("certificate_days", "Certificate, days left", Unit::Days),
    ("certificate_expires", "Certificate expires", Unit::Date),
    ("certificate_issuer", "Certificate issued by", Unit::Plain),
    ("certificate_names", "Certificate is for", Unit::Plain),
    ("client_certificate", "Client certificate", Unit::Plain),
    ("clock_off", "Clock is ahead by", Unit::Seconds),
    ("components", "Components", Unit::Plain),
    ("components_left_out", "Components left out", Unit::Plain),
    ("description", "Description", Unit::Plain),
    ("exit", "Exit status", Unit::Code),
    ("incident", "Incident", Unit::Plain),
    ("indicator", "Indicator", Unit::Plain),
    ("kept_alive", "Connection kept from before", Unit::Plain),
    ("last_contact", "Last contact", Unit::Date),
    ("link", "Link", Unit::Plain),
    ("loss", "Loss", Unit::Percent),
    (
        "more_samples_than_read",
        "More samples than were read",
        Unit::Plain,
    ),
    ("name", "Name", Unit::Plain),
    ("names_left_out", "Names left out", Unit::Plain),
    ("output", "Output", Unit::Plain),
    ("provider", "Provider", Unit::Plain),
    ("rate", "Rate", Unit::Plain),
    ("received", "Replies received", Unit::Code),
    ("remote", "Answered by", Unit::Plain),
    ("resolver", "Resolver", Unit::Plain),
    ("rtt.max", "Round trip, most", Unit::Seconds),
    ("rtt.mean", "Round trip, mean", Unit::Seconds),
    ("rtt.min", "Round trip, least", Unit::Seconds),
    ("sampled", "Sampled", Unit::Date),
    ("sent", "Requests sent", Unit::Code),
    ("sources", "Sources", Unit::Plain),
    ("status", "HTTP status", Unit::Code),
    ("sys_name", "sysName", Unit::Plain),
    ("text", "Text", Unit::Plain),
    ("timing.body", "Body", Unit::Seconds),
    ("timing.connect", "Connect", Unit::Seconds),
    ("timing.first_byte", "First byte", Unit::Seconds),
    ("timing.query", "Query", Unit::Seconds),
    ("timing.resolve", "Resolve", Unit::Seconds),
    ("timing.starttls", "STARTTLS", Unit::Seconds),
    ("timing.talk", "Talk", Unit::Seconds),
    ("timing.tls", "TLS", Unit::Seconds),
    ("tls_cipher", "TLS cipher suite", Unit::Plain),
    ("tls_closed", "TLS closed in order", Unit::Plain),
    ("tls_version", "TLS version", Unit::Plain),
    ("unreadable_samples", "Unreadable samples", Unit::Plain),
    ("transport", "Asked over", Unit::Plain),
    ("ttl", "Time to live", Unit::Span),
    ("url", "Final address", Unit::Plain),
    ("version", "Protocol", Unit::Plain),
];

/// The names of maps whose entries are named by the far side, and are facts of their own.
const NAMED_BY_OTHERS: [&str; 2] = [PERFDATA, "values"];

/// The name of the map of a plugin's performance data, whose entries are maps with thresholds.
pub(crate) const PERFDATA: &str = "perfdata";

/// The names that the table has a wording for; those within a map as `map.name`.
pub fn names() -> impl Iterator<Item = &'static str> {
    let own = TABLE.iter().map(|(name, _, _)| *name);
    own.chain(NAMED_BY_OTHERS)
}

/// The facts of a detail, in its order. `date` is the date of the sample, Unix seconds.
pub fn facts(detail: &Detail, date: Timestamp) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, value) in detail.iter().filter(|(name, _)| *name != TIMING) {
        match value {
            Value::Map(map) if NAMED_BY_OTHERS.contains(&name) => {
                facts.extend(map.iter().map(|(label, value)| Fact {
                    label: label.to_owned(),
                    text: match value {
                        Value::Map(figure) => measured(figure, date),
                        other => text(Unit::Plain, other, date),
                    },
                }));
            }
            Value::Map(map) => {
                facts.extend(
                    map.iter()
                        .map(|(part, value)| fact(&format!("{name}.{part}"), value, date)),
                );
            }
            other => facts.push(fact(name, other, date)),
        }
    }
    facts
}

/// What a value is called and its unit, by its name; within a map, `map.name`.
fn wording(name: &str) -> (String, Unit) {
    let known = TABLE.iter().find(|(known, _, _)| *known == name);
    known.map_or_else(
        || (words(name), Unit::Plain),
        |(_, label, unit)| ((*label).to_owned(), *unit),
    )
}

fn fact(name: &str, value: &Value, date: Timestamp) -> Fact {
    let (label, unit) = match (wording(name), value) {
        // A component of a status page has a status in words.
        ((_, Unit::Code), Value::Text(_)) => (words(name), Unit::Plain),
        (known, _) => known,
    };
    Fact {
        label,
        text: text(unit, value, date),
    }
}

/// The label of a metric, by its name; the far side's own name for one that it named.
pub fn metric_label(name: &str) -> String {
    let named = (NAMED_BY_OTHERS.iter()).find_map(|map| name.strip_prefix(map)?.strip_prefix('.'));
    named.map_or_else(|| wording(name).0, ToOwned::to_owned)
}

/// The symbol of the unit of a number, by its name; `None` for one that has no series.
pub(crate) fn metric_unit(name: &str) -> Option<&'static str> {
    wording(name).1.symbol()
}

/// A value of a metric with the symbol of its unit, for a person.
pub fn metric_text(value: f64, symbol: &str) -> String {
    if value < 0.0 {
        return format!("-{}", metric_text(-value, symbol));
    }
    match Unit::of_symbol(symbol) {
        Some(unit) if unit != Unit::Days => measure(unit, value, 0.0),
        _ if symbol.is_empty() => plain(value),
        _ => format!("{} {symbol}", plain(value)),
    }
}

/// A name that the table does not have, in words: `sys_up.time` is `Sys up, time`.
fn words(name: &str) -> String {
    let mut words = name.replace('_', " ").replace('.', ", ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn text(unit: Unit, value: &Value, date: Timestamp) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Number(number) => measure(unit, *number, date),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.into(),
        Value::Text(text) => text.to_string(),
        Value::List(list) => joined(list.iter().map(|value| text(unit, value, date)).collect()),
        Value::Map(map) => joined(
            facts(map, date)
                .iter()
                .map(|fact| format!("{}: {}", fact.label, fact.text))
                .collect(),
        ),
    }
}

/// A figure of a plugin with its unit and thresholds: `12.5 ms (warn 100, crit 500)`.
fn measured(figure: &Detail, date: Timestamp) -> String {
    let of = |name| figure.get(name).map(|value| text(Unit::Plain, value, date));
    let mut said = of("value").unwrap_or_else(|| "no value".into());
    if let Some(unit) = of("unit") {
        said.push_str(if unit == "%" { "" } else { " " });
        said.push_str(&unit);
    }
    let limits = [
        ("warn", "warn"),
        ("crit", "crit"),
        ("min", "least"),
        ("max", "most"),
    ];
    let limits = limits.into_iter();
    let limits: Vec<String> = limits
        .filter_map(|(name, word)| Some(format!("{word} {}", of(name)?)))
        .collect();
    if !limits.is_empty() {
        let limits = limits.join(", ");
        said = format!("{said} ({limits})");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The facts of one value, as `label: text` each.
    fn said(name: &'static str, value: impl Into<Value>) -> Vec<String> {
        let mut detail = Detail::new();
        detail.put(name, value);
        let facts = facts(&detail, 1_000.0);
        let line = |fact: &Fact| format!("{}: {}", fact.label, fact.text);
        facts.iter().map(line).collect()
    }

    fn map(entries: &[(&'static str, f64)]) -> Detail {
        let mut map = Detail::new();
        for (name, value) in entries {
            map.put(*name, *value);
        }
        map
    }

    #[test]
    fn facts_read_as_a_person_says_them() {
        let check = |name: &'static str, value: Value, expected: &str| {
            assert_eq!(said(name, value), [expected], "{name}");
        };
        check("status", 503.0.into(), "HTTP status: 503");
        check("status", "operational".into(), "Status: operational");
        check("bytes", 1.0.into(), "Size: 1 byte");
        check("bytes", 512.0.into(), "Size: 512 bytes");
        check("bytes", 1_572_864.0.into(), "Size: 1.5 MiB");
        check("bytes", 3e12.into(), "Size: 2794.0 GiB");
        let expires = "certificate_expires";
        check(expires, 87_400.0.into(), "Certificate expires: in 1 d");
        check(expires, 940.0.into(), "Certificate expires: 1 min ago");
        let days = "certificate_days";
        check(days, 29.6.into(), "Certificate, days left: 29 days");
        check(days, 1.0.into(), "Certificate, days left: 1 day");
        check("tls_version", "TLS 1.3".into(), "TLS version: TLS 1.3");
        check("loss", (100.0 / 3.0).into(), "Loss: 33.33%");
        check("ttl", 3_600.0.into(), "Time to live: 1 h");
        check("äpfel_x", true.into(), "äpfel x: yes");
        check("", "x".into(), ": x");
        check("other", 0.300_000_000_000_000_04.into(), "Other: 0.3");
        check("other", 12_345_678.0.into(), "Other: 12345678");
        let list = Value::List(vec!["a".into(), 2.0.into()]);
        check("certificate_names", list, "Certificate is for: a, 2");
    }

    #[test]
    fn a_map_is_a_fact_for_each_of_its_values() {
        let rtt = map(&[("min", 0.000_020_864), ("mean", 0.012_34), ("max", 1.5)]);
        let expected = [
            "Round trip, least: 0.02 ms",
            "Round trip, mean: 12.3 ms",
            "Round trip, most: 1.50 s",
        ];
        assert_eq!(said("rtt", rtt), expected);
        let mut figure = map(&[("value", 12.5), ("max", 100.0)]);
        figure.put("unit", "%");
        figure.put("warn", "80");
        let mut figures = Detail::new();
        figures.put("/home", figure);
        figures.put("users", map(&[("value", 3.0)]));
        let expected = ["/home: 12.5% (warn 80, most 100)", "users: 3"];
        assert_eq!(said("perfdata", figures), expected);
        assert_eq!(said("values", map(&[("ifOper", 1.0)])), ["ifOper: 1"]);
        assert_eq!(said("timing", map(&[("connect", 1.0)])), [""; 0]);
    }

    #[test]
    fn a_metric_is_said_with_its_unit() {
        let check = |value: f64, symbol: &str, expected: &str| {
            assert_eq!(metric_text(value, symbol), expected);
        };
        check(0.012_34, "s", "12.3 ms");
        check(1_536.0, "B", "1.5 KiB");
        check(33.333, "%", "33.33%");
        check(29.5, "d", "29.5 d");
        check(12.5, "ms", "12.5 ms");
        check(7.0, "", "7");
        check(-0.002, "s", "-2.00 ms");
        let check = |name: &str, expected: &str| assert_eq!(metric_label(name), expected);
        check("timing.first_byte", "First byte");
        check("perfdata./home", "/home");
        check("values.ifIn.1", "ifIn.1");
        check("other.thing", "Other, thing");
    }
}
