//! The sinks that the file names.

use toml::Spanned;
use toml::de::DeValue;
use up_sink::registry::{KINDS, SinkConfig};
use up_source::Secrets;

use crate::plan::PlannedSink;
use crate::read::{About, Table};
use crate::report::Report;
use crate::secrets::Reader;
use crate::secrets::without_user;
use crate::sources::{OPEN_SECRET, tables};
use crate::suggest;

/// Plans all sinks; reports what is wrong with any.
pub(crate) fn plan(
    report: &mut Report<'_>,
    reader: &Reader,
    open_to_others: bool,
    sinks: Option<Spanned<DeValue<'_>>>,
) -> Vec<PlannedSink> {
    let mut planned: Vec<(PlannedSink, usize)> = Vec::new();
    for table in tables(report, "sink", sinks).unwrap_or_default() {
        let at = table.span.clone();
        let Some(sink) = one(report, reader, open_to_others, table) else {
            continue;
        };
        let same = |(other, _): &&(PlannedSink, usize)| is_same(other, &sink);
        if let Some((_, first)) = planned.iter().find(same) {
            let line = report.line(*first);
            report.error(
                at,
                format!("this sink is the same as the one in line {line}"),
                Some("take one of them out".into()),
            );
        } else {
            planned.push((sink, at.start));
        }
    }
    planned.into_iter().map(|(sink, _)| sink).collect()
}

fn is_same(a: &PlannedSink, b: &PlannedSink) -> bool {
    match (&a.config, &b.config) {
        // The same database of the same server, wherever the two URIs come from.
        (SinkConfig::Mongo(a_config), SinkConfig::Mongo(b_config)) => {
            a.uri == b.uri && a_config.database == b_config.database
        }
        (a, b) => a == b,
    }
}

fn one(
    report: &mut Report<'_>,
    reader: &Reader,
    open_to_others: bool,
    mut table: Table<'_>,
) -> Option<PlannedSink> {
    let Some(kind) = table.keys.remove("type") else {
        let help = format!("add type = \"…\": {}", suggest::list(KINDS, "or"));
        report.error(table.span, "this sink has no `type`", Some(help));
        return None;
    };
    let text = kind.get_ref().as_str().unwrap_or_default();
    let Some(known) = KINDS.iter().find(|known| **known == text) else {
        let message = format!("there is no sink of type {text:?}");
        report.error(kind.span(), message, Some(suggest::one_of(text, KINDS)));
        return None;
    };
    let place = format!("in a sink of type `{known}`");
    let about = About {
        place: &place,
        also: &["type"],
        elsewhere: &suggest::sink_types_with,
    };
    let config = table.read(report, &about, |keys| {
        SinkConfig::read(known, keys).expect("a kind of the list is read by the list")
    })?;
    let uri = match &config {
        SinkConfig::Mongo(mongo) => {
            let uri = match reader.read(&mongo.uri) {
                Ok(uri) => uri,
                Err(message) => {
                    report.error(table.at("uri"), message, None);
                    return None;
                }
            };
            let plain = reader.take_seen().plain;
            if open_to_others
                && plain
                    .iter()
                    .any(|uri| without_user(uri.reveal()) != uri.reveal())
            {
                report.warn(table.at("uri").start, OPEN_SECRET);
            }
            check_database(report, &table, &mongo.database);
            check_uri(report, &table, uri.reveal()).then_some(())?;
            Some(uri)
        }
        SinkConfig::Stdout | SinkConfig::History => None,
    };
    Some(PlannedSink { config, uri })
}

/// What can be said of a URI without asking anyone; options are the driver's to judge.
fn check_uri(report: &mut Report<'_>, table: &Table<'_>, uri: &str) -> bool {
    let rest = ["mongodb://", "mongodb+srv://"]
        .iter()
        .find_map(|scheme| uri.strip_prefix(scheme));
    let message = match rest {
        None => "this is no MongoDB URI: it begins with neither mongodb:// nor mongodb+srv://",
        Some(rest) => {
            let hosts = rest.split(['/', '?']).next().unwrap_or_default();
            let hosts = hosts.rsplit('@').next().unwrap_or_default();
            if !hosts.is_empty() && hosts.split(',').all(|host| !host.is_empty()) {
                return true;
            }
            "this MongoDB URI names no host"
        }
    };
    let help = "write one like \"mongodb://localhost:27017\"";
    report.error(table.at("uri"), message, Some(help.into()));
    false
}

/// MongoDB's own rule for a database's name on any of its systems.
fn check_database(report: &mut Report<'_>, table: &Table<'_>, name: &str) {
    let bad = |c: char| r#"/\. "$*<>:|?"#.contains(c) || c.is_control();
    if name.is_empty() || name.len() > 63 || name.contains(bad) {
        report.error(
            table.at("database"),
            format!("{name:?} cannot name a MongoDB database"),
            Some("use letters, digits, - and _, at most 63 of them".into()),
        );
    }
}
