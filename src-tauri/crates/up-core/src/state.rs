//! State over restarts: what was judged and told, in a form that can be kept and read back.
//!
//! Room: the shapes of it, keyed by path, in wall-clock times. Each part of the watch turns itself
//! into one of these and back (`judge/saved.rs`, `world/saved.rs`, `alert/dispatcher/saved.rs`,
//! `watch/saved.rs`). Where they are kept is the engine's affair. A new field needs a default, and
//! a change of meaning a new [`VERSION`].

pub use crate::alert::{
    SavedAlerts, SavedFormer, SavedIncident, SavedMember, SavedNotice, SavedOff,
};
pub use crate::judge::{SavedJudge, SavedVerdict};
pub use crate::world::{SavedLeaf, SavedTree};

/// The version of these shapes. A state of a newer version is not read.
pub const VERSION: i64 = 1;
