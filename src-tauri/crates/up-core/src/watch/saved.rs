//! The watch over a restart: what of it has changed and is to be kept, and how it goes on from what
//! was kept.

use std::collections::BTreeSet;

use super::{Moment, Watch};
use crate::control::Controls;
use crate::judge::Verdict;
use crate::outline::NodeId;
use crate::state::SavedAlerts;
use crate::world::World;

/// What changed since it was last asked, of what is to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsaved {
    /// Leaves of which another thing is believed.
    pub leaves: BTreeSet<NodeId>,
    /// Every leaf may be another: the outline is.
    pub outline: bool,
    /// What people were told, or are to be told, may be another.
    pub alerts: bool,
}

impl Unsaved {
    /// True when there is anything.
    pub fn is_any(&self) -> bool {
        self.alerts || self.outline || !self.leaves.is_empty()
    }

    /// The outline is another.
    pub(super) fn moved(&mut self) {
        (self.outline, self.alerts) = (true, true);
        self.leaves.clear();
    }

    /// What is believed of a leaf, or told of it, may be another.
    pub(super) fn leaf(&mut self, node: NodeId) {
        self.leaves.insert(node);
        self.alerts = true;
    }
}

impl Watch {
    /// Says what changed since this was last asked, and begins anew.
    pub fn take_unsaved(&mut self) -> Unsaved {
        std::mem::take(&mut self.unsaved)
    }

    /// What changed since [`Watch::take_unsaved`].
    pub fn unsaved(&self) -> &Unsaved {
        &self.unsaved
    }

    /// Those of these that never answered. One that was known before a restart counts as asked,
    /// unless it is to be told of: it may be over by now.
    pub(super) fn never_asked(&self, world: &World, leaves: &[NodeId]) -> BTreeSet<NodeId> {
        let gathered: BTreeSet<NodeId> = self.dispatcher.gathered().collect();
        let is_new = |id: &NodeId| {
            let state = world.state(*id);
            let is_known = state.judge.believed() != Verdict::Unasked;
            state.sample.is_none() && (!is_known || gathered.contains(id))
        };
        leaves.iter().copied().filter(is_new).collect()
    }

    /// True while something is to be told at the next input, whatever that is: what is kept now
    /// would not hold it.
    pub fn is_about_to_tell(&self) -> bool {
        self.dispatcher.is_ready()
    }

    /// What is kept of what people were told and are to be told. What is known of leaves is
    /// [`World::saved`].
    pub fn saved(&self, world: &World, now: Moment) -> SavedAlerts {
        self.dispatcher.saved(world, now)
    }

    /// Goes on from what was kept, with what people asked for; leaves were [`World::restore`]d
    /// before. `to` finds the node of a path, where it is the same source still.
    /// [`Watch::take_up`] follows.
    pub fn restore(
        &mut self,
        world: &World,
        (saved, controls): (&SavedAlerts, Controls),
        now: Moment,
        to: impl Fn(&str) -> Option<NodeId>,
    ) {
        self.dispatcher.restore(saved, now, to);
        self.dispatcher.could_not_see(world, now);
        // Before it is looked at who is silenced: what is silenced still is not told anew.
        self.controls.replace(world, controls);
        self.unsaved.outline = true;
    }
}
