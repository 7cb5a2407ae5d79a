//! Every kind of sink that up.toml may name, once.

use schemars::JsonSchema;
use serde::Deserialize;
use up_source::SecretRef;

/// One `[[sink]]`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SinkConfig {
    /// Prints the tree of a one-shot check, or the changes of a watch.
    Stdout,
    /// Keeps samples in the embedded store also for a one-shot check; `up watch` and `up-tray`
    /// always do.
    History,
    /// Writes to a MongoDB, by way of the embedded store.
    Mongo(MongoConfig),
}

/// `type = "mongo"`
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MongoConfig {
    /// Where it is: `mongodb://host:27017`, with credentials if it wants some.
    pub uri: SecretRef,
    /// The database's name; `up` unless said otherwise.
    #[serde(default = "default_database")]
    pub database: String,
}

fn default_database() -> String {
    "up".into()
}
