//! The sinks that the file names.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use toml::Spanned;
use toml::de::DeValue;
use up_history::mongo::MongoStore;
use up_sink::AlertSink;
use up_sink::mongo::MongoConfig;
use up_sink::registry::{KINDS, SinkConfig};
use up_source::{Secret, Secrets, TlsClients};

use crate::diagnostics::Diagnostics;
use crate::plan::PlannedSink;
use crate::read::{Table, TableContext, tables};
use crate::secrets::SecretReader;
use crate::sources::OPEN_SECRET;
use crate::suggest;

/// Plans all sinks; reports what is wrong with any.
pub(crate) fn plan(
    report: &mut Diagnostics<'_>,
    reader: &SecretReader,
    open_to_others: bool,
    sinks: Option<Spanned<DeValue<'_>>>,
) -> Vec<PlannedSink> {
    let mut planned = Vec::new();
    // What tells each from others, and where it stands.
    let mut seen: HashMap<String, usize> = HashMap::new();
    let clients = TlsClients::default();
    for table in tables(report, "sink", sinks).unwrap_or_default() {
        if report.gives_up() {
            break;
        }
        let at = table.span.clone();
        let Some((sink, key)) = one(report, reader, &clients, open_to_others, table) else {
            continue;
        };
        if let Some(first) = seen.get(&key) {
            let line = report.line(*first);
            report.error(
                at,
                format!("this sink tells the same place as the one in line {line}"),
                Some("take one of them out".into()),
            );
        } else {
            seen.insert(key, at.start);
            planned.push(sink);
        }
    }
    planned
}

/// One sink, and what tells it from others.
fn one(
    report: &mut Diagnostics<'_>,
    reader: &SecretReader,
    clients: &TlsClients,
    open_to_others: bool,
    mut table: Table<'_>,
) -> Option<(PlannedSink, String)> {
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
    let about = TableContext {
        place: &place,
        also: &["type"],
        elsewhere: &suggest::sink_types_with,
    };
    let config = table.read(report, &about, |keys| {
        SinkConfig::read(known, keys).expect("a kind of the list is read by the list")
    })?;
    let mongo = match &config {
        SinkConfig::Mongo(mongo) => mongo,
        SinkConfig::Webhook(_) | SinkConfig::Command(_) => {
            return telling(report, (reader, clients), open_to_others, &table, config);
        }
        SinkConfig::Stdout | SinkConfig::History => {
            let (uri, telling) = (None, None);
            let sink = PlannedSink {
                config,
                uri,
                files: 0,
                telling,
            };
            return Some((sink, (*known).to_owned()));
        }
    };
    let uri = match reader.read(&mongo.uri) {
        Ok(uri) => uri,
        Err(message) => {
            report.error(table.at("uri"), message, None);
            return None;
        }
    };
    let plain = reader.take_seen().plain;
    let is_secret = |uri: &Secret| uri.reveal().contains('@') || uri.reveal().contains("assword");
    if open_to_others && plain.iter().any(is_secret) {
        report.warn(table.at("uri").start, OPEN_SECRET);
    }
    let store = store(report, &table, mongo, &uri)?;
    let files = certificates(report, reader, &table, &store)?;
    let key = store.key().to_owned();
    let sink = PlannedSink {
        config,
        uri: Some(uri),
        files,
        telling: None,
    };
    Some((sink, key))
}

/// A sink that tells another program, and what tells it from others.
fn telling(
    report: &mut Diagnostics<'_>,
    (reader, clients): (&SecretReader, &TlsClients),
    open_to_others: bool,
    table: &Table<'_>,
    config: SinkConfig,
) -> Option<(PlannedSink, String)> {
    let built = match &config {
        SinkConfig::Webhook(webhook) => webhook.build(reader, clients).map(AlertSink::Webhook),
        SinkConfig::Command(command) => command.build(reader).map(AlertSink::Command),
        SinkConfig::Stdout | SinkConfig::History | SinkConfig::Mongo(_) => return None,
    };
    let telling = match built {
        Ok(telling) => telling,
        Err(problem) => {
            report.error(table.at(problem.key), problem.message, problem.help);
            return None;
        }
    };
    let plain = reader.take_seen().plain;
    let open = table.secret(&plain);
    if let (true, Some(at)) = (open_to_others, open) {
        report.warn(at, OPEN_SECRET);
    }
    let key = telling.key();
    let sink = PlannedSink {
        config,
        uri: None,
        files: 0,
        telling: Some(telling),
    };
    Some((sink, key))
}

/// A hash over the certificate files that a URI names, read now so that they are known to be there,
/// and can be watched. The driver reads them itself, relative to the working directory.
fn certificates(
    report: &mut Diagnostics<'_>,
    reader: &SecretReader,
    table: &Table<'_>,
    store: &MongoStore,
) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    for file in store.files() {
        match reader.files().secret(file) {
            Ok(text) => text.hash(&mut hasher),
            Err(message) => {
                report.error(table.at("uri"), message, None);
                return None;
            }
        }
    }
    Some(hasher.finish())
}

/// The database as a store, which tells it from others. What the driver makes of the URI can be
/// said without asking anyone; `None` when it has been reported.
fn store(
    report: &mut Diagnostics<'_>,
    table: &Table<'_>,
    mongo: &MongoConfig,
    uri: &Secret,
) -> Option<MongoStore> {
    // Told apart, so that each mistake is told at the key that it was made in.
    let database = MongoStore::open("mongodb://localhost", &mongo.database);
    if let Err(error) = database {
        report.error(table.at("database"), error.message, None);
    }
    match MongoStore::open(uri.reveal(), &mongo.database) {
        Ok(store) => Some(store),
        Err(_) if MongoStore::open(uri.reveal(), "up").is_ok() => None,
        Err(error) => {
            let (message, help) = match error.message.split_once(": ") {
                Some((message, help)) => (message, Some(help.to_owned())),
                None => (error.message.as_str(), None),
            };
            report.error(table.at("uri"), format!("this {message}"), help);
            None
        }
    }
}
