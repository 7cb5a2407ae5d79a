//! Reads up.toml: text → raw → plan. For each mistake in a configuration, it reports the location,
//! what is wrong, and what to write instead.
//!
//! Room: everything that reads TOML or a secret. Nothing here checks a source. It waits only for
//! files and the keyring, and both have a time limit.

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
mod labels;
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
pub use labels::{Opener, SourceLabels, Tags};
pub use load::{Loaded, Loader, as_argument, load, load_text};
pub use place::{ConfigFile, Located, config_dir, data_dir, locate, user_config_file};
pub use plan::{HistoryPlan, NetworkPlan, Plan, PlannedProbe, PlannedReferenceGroup, PlannedTree};
pub use reference::reference;
pub use schema::schema;
pub use secrets::read_secret;
pub use starter::starter;
pub use up_source::{Secret, WrittenDuration};

/// The word in `known` that is most similar to `word`, if one is similar enough.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    suggest::nearest(word, known)
}
