//! The world: the outline, and each node's last sample, verdict and beats. Trees are folded by
//! [`World::settle`], not at each sample, so that many samples at once cost one fold.

mod names;
mod reconcile;
mod recorded;
mod saved;
mod settle;

pub use names::{Allowance, COMPONENT_NAMES, OWN_NAMES};
pub use reconcile::Reconciled;
pub use saved::{SavedLeaf, SavedTree};
pub use settle::TreeTiming;

use std::sync::Arc;

use self::names::SourceNames;
use self::saved::Resumed;
use crate::change::Change;
use crate::hold::{Hold, Holds};
use crate::judge::{Beginning, Judge, Rules, Verdict};
use crate::outline::{NodeId, Outline};
use crate::sample::{Sample, Timestamp};
use crate::status::{Level, Status};

/// The number of beats that are remembered for the bar beside a source.
pub const BEATS: usize = 30;

/// One node's state.
#[derive(Clone, Debug, Default)]
pub struct NodeState {
    /// The last sample. A tree's is folded from its children's.
    pub sample: Option<Sample>,
    /// Why the node is not scored now: a hold that was set, or else the one that the source
    /// reports.
    pub hold: Option<Hold>,
    /// Why the source reports that it is not to be scored now.
    pub reported: Option<Hold>,
    /// The judge of the node's samples. Trees are not judged: only leaves fall.
    pub judge: Judge,
    /// The world's revision when anything about this node last changed.
    pub revision: u64,
    /// The holds that were set by [`World::hold`].
    set: Holds,
    beats: Beats,
    /// The names that the source has reported for itself and its components.
    own_names: Option<Box<SourceNames>>,
    component_names: Option<Box<SourceNames>>,
    /// Set as long as the verdict is still the one that was believed when Up stopped.
    resumed: Option<Resumed>,
    /// For a tree: when its level began.
    level_since: Option<Beginning>,
    /// For a tree: how many of its children had a status when it was last folded.
    scored: usize,
    /// For a tree, until every source has been checked: its level when Up stopped, and since when.
    before: Option<(Level, Beginning)>,
}

/// The levels of the last samples, oldest first; `None` is unknown.
#[derive(Clone, Debug, Default)]
struct Beats {
    levels: Vec<Option<Level>>,
}

impl Beats {
    fn push(&mut self, level: Option<Level>) {
        if self.levels.len() == BEATS {
            self.levels.remove(0);
        }
        self.levels.push(level);
    }
}

impl NodeState {
    /// The status that counts: `None` when it is unknown or held, and before the first check.
    pub fn status(&self) -> Option<Status> {
        if self.hold.is_some() {
            return None;
        }
        self.sample.as_ref().and_then(|sample| sample.status)
    }

    /// The level of [`NodeState::status`].
    pub fn level(&self) -> Option<Level> {
        self.status().map(Status::level)
    }

    /// When the node began to be at the level that is shown. For a leaf, that is the date of the
    /// first sample that showed it, even while it is not believed.
    pub fn since(&self) -> Beginning {
        self.level_since.unwrap_or_else(|| self.judge.shown_since())
    }

    /// The levels of the last samples, oldest first, at most [`BEATS`].
    pub fn beats(&self) -> &[Option<Level>] {
        &self.beats.levels
    }
}

/// What became of a name that a source reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Nothing changed: the source has the name already, or may not have it.
    Same,
    /// The source has the name now.
    New,
    /// The source has reported too many names, and keeps the one that it has.
    Refused,
}

/// The outline, and the state of its nodes.
#[derive(Clone, Debug)]
pub struct World {
    outline: Outline,
    /// The states, by the index of the node's key.
    states: Vec<NodeState>,
    /// The trees to fold again, by the index of the node's key.
    dirty: Vec<bool>,
    any_dirty: bool,
    revision: u64,
    shape: u64,
}

impl World {
    /// A world whose nodes have no samples yet.
    pub fn new(outline: Outline) -> Self {
        let count = outline.slots();
        let states = vec![NodeState::default(); count];
        Self {
            outline,
            states,
            dirty: vec![true; count],
            any_dirty: true,
            revision: 0,
            shape: 0,
        }
    }

    /// The outline.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// The state of a node.
    pub fn state(&self, id: NodeId) -> &NodeState {
        &self.states[id.index()]
    }

    /// Grows with every change. Compare it with [`NodeState::revision`] to find what changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Grows when the outline changes: a node got another path, or nodes were added or removed.
    pub fn shape(&self) -> u64 {
        self.shape
    }

    /// The level that counts for a node.
    pub fn level(&self, id: NodeId) -> Option<Level> {
        self.state(id).level()
    }

    /// Applies a leaf's sample. Returns the change if the verdict changed.
    pub fn apply(&mut self, id: NodeId, sample: Sample) -> Option<Change> {
        let down_after = self.outline.node(id).rules.down_after;
        self.apply_after(id, sample, down_after)
    }

    /// Like [`World::apply`], with another number of failures in a row in place of `down_after`.
    pub fn apply_after(&mut self, id: NodeId, sample: Sample, down_after: u32) -> Option<Change> {
        let rules = Rules {
            down_after,
            ..self.outline.node(id).rules
        };
        let state = &mut self.states[id.index()];
        let (status, cause, date) = (sample.status, sample.cause.clone(), sample.date);
        let since = state.judge.verdict_since();
        state.sample = Some(sample);
        let turn = if state.hold.is_some() {
            None
        } else {
            state.beats.push(status.map(Status::level));
            state.judge.observe(&rules, status, date)
        };
        let off = match state.hold {
            None => state.resume(date, turn),
            Some(_) => None,
        };
        self.touch(id);
        let turn = turn?;
        let to = self.state(id).judge.verdict();
        Some(Change {
            node: id,
            path: Arc::clone(&self.outline.node(id).path),
            from: turn.from,
            to,
            status,
            cause,
            date: turn.began.date,
            is_observed: turn.began.is_observed,
            since,
            off,
        })
    }

    /// Gives an unnamed leaf the name that its source reported at `now`. If the source reports too
    /// many names ([`OWN_NAMES`]), the leaf keeps the name that it has.
    pub fn name_itself(&mut self, id: NodeId, name: &str, now: Timestamp) -> Naming {
        let Some(name) = self.outline.new_name(id, name) else {
            return Naming::Same;
        };
        let names = &mut self.states[id.index()].own_names;
        let names = names.get_or_insert_with(|| Box::new(SourceNames::new(OWN_NAMES)));
        if !names.admit(&name, now) {
            return Naming::Refused;
        }
        self.rename(id, &name);
        Naming::New
    }

    /// Gives an unnamed leaf a name. Returns true when its path changed.
    pub fn rename(&mut self, id: NodeId, name: &str) -> bool {
        let renamed = self.outline.rename(id, name);
        if renamed {
            self.shape += 1;
            self.stamp(id);
        }
        renamed
    }

    /// Sets or removes one reason to hold a node; other reasons stay. Returns true when that
    /// changed whether the node is scored.
    pub fn hold(&mut self, id: NodeId, reason: Hold, held: bool) -> bool {
        let state = &mut self.states[id.index()];
        let before = state.hold;
        if !state.set.set(reason, held) {
            return false;
        }
        state.hold = state.set.strongest().or(state.reported);
        state.judge.interrupt();
        let (is, was) = (state.hold.is_some(), before.is_some());
        self.touch(id);
        is != was
    }

    /// Starts a leaf's rows anew, because its samples were interrupted.
    pub fn interrupt(&mut self, id: NodeId) {
        self.states[id.index()].judge.interrupt();
        self.stamp(id);
    }

    /// Forgets a leaf's verdict. Its next samples are judged like its first.
    pub fn forget(&mut self, id: NodeId) {
        self.states[id.index()].judge = Judge::default();
        self.stamp(id);
    }

    /// Sets the hold that a source reports, or removes it. Call it before the sample is applied, so
    /// that a held sample is not judged.
    pub fn report(&mut self, id: NodeId, hold: Option<Hold>) {
        let state = &mut self.states[id.index()];
        if state.reported == hold {
            return;
        }
        state.reported = hold;
        state.hold = state.set.strongest().or(hold);
        self.touch(id);
    }

    /// Records a tree's beat. Call it at the tree's interval; a leaf's beat is recorded with its
    /// sample.
    pub fn beat(&mut self, id: NodeId) {
        let level = self.level(id);
        self.states[id.index()].beats.push(level);
        self.stamp(id);
    }

    /// Takes over the state of each node that has the same key in `old`, and the name that a source
    /// reported for itself. A tree, whose key never stays, is the one of the same path.
    pub fn take_over(&mut self, old: &Self) {
        for id in self.outline.ids().filter(|id| old.outline.has(*id)) {
            let (revision, state) = (self.state(id).revision, old.state(id).clone());
            self.states[id.index()] = NodeState { revision, ..state };
            if !self.outline.node(id).named {
                self.rename(id, &old.outline.node(id).name);
            }
        }
        let is_new = |id: &NodeId| self.outline.node(*id).is_tree() && !old.outline.has(*id);
        for id in self.outline.ids().filter(is_new).collect::<Vec<_>>() {
            let before = old.outline.find(&self.outline.node(id).path);
            let before = before.filter(|before| old.outline.node(*before).is_tree());
            if let Some(before) = before.map(|before| old.state(before)) {
                let state = &mut self.states[id.index()];
                state.sample.clone_from(&before.sample);
                state.beats = before.beats.clone();
                (state.level_since, state.scored) = (before.level_since, before.scored);
            }
        }
    }

    fn touch(&mut self, id: NodeId) {
        self.any_dirty = true;
        self.stamp(id);
        let mut at = Some(id);
        while let Some(id) = at {
            if std::mem::replace(&mut self.dirty[id.index()], true) {
                // Whoever marked this node has also marked all nodes above it.
                break;
            }
            at = self.outline.node(id).parent;
        }
    }

    fn stamp(&mut self, id: NodeId) {
        self.revision += 1;
        self.states[id.index()].revision = self.revision;
    }

    /// The verdict on a leaf; for a tree, the verdict that its folded level corresponds to.
    pub fn verdict(&self, id: NodeId) -> Verdict {
        if !self.outline.node(id).is_tree() {
            return self.state(id).judge.verdict();
        }
        match &self.state(id).sample {
            None => Verdict::Unasked,
            Some(_) => self.level(id).map_or(Verdict::Unknown, Verdict::At),
        }
    }
}
