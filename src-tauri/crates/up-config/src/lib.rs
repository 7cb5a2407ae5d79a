//! up.toml: text → raw → plan. Says what is wrong with a configuration, where, and what to write
//! instead.
//!
//! Room: everything that reads TOML or a secret. Nothing here asks a source or waits.

mod error;
mod fingerprint;
mod keys;
mod load;
mod names;
mod nesting;
mod period;
mod place;
pub mod plan;
mod read;
mod rephrase;
mod report;
mod secrets;
mod settings;
mod sinks;
mod sources;
mod starter;
mod suggest;
mod text;

pub use error::{ConfigError, Mistake, Place};
pub use load::{load, load_text};
pub use place::{Located, data_dir, locate, user_config_file};
pub use plan::{HistoryPlan, NetworkPlan, Plan, PlannedProbe, PlannedSink, PlannedTree};
pub use starter::starter;
