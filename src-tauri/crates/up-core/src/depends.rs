//! Dependencies: which sources cannot be reached while something else is down, and whether it is
//! down.

mod find_cycle;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::fold::FoldedChild;
use crate::judge::Verdict;
use crate::outline::{NodeId, Outline};
use crate::status::{Level, Status};
use crate::world::World;

pub use find_cycle::find_cycle;

/// The dependencies of an outline, and which of them are down.
#[derive(Clone, Debug, Default)]
pub struct Depends {
    /// For each node that others depend on: the sources that depend on it, directly or not, sorted
    /// by key.
    behind: BTreeMap<NodeId, Vec<NodeId>>,
    /// For each source: the nodes that it depends on directly.
    ahead: HashMap<NodeId, Vec<NodeId>>,
    /// For each source: the dependencies whose level it affects, which are itself or trees above
    /// it.
    decides: HashMap<NodeId, Vec<NodeId>>,
    down: BTreeSet<NodeId>,
    /// For each source: how many of its dependencies are down.
    inhibited: HashMap<NodeId, usize>,
}

impl Depends {
    /// The dependencies of an outline. Nothing counts as down yet.
    pub(crate) fn of(outline: &Outline) -> Self {
        let mut depends = Self::default();
        let mut direct: BTreeMap<NodeId, BTreeSet<NodeId>> = BTreeMap::new();
        for (node, on) in edges(outline) {
            direct.entry(on).or_default().insert(node);
            depends.ahead.entry(node).or_default().push(on);
        }
        for on in direct.keys() {
            for leaf in leaves(outline, *on) {
                depends.decides.entry(leaf).or_default().push(*on);
            }
        }
        for on in direct.keys() {
            let behind = behind(outline, &direct, *on).into_iter().collect();
            depends.behind.insert(*on, behind);
        }
        depends
    }

    /// The sources that depend on a node, directly or not, sorted by key.
    pub(crate) fn behind(&self, node: NodeId) -> &[NodeId] {
        self.behind.get(&node).map_or(&[], Vec::as_slice)
    }

    /// The nodes that a source depends on directly.
    pub(super) fn ahead(&self, node: NodeId) -> &[NodeId] {
        self.ahead.get(&node).map_or(&[], Vec::as_slice)
    }

    /// True when one of a source's dependencies is down.
    pub(super) fn is_inhibited(&self, node: NodeId) -> bool {
        self.inhibited.contains_key(&node)
    }

    /// The first dependency of a source, in the tree's order, that is down.
    pub(super) fn blocking(&self, outline: &Outline, node: NodeId) -> Option<NodeId> {
        let is_behind = |on: &NodeId| self.behind(*on).binary_search(&node).is_ok();
        let down = self.down.iter().copied().filter(is_behind);
        down.min_by_key(|on| outline.position(*on))
    }

    /// Processes a change of a source's verdict. Returns the sources whose dependencies may have
    /// gone down or recovered by it.
    pub(super) fn turned(&mut self, world: &World, node: NodeId) -> Vec<NodeId> {
        let mut reach = Vec::new();
        for on in self.decides.get(&node).into_iter().flatten() {
            let is_down = judged(world, *on) == Some(Level::Down);
            let changed = if is_down {
                self.down.insert(*on)
            } else {
                self.down.remove(on)
            };
            if !changed {
                continue;
            }
            for node in self.behind.get(on).into_iter().flatten() {
                let count = self.inhibited.entry(*node).or_default();
                let before = *count;
                *count = if is_down {
                    before + 1
                } else {
                    before.saturating_sub(1)
                };
                let after = *count;
                if after == 0 {
                    self.inhibited.remove(node);
                }
                if (before == 0) != (after == 0) {
                    reach.push(*node);
                }
            }
        }
        reach
    }

    /// Every source whose verdict affects a dependency.
    pub(super) fn deciding(&self) -> Vec<NodeId> {
        self.decides.keys().copied().collect()
    }
}

/// Each source with each node that it depends on, because the source or a tree above it says so. If
/// a tree depends on a part of itself, the rest of the tree depends on that part.
fn edges(outline: &Outline) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
    let said = outline
        .iter()
        .filter(|(_, node)| !node.depends_on.is_empty());
    said.flat_map(move |(id, node)| {
        node.depends_on.iter().flat_map(move |on| {
            let stands_in_it = id != *on && outline.subtree(id).contains(&outline.position(*on));
            let itself = outline.subtree(*on);
            let below = leaves(outline, id);
            below
                .filter(move |leaf| !(stands_in_it && itself.contains(&outline.position(*leaf))))
                .map(move |leaf| (leaf, *on))
        })
    })
}

pub(super) fn leaves(outline: &Outline, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    let below = outline.at_and_below(node);
    below.filter(|id| outline.node(*id).is_leaf())
}

/// The sources that depend on a node, directly or by way of sources that do.
fn behind(
    outline: &Outline,
    direct: &BTreeMap<NodeId, BTreeSet<NodeId>>,
    on: NodeId,
) -> BTreeSet<NodeId> {
    let mut all = direct.get(&on).cloned().unwrap_or_default();
    loop {
        let further = direct.iter().filter(|(through, behind)| {
            !behind.is_subset(&all) && leaves(outline, **through).all(|leaf| all.contains(&leaf))
        });
        let further: Vec<NodeId> = further.flat_map(|(_, behind)| behind).copied().collect();
        if further.is_empty() {
            return all;
        }
        all.extend(further);
    }
}

/// The level that is believed of a node: a leaf's verdict, or a tree's fold of its leaves'
/// verdicts.
fn judged(world: &World, node: NodeId) -> Option<Level> {
    status(world, node).map(Status::level)
}

fn status(world: &World, id: NodeId) -> Option<Status> {
    let (node, state) = (world.outline().node(id), world.state(id));
    if node.is_leaf() {
        let Verdict::At(level) = state.judge.believed() else {
            return None;
        };
        let scored = state.hold.is_none();
        return Status::new(f64::from(level.number()) / 4.0).filter(|_| scored);
    }
    let parts: Vec<FoldedChild> = (node.children.iter())
        .map(|child| FoldedChild {
            status: status(world, *child),
            weight: world.outline().node(*child).weight,
        })
        .collect();
    node.policy.fold(parts)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::outline::{Kind, Node};

    /// A test outline: a root with these leaves, `t/x` for one in a tree. A pair (a, b) of
    /// `depends` makes a depend on b.
    pub(super) fn outline(paths: &[&str], depends: &[(&str, &str)]) -> Outline {
        let mut outline = Outline::default();
        let root = outline.push(None, Node::new(Kind::TREE, "R"));
        let mut tree = (root, "");
        for path in paths {
            let (parent, name) = path.split_once('/').unwrap_or(("", path));
            if parent.is_empty() {
                tree = (root, "");
            } else if tree.1 != parent {
                tree = (
                    outline.push(Some(root), Node::new(Kind::TREE, parent)),
                    parent,
                );
            }
            outline.push(Some(tree.0), Node::new(Kind("http"), name));
        }
        for (node, on) in depends {
            let find = |path: &str| outline.find(&format!("/R/{path}")).expect("it is there");
            let (node, on) = (find(node), find(on));
            let mut all = outline.node(node).depends_on.clone();
            all.push(on);
            outline.depend(node, all);
        }
        outline
    }

    fn names(outline: &Outline, nodes: &[NodeId]) -> Vec<String> {
        let path = |id: &NodeId| outline.node(*id).path["/R/".len()..].to_owned();
        nodes.iter().map(path).collect()
    }

    #[test]
    fn whoever_depends_on_it_is_behind_it_directly_or_not() {
        let check = |depends: &[(&str, &str)], on: &str, expected: &[&str]| {
            let outline = outline(&["a", "b", "c", "t/x", "t/y", "t/z"], depends);
            let id = outline.find(&format!("/R/{on}")).expect("it is there");
            let found = Depends::of(&outline);
            assert_eq!(names(&outline, found.behind(id)), expected, "{depends:?}");
            assert_eq!(find_cycle(&outline), None, "{depends:?}");
        };
        check(&[("b", "a")], "a", &["b"]);
        check(&[("b", "a"), ("c", "b")], "a", &["b", "c"]);
        check(&[("t", "a")], "a", &["t/x", "t/y", "t/z"]);
        check(&[("t", "t/x")], "t/x", &["t/y", "t/z"]);
        check(&[("b", "t")], "t", &["b"]);
        check(&[("b", "t"), ("t", "a")], "a", &["b", "t/x", "t/y", "t/z"]);
        check(&[("b", "t"), ("t/x", "a")], "a", &["t/x"]);
    }
}
