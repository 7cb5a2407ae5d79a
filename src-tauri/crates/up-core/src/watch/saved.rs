//! The watch over a restart: which part of the saved state has changed, and how the watch goes on
//! from a saved state.

use std::collections::BTreeSet;

use super::{Moment, Watch};
use crate::control::Controls;
use crate::judge::Verdict;
use crate::outline::NodeId;
use crate::state::SavedAlerts;
use crate::world::World;

/// The part of the saved state that changed since the last [`Watch::take_unsaved`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsaved {
    /// The leaves whose verdict changed.
    pub leaves: BTreeSet<NodeId>,
    /// True when the outline changed: every leaf may be another.
    pub outline: bool,
    /// True when the incidents, or the notices that are due, may have changed.
    pub alerts: bool,
}

impl Unsaved {
    /// True when anything changed.
    pub fn is_any(&self) -> bool {
        self.alerts || self.outline || !self.leaves.is_empty()
    }

    /// The outline is another.
    pub(super) fn outline_changed(&mut self) {
        (self.outline, self.alerts) = (true, true);
        self.leaves.clear();
    }

    /// Notes that a leaf's verdict, or what people know of it, may have changed.
    pub(super) fn leaf(&mut self, node: NodeId) {
        self.leaves.insert(node);
        self.alerts = true;
    }
}

impl Watch {
    /// Returns what changed since the last call.
    pub fn take_unsaved(&mut self) -> Unsaved {
        std::mem::take(&mut self.unsaved)
    }

    /// What changed since the last [`Watch::take_unsaved`].
    pub fn unsaved(&self) -> &Unsaved {
        &self.unsaved
    }

    /// Those of these leaves that have no first sample. A leaf with a saved verdict counts as
    /// checked, unless a notice of it is due: its outage may be over by now.
    pub(super) fn never_checked(&self, world: &World, leaves: &[NodeId]) -> BTreeSet<NodeId> {
        let gathered: BTreeSet<NodeId> = self.dispatcher.gathered().collect();
        let is_new = |id: &NodeId| {
            let state = world.state(*id);
            let is_known = state.judge.believed() != Verdict::Unasked;
            state.sample.is_none() && (!is_known || gathered.contains(id))
        };
        leaves.iter().copied().filter(is_new).collect()
    }

    /// True while a notice is due at the next input, whichever that is: a state that is saved now
    /// would not contain it.
    pub fn is_about_to_tell(&self) -> bool {
        self.dispatcher.is_ready()
    }

    /// The saved state of incidents and notices. That of the leaves is [`World::saved`].
    pub fn saved(&self, world: &World, now: Moment) -> SavedAlerts {
        self.dispatcher.saved(world, now)
    }

    /// Goes on from a saved state, with these controls. The leaves were [`World::restore`]d before,
    /// and [`Watch::take_up`] follows. `to` finds the node of a path, if it is still the same source.
    pub fn restore(
        &mut self,
        world: &World,
        (saved, controls): (&SavedAlerts, Controls),
        now: Moment,
        to: impl Fn(&str) -> Option<NodeId>,
    ) {
        self.dispatcher.restore(saved, now, to);
        self.dispatcher.could_not_see(world, now);
        // Before the silenced sources are determined: one that is still silenced is not notified anew.
        self.controls.restore(world, controls);
        self.unsaved.outline = true;
    }
}
