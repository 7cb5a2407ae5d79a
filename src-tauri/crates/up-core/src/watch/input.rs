//! What happens to the watch, and what follows from it.

use std::time::Duration;

use crate::change::Change;
use crate::connectivity::{ConnectivityEvent, ReferenceRequest};
use crate::control::{Control, Controls};
use crate::hold::Hold;
use crate::mood::Mood;
use crate::notice::Notice;
use crate::outline::NodeId;
use crate::sample::{Sample, Timestamp};

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A source answered.
    Sampled {
        /// Which.
        node: NodeId,
        /// What.
        sample: Sample,
        /// Why it says itself that it is not to be scored now.
        hold: Option<Hold>,
    },
    /// A source would only have said again what it said: that confirms nothing.
    Echoed(NodeId),
    /// A person asks for this.
    Control(Control),
    /// This is all that people asked for, as it was kept.
    Controls(Controls),
    /// News of our own network.
    Network(ConnectivityEvent),
    /// The machine goes to sleep.
    Asleep,
    /// It woke, after so long where that is known.
    Awake(Option<Duration>),
    /// A person wants another mood.
    Mood(Mood),
    /// Time has passed; wanted at [`super::Watch::due`].
    Tick,
}

/// What follows from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WatchOutput {
    /// Verdicts that differ from the last ones.
    pub changes: Vec<Change>,
    /// What people are told.
    pub notices: Vec<Notice>,
    /// Samples for the history: those that count. They may be earlier ones, which had to wait.
    pub kept: Vec<(NodeId, Sample)>,
    /// References and resolvers to ask at once.
    pub ask: Vec<ReferenceRequest>,
    /// Sources to ask again, and how soon.
    pub recheck: Vec<(NodeId, Duration)>,
    /// Acknowledgements that are over: of which path, and since when each was in force.
    pub over: Vec<(String, Timestamp)>,
}
