//! What is known of a leaf, as it is kept over a restart.

use serde::{Deserialize, Serialize};

use super::{NodeState, World};
use crate::alert::Off;
use crate::judge::{Judge, SavedJudge, Turn, Verdict};
use crate::outline::NodeId;
use crate::sample::Timestamp;
use crate::state::clamped;

/// What is kept of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedLeaf {
    #[serde(flatten)]
    judge: SavedJudge,
    /// When the verdict began.
    since: Timestamp,
}

/// A leaf was last known before Up stopped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resumed {
    /// When Up stopped.
    pub(super) stopped: Timestamp,
    /// The date of the first sample after that which counted.
    pub(super) first: Option<Timestamp>,
}

impl World {
    /// What is kept of a leaf; `None` while nothing is believed of it.
    pub fn saved(&self, id: NodeId) -> Option<SavedLeaf> {
        let state = self.state(id);
        (state.judge.verdict() != Verdict::Unasked).then(|| SavedLeaf {
            judge: state.judge.saved(),
            since: state.since,
        })
    }

    /// Takes up what was known of a leaf when Up stopped. It was not asked since.
    pub fn restore(&mut self, id: NodeId, saved: SavedLeaf, stopped: Timestamp, now: Timestamp) {
        let state = &mut self.states[id.index()];
        state.judge = Judge::restored(saved.judge);
        state.since = clamped(saved.since, now);
        let (stopped, first) = (clamped(stopped, now), None);
        state.resumed = Some(Resumed { stopped, first });
        self.touch(id);
    }
}

impl NodeState {
    /// Takes note of a sample that counted and of what it turned, if anything. Says what was
    /// believed when Up stopped, if the turn began with the first sample after that.
    pub(super) fn resume(&mut self, date: Timestamp, turn: Option<Turn>) -> Option<Off> {
        let mut resumed = self.resumed?;
        let first = *resumed.first.get_or_insert(date);
        let (stopped, goes_on) = (resumed.stopped, turn.is_none() && self.judge.doubts());
        self.resumed = goes_on.then_some(resumed);
        let was = turn.filter(|turn| turn.date <= first)?.from;
        Some(Off { was, stopped })
    }
}
