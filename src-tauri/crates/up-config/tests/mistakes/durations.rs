//! The keys that take a duration: all of them accept and refuse the same texts.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{check, check_source};

/// Stands for the duration in a text.
const HERE: &str = "HERE";

/// A key, a file that is valid once [`HERE`] is replaced, and a duration that is valid there.
const KEYS: [(&str, &str, &str); 17] = [
    (
        "interval",
        "interval = HERE\n[[source]]\ntype = \"github\"",
        "2h",
    ),
    (
        "timeout",
        "timeout = HERE\n[[source]]\ntype = \"github\"",
        "2h",
    ),
    (
        "interval",
        "[[source]]\ntype = \"github\"\ninterval = HERE",
        "2h",
    ),
    (
        "timeout",
        "[[source]]\ntype = \"github\"\ntimeout = HERE",
        "2h",
    ),
    (
        "retry",
        "[alert]\nretry = HERE\n[[source]]\ntype = \"github\"",
        "2h",
    ),
    (
        "remind",
        "[alert]\nremind = HERE\n[[source]]\ntype = \"github\"",
        "2h",
    ),
    (
        "group_within",
        "alert = { group_within = HERE }\n[[source]]\ntype = \"github\"",
        "2m",
    ),
    (
        "retry",
        "[[source]]\ntype = \"github\"\nalert.retry = HERE",
        "2h",
    ),
    (
        "remind",
        "[[source]]\ntype = \"github\"\n[source.alert]\nremind = HERE",
        "2h",
    ),
    (
        "raw",
        "[history]\nraw = HERE\n[[source]]\ntype = \"github\"",
        "2h",
    ),
    (
        "keep",
        "[history]\nraw = \"1h\"\nkeep = HERE\n[[source]]\ntype = \"github\"",
        "2h",
    ),
    (
        "keep_statuses",
        "[[source]]\ntype = \"github\"\n[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://h\"\n\
         keep_statuses = HERE",
        "2d",
    ),
    (
        "for",
        "[[source]]\ntype = \"github\"\n[[maintenance]]\nat = \"02:30\"\nfor = HERE",
        "2h",
    ),
    (
        "time",
        "[[source]]\ntype = \"http\"\nurl = \"http://h/\"\nexpect = { time = HERE }",
        "2h",
    ),
    (
        "time",
        "[[source]]\ntype = \"http\"\nurl = \"http://h/\"\n[source.warn]\ntime = HERE",
        "2h",
    ),
    (
        "warn",
        "[[source]]\ntype = \"ping\"\nhost = \"h\"\nrtt = { warn = HERE, crit = \"1d\" }",
        "2h",
    ),
    (
        "crit",
        "[[source]]\ntype = \"ping\"\nhost = \"h\"\nrtt.crit = HERE",
        "2h",
    ),
];

/// The line and column of the duration.
fn place(text: &str) -> String {
    let (before, _) = text.split_once(HERE).expect("a place for the duration");
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
    format!("{line}:{column}")
}

#[test]
fn every_key_with_a_duration_is_in_the_table() {
    let schema: Value = serde_json::from_str(&up_config::schema()).expect("a schema");
    let mut named = BTreeSet::new();
    find(&schema, &mut named);
    let here: BTreeSet<String> = KEYS.iter().map(|(key, ..)| (*key).to_owned()).collect();
    assert_eq!(named, here);
}

/// The names of all keys that take a duration.
fn find(schema: &Value, named: &mut BTreeSet<String>) {
    if let Some(keys) = schema.get("properties").and_then(Value::as_object) {
        let duration = |value: &Value| value.to_string().contains("\"#/$defs/Duration\"");
        let is_table = |value: &Value| value.get("properties").is_some();
        let with = keys
            .iter()
            .filter(|(_, value)| !is_table(value) && duration(value));
        named.extend(with.map(|(key, _)| key.clone()));
    }
    match schema {
        Value::Object(inner) => inner.values().for_each(|value| find(value, named)),
        Value::Array(inner) => inner.iter().for_each(|value| find(value, named)),
        _ => {}
    }
}

#[test]
fn every_key_reads_the_same_durations() {
    for (_, text, right) in KEYS {
        let (number, unit) = right.split_at(1);
        let millis = match unit {
            "d" => 172_800_000,
            "h" => 7_200_000,
            _ => 120_000,
        };
        for written in [
            right.to_owned(),
            format!(" 0{number}{unit} "),
            format!("1{unit}1{unit}"),
            format!("500ms 0d 1{unit}"),
            format!("0s1{unit}"),
            format!("{millis}ms"),
            format!("{}s", millis / 1_000),
            format!("{}m", millis / 60_000),
        ] {
            let text = text.replace(HERE, &format!("\"{written}\""));
            let planned = up_config::load_text(&text, Path::new("up.toml"));
            assert!(planned.is_ok(), "{text}\n=>\n{}", planned.unwrap_err());
        }
    }
}

#[test]
fn every_key_refuses_the_same_in_its_place() {
    let units = "the units are ms, s, m, h and d, as in \"30s\" or \"1h30m\"";
    let bare = "a duration needs a unit and quotes";
    let refused = |written: &str, message: &str, help: &str| {
        for (key, text, _) in KEYS {
            let place = place(text);
            let message = message.replace("KEY", key);
            let text = text.replace(HERE, written);
            check(&text, &[(&place, &message, help)]);
        }
    };
    refused("\"\"", "`KEY`: this duration is empty", units);
    refused("\"  \"", "`KEY`: this duration is empty", units);
    refused("\"fast\"", "`KEY`: \"fast\" is no duration", units);
    refused("\"s\"", "`KEY`: \"s\" is no duration", units);
    refused(
        "\"30\"",
        "`KEY`: a duration needs a unit: \"30\"",
        "write \"30s\" for seconds",
    );
    refused(
        "\"-5s\"",
        "`KEY`: a duration cannot be negative: \"-5s\"",
        "write one like \"30s\"",
    );
    refused(
        "\"1.5h\"",
        "`KEY`: a duration is made of whole numbers: \"1.5h\"",
        "write \"1h30m\", not \"1.5h\"",
    );
    refused(
        "\"30sec\"",
        "`KEY`: `sec` is no unit of time: \"30sec\"",
        "write \"30s\"",
    );
    refused(
        "\"5M\"",
        "`KEY`: `M` is no unit of time: \"5M\"",
        "write \"5m\"",
    );
    refused("\"1w\"", "`KEY`: `w` is no unit of time: \"1w\"", units);
    refused(
        "\"99999999999999999999d\"",
        "`KEY`: \"99999999999999999999d\" is longer than any clock runs",
        "write a shorter one",
    );
    refused("30", &format!("`KEY`: {bare}"), "write \"30s\"");
    refused("-30", &format!("`KEY`: {bare}"), "write \"30s\"");
    refused("0.5", &format!("`KEY`: {bare}"), "write \"500ms\"");
    let expected = "`KEY` must be a duration in quotes, as in \"30s\", but is";
    refused("true", &format!("{expected} true"), "");
    refused("[\"1s\"]", &format!("{expected} an array"), "");
    refused("{ s = 1 }", &format!("{expected} a table"), "");
    refused("12:30:00", &format!("{expected} a date"), "");
}

#[test]
fn a_key_with_bounds_refuses_what_is_out_of_them_in_its_place() {
    let refused = |of: &str, written: &str, bound: &str| {
        let mut seen = 0;
        for (key, text, _) in KEYS.iter().filter(|(key, ..)| *key == of) {
            seen += 1;
            let text_with = text.replace(HERE, &format!("\"{written}\""));
            let (_, value) = bound.rsplit_once(' ').expect("words and a bound");
            let message = format!("`{key}` must be {bound}, but is \"{written}\"");
            let help = format!("write {key} = {value}");
            check(&text_with, &[(&place(text), &message, &help)]);
        }
        assert!(seen > 0, "{of} is in the table");
    };
    refused("interval", "999ms", "at least \"1s\"");
    refused("interval", "367d", "at most \"366d\"");
    refused("timeout", "9ms", "at least \"10ms\"");
    refused("timeout", "25h", "at most \"1d\"");
    refused("retry", "99ms", "at least \"100ms\"");
    refused("retry", "25h", "at most \"1d\"");
    refused("remind", "59s", "at least \"1m\"");
    refused("remind", "367d", "at most \"366d\"");
    refused("group_within", "11m", "at most \"10m\"");
    refused("raw", "59m", "at least \"1h\"");
    refused("keep", "36526d", "at most \"36525d\"");
    refused("keep_statuses", "23h", "at least \"1d\"");
    refused("keep_statuses", "10001d", "at most \"10000d\"");
    refused("for", "59s", "at least \"1m\"");
    refused("for", "8d", "at most \"7d\"");
    refused("time", "0s", "at least \"1ms\"");
}

#[test]
fn a_duration_without_quotes_is_no_toml() {
    check_source(
        "interval = 30s",
        &[("5:12", "a duration must be in quotes", "write \"30s\"")],
    );
}

#[test]
fn samples_are_never_kept_longer_than_anything_is() {
    check_source(
        "[history]\nraw = \"30d\"\nkeep = \"7d\"",
        &[(
            "7:8",
            "`keep` (\"7d\") is shorter than `raw` (\"30d\")",
            "write keep = \"30d\", or longer",
        )],
    );
}
