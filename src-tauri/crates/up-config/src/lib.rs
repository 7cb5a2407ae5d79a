//! up.toml: text → raw → plan. Says what is wrong with a configuration, where, and what to write
//! instead.
//!
//! Room: everything that reads TOML or a secret. Nothing here asks a source, and nothing waits but
//! for files and the keyring, each with a bound.

mod de;
mod depends;
mod diagnostics;
mod error;
mod explain;
mod files;
mod fingerprint;
mod key_error;
mod keyring;
mod keys;
mod load;
mod maintenance;
mod mask;
mod names;
mod nesting;
mod place;
pub mod plan;
mod read;
mod recovery;
mod reference;
mod reference_groups;
mod schema;
mod secrets;
mod settings;
mod sinks;
mod sources;
mod starter;
mod suggest;
mod syntax;
mod text;

pub use error::{ConfigError, Location, Mistake};
pub use explain::{ExplainError, Setting, SourceSettings, explain, in_toml};
pub use load::{Loaded, Loader, load, load_text};
pub use place::{ConfigFile, Located, data_dir, locate, user_config_file};
pub use plan::{HistoryPlan, NetworkPlan, Plan, PlannedCircle, PlannedProbe, PlannedTree};
pub use reference::reference;
pub use schema::schema;
pub use starter::starter;
pub use up_source::WrittenDuration;

/// The word of a list nearest to what somebody wrote, when one is near.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    suggest::nearest(word, known)
}
