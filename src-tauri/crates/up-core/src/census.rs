//! The leaves of a tree by what is known of them, and the hold that the tree is shown under.
//!
//! Room: pure. Every program shows a held tree by this one rule: the command line, its JSON, the
//! tray and the panel.

use crate::hold::Hold;
use crate::outline::NodeId;
use crate::status::Level;
use crate::world::World;

/// The leaves, by what is known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// All of them.
    pub leaves: usize,
    /// Those whose level is red.
    pub down: usize,
    /// Those held because our own network is gone.
    pub offline: usize,
    /// Those that a person or a maintenance window has set aside.
    pub aside: usize,
    /// Those that are held because what they depend on is down.
    pub unreachable: usize,
}

impl Census {
    /// Those at and below a node.
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

    /// That of the whole tree, and the hold that the whole tree is shown under.
    pub fn and_hold(world: &World) -> (Self, Option<Hold>) {
        if world.outline().is_empty() {
            return (Self::default(), None);
        }
        let census = Self::of(world, NodeId::ROOT);
        (census, census.hold(world, NodeId::ROOT))
    }

    /// The hold that a node is shown under: its own; else the one that all its leaves are under.
    /// Without our own network, what little can still be asked does not make the whole look well:
    /// offline it is when that is most of what counts and nothing that still can be asked is bad.
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

/// The hold that a node is shown under: a leaf's own, or what [`Census::hold`] says of a tree.
pub fn shown_hold(world: &World, node: NodeId) -> Option<Hold> {
    if world.outline().node(node).is_leaf() {
        return world.state(node).hold;
    }
    Census::of(world, node).hold(world, node)
}
