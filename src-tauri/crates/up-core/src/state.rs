//! The state that outlasts a restart: verdicts and incidents, in a form that can be saved and
//! restored.
//!
//! Room: the shapes, keyed by path, with wall-clock times. Each part of the watch converts itself
//! to one of them and back (`judge/saved.rs`, `world/saved.rs`, `alert/dispatcher/saved.rs`,
//! `watch/saved.rs`). The engine decides where they are stored. A new field needs a default, and a
//! change of meaning needs a new [`VERSION`].

pub use crate::alert::{
    SavedAlerts, SavedFormer, SavedIncident, SavedMember, SavedNotice, SavedOff,
};
pub use crate::judge::{SavedJudge, SavedVerdict};
pub use crate::world::{SavedLeaf, SavedTree};

/// The version of these shapes. A state of a newer version is not read.
pub const VERSION: i64 = 1;
