//! The interface of a sink type's configuration: its keys, and the sink that they describe.

use std::path::Path;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use up_history::mongo::MongoRetention;
use up_source::{ConfigProblem, Secret, Secrets, TlsClients};

use crate::alert_sink::AlertSink;

/// A sink type's configuration: its keys in up.toml beside `type`. The doc comment of the type is
/// its description in the manual.
pub trait ConfigureSink: DeserializeOwned + JsonSchema + Clone + PartialEq {
    /// Builds the sink, and checks what the types of the keys could not. `kind` is its `type`.
    fn build(
        &self,
        kind: &'static str,
        context: &BuildContext<'_>,
    ) -> Result<SinkRole, ConfigProblem>;

    /// True if the given text of a key that may hold a secret really is one. Up then warns about a
    /// configuration file that other users may read.
    fn is_secret(&self, _text: &Secret) -> bool {
        true
    }
}

/// What a sink type builds its sink from.
pub struct BuildContext<'a> {
    /// Reads secrets.
    pub secrets: &'a dyn Secrets,
    /// The TLS settings that sinks share with sources.
    pub tls: &'a TlsClients,
    /// Reads a file that a key names, and watches it for changes.
    pub file: &'a dyn Fn(&Path) -> Result<Secret, String>,
}

/// A configured sink.
#[derive(Clone, Debug, PartialEq)]
pub struct BuiltSink {
    /// The sink's `type`.
    pub kind: &'static str,
    /// What the engine does for the sink.
    pub role: SinkRole,
}

/// What the engine does for a sink.
#[derive(Clone, Debug, PartialEq)]
pub enum SinkRole {
    /// Prints on standard output.
    Print,
    /// Records the samples of a one-shot check in the embedded store.
    Record,
    /// Replicates the embedded store to a `MongoDB`.
    Replicate(MongoDatabase),
    /// Delivers notices to another program.
    Alert(AlertSink),
}

/// A database that the embedded store is replicated to.
#[derive(Clone, PartialEq)]
pub struct MongoDatabase {
    /// The URI, with its credentials.
    pub uri: Secret,
    /// The name of the database.
    pub database: String,
    /// The hosts and the database, without credentials.
    pub key: String,
    /// A hash over the certificate files that the URI names.
    pub files: u64,
    /// How long what is written there is kept.
    pub keep: MongoRetention,
}

// The hosts of a mistyped URI may contain its password.
up_core::opaque_debug!(MongoDatabase);

impl BuiltSink {
    /// The identity of the place that the sink writes to. It may contain a secret and is never
    /// shown.
    pub fn key(&self) -> String {
        match &self.role {
            SinkRole::Print | SinkRole::Record => self.kind.to_owned(),
            SinkRole::Replicate(database) => database.key.clone(),
            SinkRole::Alert(sink) => sink.key(),
        }
    }

    /// The sink that delivers notices, if it is one.
    pub fn alert(&self) -> Option<&AlertSink> {
        match &self.role {
            SinkRole::Alert(sink) => Some(sink),
            _ => None,
        }
    }

    /// The database that the embedded store is replicated to, if the sink is one.
    pub fn replica(&self) -> Option<&MongoDatabase> {
        match &self.role {
            SinkRole::Replicate(database) => Some(database),
            _ => None,
        }
    }
}
