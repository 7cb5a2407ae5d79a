//! The neighbours of a source: its siblings in the tree, and its dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::alert::Dispatcher;
use crate::depends::Depends;
use crate::outline::NodeId;
use crate::world::World;

/// How many siblings of a source that fell are checked at once, to see whether they fell too.
const BESIDE: usize = 48;

/// The siblings of a source: those behind it, nearest first, then those before it.
pub(super) fn beside(world: &World, node: NodeId) -> Vec<NodeId> {
    let outline = world.outline();
    let Some(parent) = outline.node(node).parent else {
        return Vec::new();
    };
    let children = &outline.node(parent).children;
    let at = children
        .iter()
        .position(|child| *child == node)
        .unwrap_or(0);
    let (before, behind) = children.split_at(at);
    let around = behind.iter().skip(1).chain(before).copied();
    around.take(BESIDE).collect()
}

/// True while a neighbour of a source that waits for its group is in doubt, or being checked again.
pub(super) fn is_more_expected(
    dispatcher: &Dispatcher,
    world: &World,
    depends: &Depends,
    doubted: &BTreeMap<NodeId, Duration>,
    awaited: &BTreeSet<NodeId>,
) -> bool {
    let parent = |node: NodeId| world.outline().node(node).parent;
    let gathered: BTreeSet<NodeId> = dispatcher.gathered().collect();
    let parents: BTreeSet<Option<NodeId>> = gathered.iter().map(|node| parent(*node)).collect();
    let ahead: BTreeSet<NodeId> = gathered
        .iter()
        .flat_map(|node| depends.ahead(*node))
        .copied()
        .collect();
    doubted.keys().chain(awaited).any(|node| {
        parents.contains(&parent(*node)) || ahead.contains(node) || gathered.contains(node)
    })
}
