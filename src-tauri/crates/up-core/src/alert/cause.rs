//! The deepest common cause of several falls: a source itself, one that the others depend on, or
//! the tree that they are in.

use std::collections::{BTreeSet, HashMap};

use crate::depends::Depends;
use crate::hold::Hold;
use crate::notice::Member;
use crate::outline::NodeId;
use crate::world::World;

/// Why several sources fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CommonCause {
    /// The node that a person should look at.
    pub(super) node: NodeId,
    /// The member that the other members depend on, if there is one.
    pub(super) head: Option<NodeId>,
    /// How many sources the tree has; set when most of them fell.
    pub(super) among: Option<usize>,
    /// How many further sources cannot be reached because of `head`.
    pub(super) behind: usize,
}

/// Finds common causes. It knows which sources are down when a notice is made.
pub(super) struct CommonCauses<'w> {
    world: &'w World,
    depends: &'w Depends,
    down: BTreeSet<NodeId>,
    /// For each tree that was counted: how many sources count in it, and how many of them are down.
    counted: HashMap<NodeId, (usize, usize)>,
}

impl<'w> CommonCauses<'w> {
    pub(super) fn new(world: &'w World, depends: &'w Depends, down: BTreeSet<NodeId>) -> Self {
        Self {
            world,
            depends,
            down,
            counted: HashMap::new(),
        }
    }

    /// The common cause of the members, of which there must be at least one.
    pub(super) fn of(&mut self, members: &[Member]) -> CommonCause {
        let nodes = || members.iter().map(|member| member.node);
        let node = self.shared(nodes());
        let head = nodes().max_by_key(|node| self.depends.behind(*node).len());
        let head = head.filter(|head| !self.depends.behind(*head).is_empty());
        if let Some(head) = head {
            let behind = self.depends.behind(head);
            let others = nodes().filter(|node| *node != head);
            let is_all = others.clone().all(|node| behind.contains(&node));
            let behind = behind.iter().filter(|n| self.is_unreachable(**n)).count();
            return CommonCause {
                node: if is_all { head } else { node },
                head: Some(head),
                among: None,
                behind,
            };
        }
        let (all, down) = self.count(node);
        let most = members.len() > 1 && members.len() == down && is_most(down, all);
        CommonCause {
            node,
            head: None,
            among: most.then_some(all),
            behind: 0,
        }
    }

    /// True when these sources fell together with most of a tree that contains them all.
    pub(super) fn share_a_tree(&mut self, nodes: impl Iterator<Item = NodeId>) -> bool {
        let tree = self.shared(nodes);
        let (all, down) = self.count(tree);
        is_most(down, all)
    }

    fn is_unreachable(&self, node: NodeId) -> bool {
        self.world.state(node).hold == Some(Hold::Unreachable)
    }

    /// The deepest node at or above all of the given nodes.
    fn shared(&self, mut nodes: impl Iterator<Item = NodeId>) -> NodeId {
        let outline = self.world.outline();
        let Some(mut shared) = nodes.next() else {
            return outline.root();
        };
        for mut node in nodes {
            while shared != node {
                // The deeper node goes up.
                let lower = if outline.node(shared).depth > outline.node(node).depth {
                    &mut shared
                } else {
                    &mut node
                };
                *lower = outline.node(*lower).parent.unwrap_or(outline.root());
            }
        }
        shared
    }

    /// How many sources at or below a node count, and how many of them are down.
    fn count(&mut self, node: NodeId) -> (usize, usize) {
        if let Some(counted) = self.counted.get(&node) {
            return *counted;
        }
        let outline = self.world.outline();
        let subtree = outline.at_and_below(node);
        let counts = |id: &NodeId| {
            outline.node(*id).is_leaf()
                && (self.world.state(*id).hold.is_none() || self.down.contains(id))
        };
        let (mut all, mut down) = (0, 0);
        for id in subtree.filter(counts) {
            all += 1;
            down += usize::from(self.down.contains(&id));
        }
        self.counted.insert(node, (all, down));
        (all, down)
    }
}

/// True of at least two sources that are more than half of all.
const fn is_most(down: usize, all: usize) -> bool {
    down > 1 && down * 2 > all
}
