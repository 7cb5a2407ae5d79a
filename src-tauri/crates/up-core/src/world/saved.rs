//! Saves and restores what is known of a leaf or tree.

use serde::{Deserialize, Serialize};

use super::{NodeState, World};
use crate::change::Off;
use crate::judge::{Beginning, Judge, SavedJudge, SavedVerdict, Transition, Verdict};
use crate::moment::clamped;
use crate::outline::NodeId;
use crate::sample::Timestamp;

/// The saved state of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedLeaf {
    #[serde(flatten)]
    judge: SavedJudge,
}

/// The saved state of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedTree {
    level: SavedVerdict,
    /// When the level began.
    since: Timestamp,
    /// Whether the level was seen beginning. A state that does not say so claims nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    observed: bool,
}

/// A leaf whose state was restored after a restart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resumed {
    /// When Up stopped.
    pub(super) stopped: Timestamp,
    /// The date of the first sample after the restart that counted.
    pub(super) first: Option<Timestamp>,
}

impl World {
    /// The state of a leaf in the form that is saved; `None` while it has no verdict.
    pub fn saved(&self, id: NodeId) -> Option<SavedLeaf> {
        let state = self.state(id);
        (state.judge.verdict() != Verdict::Unasked).then(|| SavedLeaf {
            judge: state.judge.saved(),
        })
    }

    /// The state of a tree in the form that is saved; `None` while it has no level.
    pub fn saved_tree(&self, id: NodeId) -> Option<SavedTree> {
        let since = self.state(id).since();
        let level = Verdict::At(self.level(id)?).into();
        Some(SavedTree {
            level,
            since: since.date,
            observed: since.is_observed,
        })
    }

    /// Restores since when a tree was at its level when Up stopped. It holds if the first round of
    /// checks finds the tree at the same level.
    pub fn restore_tree(&mut self, id: NodeId, saved: SavedTree, now: Timestamp) {
        let level = Verdict::from(saved.level).level();
        let since = Beginning {
            date: clamped(saved.since, now),
            is_observed: saved.observed,
        };
        self.states[id.index()].before = level.map(|level| (level, since));
    }

    /// Forgets the restored levels of trees, once every source has been checked.
    pub fn forget_before(&mut self) {
        for state in &mut self.states {
            state.before = None;
        }
    }

    /// Restores the state of a leaf, which has not been checked since Up stopped.
    pub fn restore(&mut self, id: NodeId, saved: SavedLeaf, stopped: Timestamp, now: Timestamp) {
        let state = &mut self.states[id.index()];
        state.judge = Judge::restored(saved.judge, now);
        let (stopped, first) = (clamped(stopped, now), None);
        state.resumed = Some(Resumed { stopped, first });
        self.touch(id);
    }
}

impl NodeState {
    /// Processes a sample that counted and the change that it made, if any. Returns the verdict
    /// when Up stopped, if the change began with the first sample after the restart.
    pub(super) fn resume(&mut self, date: Timestamp, turn: Option<Transition>) -> Option<Off> {
        let mut resumed = self.resumed?;
        let first = *resumed.first.get_or_insert(date);
        let (stopped, goes_on) = (resumed.stopped, turn.is_none() && self.judge.doubts());
        self.resumed = goes_on.then_some(resumed);
        let was = turn.filter(|turn| turn.began.date <= first)?.from;
        Some(Off { was, stopped })
    }
}
