//! up.toml: text → raw → plan. Says what is wrong with a configuration, where, and what to write
//! instead.
//!
//! Room: everything that reads TOML or a secret. Nothing here asks a source or waits.

pub mod plan;

pub use plan::{HistoryPlan, Plan, PlannedProbe, PlannedSink, PlannedTree};
