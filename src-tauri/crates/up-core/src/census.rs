//! Decides which nodes count as a source, counts them by their state, and decides which hold a tree
//! is shown under.
//!
//! Room: pure. Every program counts and shows a held tree by these rules: the command line, its
//! JSON, the tray and the panel.

use std::iter;

use crate::cause::CauseCode;
use crate::hold::Hold;
use crate::outline::{Kind, Node, NodeId, Outline};
use crate::status::Level;
use crate::world::World;

/// True of a node that counts as one source wherever a person reads how many there are, or how many
/// are down:
///
/// - A tree never counts. What it contains does.
/// - A source counts as one, and its components do not: one outage of a status page is not as many
///   outages as the page has components.
/// - Of a source that reads what other agents wrote ([`Kind::FLEET`]), each path counts, because each
///   is a source that an agent checks. The fleet itself counts only while it says what none of its
///   paths does: that it has no paths, or that they could not be read.
pub fn counts_as_source(world: &World, node: NodeId) -> bool {
    let of = world.outline().node(node);
    if of.is_tree() {
        return false;
    }
    if of.kind == Kind::PART {
        return source_above(world.outline(), of).is_some_and(|source| source.kind == Kind::FLEET);
    }
    let sample = world.state(node).sample.as_ref();
    let cause = sample.and_then(|sample| sample.cause.as_ref());
    of.kind != Kind::FLEET
        || of.children.is_empty()
        || cause.is_some_and(|cause| cause.code != CauseCode::Reported)
}

/// The source that reports a component; `None` for a node that is no component.
fn source_above<'a>(outline: &'a Outline, node: &'a Node) -> Option<&'a Node> {
    let above = |node: &Node| node.parent.map(|parent| outline.node(parent));
    iter::successors(above(node), |node| above(node)).find(|node| node.is_asked())
}

/// The number of sources in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// All sources.
    pub sources: usize,
    /// The sources whose level is red.
    pub down: usize,
    /// The sources that are held because this machine's network is gone.
    pub offline: usize,
    /// The sources that are paused or under maintenance.
    pub aside: usize,
    /// The sources that are held because something that they depend on is down.
    pub unreachable: usize,
}

impl Census {
    /// Counts the sources at and below a node. Of a group of components, it counts the components.
    pub fn of(world: &World, node: NodeId) -> Self {
        let outline = world.outline();
        let is_component = source_above(outline, outline.node(node)).is_some();
        let mut census = Self::default();
        let mut open = vec![node];
        while let Some(id) = open.pop() {
            let node = outline.node(id);
            open.extend(&node.children);
            let counts = if is_component {
                node.is_leaf()
            } else {
                counts_as_source(world, id)
            };
            if !counts {
                continue;
            }
            let state = world.state(id);
            census.sources += 1;
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

    /// The hold that a node is shown under: its own, or else the one that all its sources are under.
    /// While this machine's network is gone, a tree is also shown as offline if at least half of the
    /// sources that are not set aside are offline and the level of the others is up or unknown. The few sources
    /// that can still be checked must not make the whole tree look well.
    pub fn hold(self, world: &World, node: NodeId) -> Option<Hold> {
        if self.sources == 0 {
            return None;
        }
        let node = world.state(node);
        let counted = self.sources - self.aside;
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
