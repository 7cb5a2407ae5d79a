//! Counts the leaves of a tree by their state, and decides which hold the tree is shown under.
//!
//! Room: pure. Every program shows a held tree by this one rule: the command line, its JSON, the
//! tray and the panel.

use crate::hold::Hold;
use crate::outline::NodeId;
use crate::status::Level;
use crate::world::World;

/// The number of leaves in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// All leaves.
    pub leaves: usize,
    /// The leaves whose level is red.
    pub down: usize,
    /// The leaves that are held because this machine's network is gone.
    pub offline: usize,
    /// The leaves that are paused or under maintenance.
    pub aside: usize,
    /// The leaves that are held because something that they depend on is down.
    pub unreachable: usize,
}

impl Census {
    /// Counts the leaves at and below a node.
    pub fn of(world: &World, node: NodeId) -> Self {
        let mut census = Self::default();
        let mut open = vec![node];
        while let Some(id) = open.pop() {
            let node = world.outline().node(id);
            open.extend(&node.children);
            if node.is_tree() {
                continue;
            }
            let state = world.state(id);
            census.leaves += 1;
            match state.hold {
                Some(Hold::Paused | Hold::Maintenance) => census.aside += 1,
                Some(Hold::Offline) => census.offline += 1,
                Some(Hold::Unreachable) => census.unreachable += 1,
                None if is_red(state.level()) => census.down += 1,
                None => {}
            }
        }
        census
    }

    /// The census of the whole tree, and the hold that the whole tree is shown under.
    pub fn and_hold(world: &World) -> (Self, Option<Hold>) {
        if world.outline().is_empty() {
            return (Self::default(), None);
        }
        let root = world.outline().root();
        let census = Self::of(world, root);
        (census, census.hold(world, root))
    }

    /// The hold that a node is shown under: its own, or else the one that all its leaves are under.
    /// While this machine's network is gone, a tree is also shown as offline if at least half of the
    /// leaves that count are offline and the level of the others is up or unknown. The few sources
    /// that can still be checked must not make the whole tree look well.
    pub fn hold(self, world: &World, node: NodeId) -> Option<Hold> {
        if self.leaves == 0 {
            return None;
        }
        let node = world.state(node);
        let counted = self.leaves - self.aside;
        let well = node.level().is_none_or(|level| level == Level::Up);
        if node.hold.is_some() {
            node.hold
        } else if self.offline > 0 && well && self.offline * 2 >= counted {
            Some(Hold::Offline)
        } else if self.aside > 0 && counted == 0 {
            Some(Hold::Paused)
        } else if self.unreachable > 0 && self.unreachable == counted {
            Some(Hold::Unreachable)
        } else {
            None
        }
    }
}

fn is_red(level: Option<Level>) -> bool {
    matches!(level, Some(Level::Down | Level::MostlyDown))
}

/// The hold that a node is shown under: a leaf's own, or for a tree what [`Census::hold`] says.
pub fn shown_hold(world: &World, node: NodeId) -> Option<Hold> {
    if world.outline().node(node).is_leaf() {
        return world.state(node).hold;
    }
    Census::of(world, node).hold(world, node)
}
