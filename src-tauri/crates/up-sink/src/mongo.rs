//! `type = "mongo"`: replicates the embedded store to a `MongoDB`. The sink has no queue: records
//! that the `MongoDB` lacks wait in the embedded store, and `up_history::mongo::Feed` writes them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use up_history::mongo::{MongoRetention, MongoStore};
use up_source::{ConfigProblem, Secret, SecretRef, WrittenDuration};

use crate::configure::{BuildContext, ConfigureSink, MongoDatabase, SinkRole};

/// Copies the embedded history to a MongoDB. `up watch` and `up-tray` do so all the time, a
/// one-shot check when it ends. While the MongoDB cannot be reached, the samples wait in the
/// embedded history.
///
/// ```toml
/// [[sink]]
/// type = "mongo"
/// uri = "mongodb://localhost:27017"
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MongoConfig {
    /// The URI of the server, with the user and password if it requires them:
    /// `"mongodb://localhost:27017"`, `{ env = "MONGO_URI" }`. Up refuses a server that names more
    /// than 50 hosts, or that sends more than 16 MiB at once.
    pub uri: SecretRef,
    /// The name of the database.
    #[serde(default = "default_database")]
    pub database: String,
    /// How long the MongoDB keeps unknown samples (`unknowns`) and the documents of agents that write
    /// no more (`agents`). At least `"1d"`. Default: `"400d"`.
    pub keep: Option<WrittenDuration>,
    /// How long the MongoDB keeps the samples of Ups in `statuses`. At least `"1d"`. Default: for ever.
    /// What the original wrote is never removed. To take this back, leave the key out and drop the
    /// index `up_expire` of `statuses`.
    pub keep_statuses: Option<WrittenDuration>,
}

/// The bounds of `keep` and `keep_statuses`.
const SHORTEST: Duration = Duration::from_hours(24);
const LONGEST: Duration = Duration::from_hours(24 * 10_000);
const KEEP: Duration = Duration::from_hours(24 * 400);

fn default_database() -> String {
    "up".into()
}

impl ConfigureSink for MongoConfig {
    fn build(
        &self,
        _kind: &'static str,
        context: &BuildContext<'_>,
    ) -> Result<SinkRole, ConfigProblem> {
        let of_uri = |why: String| ConfigProblem::new("uri", why);
        let uri = context.secrets.read(&self.uri).map_err(of_uri)?;
        let store = self.store(&uri)?;
        let within = |key, time: WrittenDuration| time.within(key, SHORTEST, LONGEST);
        let keep = MongoRetention {
            ours: Some(self.keep.map_or(Ok(KEEP), |time| within("keep", time))?),
            statuses: (self.keep_statuses)
                .map(|time| within("keep_statuses", time))
                .transpose()?,
        };
        let mut hasher = DefaultHasher::new();
        // The driver reads the certificate files by itself. They are read here too, so that a
        // missing file is reported, and a changed file makes the engine open the sink anew.
        for file in store.files() {
            (context.file)(file).map_err(of_uri)?.hash(&mut hasher);
        }
        Ok(SinkRole::Replicate(MongoDatabase {
            database: self.database.clone(),
            key: store.key().to_owned(),
            files: hasher.finish(),
            keep,
            uri,
        }))
    }

    /// A URI without credentials is no secret.
    fn is_secret(&self, text: &Secret) -> bool {
        text.reveal().contains('@') || text.reveal().contains("assword")
    }
}

impl MongoConfig {
    /// Opens the database as a store. This parses the URI and does not connect.
    fn store(&self, uri: &Secret) -> Result<MongoStore, ConfigProblem> {
        // The database's name is tried with a valid URI first, so that a mistake in it is reported
        // at its own key.
        MongoStore::open("mongodb://localhost", &self.database)
            .map_err(|error| ConfigProblem::new("database", error.message))?;
        MongoStore::open(uri.reveal(), &self.database).map_err(|error| {
            match error.message.split_once(": ") {
                Some((message, help)) => {
                    ConfigProblem::new("uri", format!("this {message}")).help(help)
                }
                None => ConfigProblem::new("uri", format!("this {}", error.message)),
            }
        })
    }
}
