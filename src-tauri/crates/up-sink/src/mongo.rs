//! A `MongoDB`: its keys in up.toml. There is no sink to queue for: what is due to a `MongoDB` waits
//! in the embedded store, and `up_history::mongo::Feed` takes it there.

use schemars::JsonSchema;
use up_source::SecretRef;

/// `type = "mongo"`
#[derive(Clone, Debug, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MongoConfig {
    /// Where it is: `mongodb://host:27017`, with credentials if it wants some. A server that
    /// names more than 50 hosts, or sends more than 16 MiB at once, is not spoken to.
    pub uri: SecretRef,
    /// The database's name; `up` unless said otherwise.
    #[serde(default = "default_database")]
    pub database: String,
}

fn default_database() -> String {
    "up".into()
}
