//! What is known of a leaf, as it is kept over a restart.

use serde::{Deserialize, Serialize};

use super::{NodeState, World};
use crate::change::Off;
use crate::judge::{Judge, SavedJudge, SavedVerdict, Transition, Verdict};
use crate::moment::clamped;
use crate::outline::NodeId;
use crate::sample::Timestamp;

/// What is kept of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedLeaf {
    #[serde(flatten)]
    judge: SavedJudge,
    /// When the verdict began.
    since: Timestamp,
}

/// What is kept of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedTree {
    level: SavedVerdict,
    /// When it came to that level.
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

    /// What is kept of a tree; `None` while it has no level.
    pub fn saved_tree(&self, id: NodeId) -> Option<SavedTree> {
        let since = self.state(id).since;
        let level = Verdict::At(self.level(id)?).into();
        Some(SavedTree { level, since })
    }

    /// Takes up since when a tree was at its level when Up stopped. It holds if the first round
    /// finds it there.
    pub fn restore_tree(&mut self, id: NodeId, saved: SavedTree, now: Timestamp) {
        let level = Verdict::from(saved.level).level();
        let since = clamped(saved.since, now);
        self.states[id.index()].before = level.map(|level| (level, since));
    }

    /// Everything was asked since the start: what trees were before it counts no more.
    pub fn forget_before(&mut self) {
        for state in &mut self.states {
            state.before = None;
        }
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
    pub(super) fn resume(&mut self, date: Timestamp, turn: Option<Transition>) -> Option<Off> {
        let mut resumed = self.resumed?;
        let first = *resumed.first.get_or_insert(date);
        let (stopped, goes_on) = (resumed.stopped, turn.is_none() && self.judge.doubts());
        self.resumed = goes_on.then_some(resumed);
        let was = turn.filter(|turn| turn.date <= first)?.from;
        Some(Off { was, stopped })
    }
}
