//! `MongoDB`: fed from the embedded store, and asked as a store of its own. The original's
//! collections `statuses` and `annotations` keep their shape; `unknowns`, `agents`, `note_states`,
//! `rollups` and `runs` are ours.

mod agent_overview;
mod agents;
mod backfill;
mod batch;
mod changes;
mod cursor;
mod document;
mod explain;
mod extents;
mod feed;
mod fleet;
mod fleet_history;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod import;
mod incidents;
mod indexes;
mod note_states;
mod notes;
mod overview;
mod path_sums;
mod paths;
mod pump;
mod reading;
mod rebuild;
mod relay;
mod rollups;
mod samples;
mod series;
mod spans;
mod store;
mod sums;
mod target;

pub use agents::{Agent, AgentContact, AgentDuty, MOST_AGENTS};
pub use backfill::BackfillProgress;
pub use batch::BatchWriter;
pub use changes::{ChangesEnd, FleetChange};
pub use feed::{Drained, Feed, FeedState};
pub use fleet::{FleetReport, FleetScope, LatestSample, MOST_SAMPLES};
pub use fleet_history::{AgentHistory, FleetHistory, NO_AGENT};
pub use import::{DatabaseImportError, StagedDatabase};
pub use indexes::MongoRetention;
pub use reading::SharedRules;
pub use rollups::MongoRollups;
pub use store::MongoStore;

/// The original's samples, ours alike: `up` is a number.
const STATUSES: &str = "statuses";
/// The original's notes.
const ANNOTATIONS: &str = "annotations";
/// Samples whose `up` is null. Apart, because the original's readers average all of `statuses`.
const UNKNOWNS: &str = "unknowns";

/// The name of the node that says whether an agent writes.
pub const AGENT_NODE: &str = "agent";
