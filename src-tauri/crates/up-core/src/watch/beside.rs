//! What is near a source: beside it in its tree, or what it depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::alert::Dispatcher;
use crate::depends::Depends;
use crate::outline::NodeId;
use crate::world::World;

/// So many sources beside one that fell are asked at once, to see whether they fell too.
const BESIDE: usize = 48;

/// The sources beside one in its tree, the nearest behind it first.
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

/// True when something near what is gathered is in doubt, or was asked and has not answered.
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
