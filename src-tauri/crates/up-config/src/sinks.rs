//! Plans the sinks of up.toml.

use std::collections::HashMap;
use std::path::Path;

use toml::Spanned;
use toml::de::DeValue;
use up_sink::BuiltSink;
use up_sink::configure::BuildContext;
use up_sink::registry::{KINDS, SinkConfig};
use up_source::TlsClients;

use crate::diagnostics::Diagnostics;
use crate::read::{Table, TableContext, tables};
use crate::schema;
use crate::secrets::OPEN_SECRET;
use crate::secrets::SecretReader;
use crate::suggest;

/// Builds all sinks, and reports their mistakes. `open_to_others` is true if other users can read
/// up.toml.
pub(crate) fn plan(
    report: &mut Diagnostics<'_>,
    reader: &SecretReader,
    open_to_others: bool,
    sinks: Option<Spanned<DeValue<'_>>>,
) -> Vec<BuiltSink> {
    let mut planned = Vec::new();
    // The position of each sink, by its key.
    let mut seen: HashMap<String, usize> = HashMap::new();
    let clients = TlsClients::default();
    for table in tables(report, "sink", sinks).unwrap_or_default() {
        if report.gives_up() {
            break;
        }
        let at = table.span.clone();
        let Some(sink) = one(report, reader, &clients, open_to_others, table) else {
            continue;
        };
        let key = sink.key();
        if let Some(first) = seen.get(&key) {
            let line = report.line(*first);
            report.error(
                at,
                format!("this sink writes to the same place as the one in line {line}"),
                Some("remove one of them".into()),
            );
        } else {
            seen.insert(key, at.start);
            planned.push(sink);
        }
    }
    planned
}

/// Builds one sink. Returns `None` after a mistake, which was reported then.
fn one(
    report: &mut Diagnostics<'_>,
    reader: &SecretReader,
    clients: &TlsClients,
    open_to_others: bool,
    mut table: Table<'_>,
) -> Option<BuiltSink> {
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
        elsewhere: &schema::sink_types_with,
    };
    let config = table.read(report, &about, |keys| {
        SinkConfig::read(known, keys).expect("a kind of the list is read by the list")
    })?;
    let file = |path: &Path| reader.files().secret(path);
    let built = config.build(&BuildContext {
        secrets: reader,
        tls: clients,
        file: &file,
    });
    let mut plain = reader.take_seen().plain;
    plain.retain(|text| config.is_secret(text));
    if let (true, Some(at)) = (open_to_others, table.secret(&plain)) {
        report.warn(at, OPEN_SECRET);
    }
    match built {
        Ok(sink) => Some(sink),
        Err(problem) => {
            report.error(table.at(&problem.place()), problem.message, problem.help);
            None
        }
    }
}
