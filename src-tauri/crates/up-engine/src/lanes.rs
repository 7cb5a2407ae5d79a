//! Trees that ask one after the other (`parallel = false`) while watching: a source below such a
//! tree waits while another one of that tree is being asked.

use std::collections::HashSet;

use up_core::{NodeId, Outline};

/// Which sequential trees are busy, and who waits for them.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    /// For each entry, the sequential trees above it; shared empty for nearly all.
    above: Vec<Box<[NodeId]>>,
    busy: HashSet<NodeId>,
    /// In the order they came due.
    waiting: Vec<usize>,
}

impl Lanes {
    /// The lanes of these leaves, entry by entry.
    pub(crate) fn of(outline: &Outline, leaves: impl Iterator<Item = NodeId>) -> Self {
        let above = |leaf: NodeId| {
            std::iter::successors(outline.node(leaf).parent, |id| outline.node(*id).parent)
                .filter(|id| !outline.node(*id).parallel)
                .collect()
        };
        Self {
            above: leaves.map(above).collect(),
            ..Self::default()
        }
    }

    /// True when the entry may go now, and its lanes are then busy; else it waits.
    pub(crate) fn enter(&mut self, entry: usize) -> bool {
        let above = &self.above[entry];
        if above.iter().any(|id| self.busy.contains(id)) {
            self.waiting.push(entry);
            return false;
        }
        self.busy.extend(above.iter().copied());
        true
    }

    /// The entry is done; says who may go now.
    pub(crate) fn leave(&mut self, entry: usize) -> Vec<usize> {
        if self.above[entry].is_empty() {
            return Vec::new();
        }
        for id in &self.above[entry] {
            self.busy.remove(id);
        }
        let waiting = std::mem::take(&mut self.waiting);
        waiting
            .into_iter()
            .filter(|entry| self.enter(*entry))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use up_core::{Kind, Node};

    use super::*;

    #[test]
    fn one_after_the_other_below_a_sequential_tree() {
        let mut outline = Outline::default();
        let root = outline.push(None, Node::new(Kind::TREE, "Root"));
        let mut tree = Node::new(Kind::TREE, "one by one");
        tree.parallel = false;
        let tree = outline.push(Some(root), tree);
        let leaf = |name| Node::new(Kind("http"), name);
        let leaves = [
            outline.push(Some(tree), leaf("a")),
            outline.push(Some(tree), leaf("b")),
            outline.push(Some(tree), leaf("c")),
            outline.push(Some(root), leaf("free")),
        ];
        let mut lanes = Lanes::of(&outline, leaves.into_iter());
        assert!(lanes.enter(0));
        assert!(!lanes.enter(1) && !lanes.enter(2), "a is being asked");
        assert!(lanes.enter(3), "not below the tree");
        assert_eq!(lanes.leave(3), Vec::<usize>::new());
        assert_eq!(lanes.leave(0), [1]);
        assert_eq!(lanes.leave(1), [2]);
        assert_eq!(lanes.leave(2), Vec::<usize>::new());
    }
}
