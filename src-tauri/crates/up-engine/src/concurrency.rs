//! Trees that limit how many of their sources are checked at once (`concurrency`, `parallel =
//! false`) during a watch. A source below such a tree waits while the tree has enough checks under
//! way.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;

use up_core::{NodeId, Outline};

/// The checks under way in each limited tree, and the sources that wait.
///
/// A source waits in the queue of one full tree: the innermost one. When a check ends there, the
/// first source of the queue starts, or moves to the queue of the next full tree further out.
#[derive(Debug, Default)]
pub(crate) struct ConcurrencyLimits {
    /// For each entry, the limited trees above it, innermost first. Nearly all are the same empty
    /// list.
    above: Vec<Box<[usize]>>,
    limits: Vec<TreeLimit>,
}

#[derive(Debug)]
struct TreeLimit {
    /// How many more checks may start.
    free: u32,
    /// The waiting entries, in the order in which they came due.
    waiting: VecDeque<usize>,
}

impl ConcurrencyLimits {
    /// The limits for the given leaves; the leaf at index i is entry i. `bounds` yields the limited
    /// trees.
    pub(crate) fn of(
        outline: &Outline,
        bounds: impl Iterator<Item = (NodeId, NonZeroU32)>,
        leaves: impl Iterator<Item = NodeId>,
    ) -> Self {
        let mut limits = Vec::new();
        let mut of_tree = HashMap::new();
        for (tree, at_once) in bounds {
            of_tree.insert(tree, limits.len());
            limits.push(TreeLimit {
                free: at_once.get(),
                waiting: VecDeque::new(),
            });
        }
        let above = |leaf: NodeId| {
            if of_tree.is_empty() {
                return Box::default();
            }
            let up = |id: &NodeId| outline.node(*id).parent;
            std::iter::successors(Some(leaf), up)
                .filter_map(|id| of_tree.get(&id).copied())
                .collect()
        };
        Self {
            above: leaves.map(above).collect(),
            limits,
        }
    }

    /// Returns true when the entry may start; it then counts as under way. Otherwise it is queued.
    pub(crate) fn enter(&mut self, entry: usize) -> bool {
        if let Some(full) = self.full_above(entry) {
            self.limits[full].waiting.push_back(entry);
            return false;
        }
        for limit in &self.above[entry] {
            self.limits[*limit].free -= 1;
        }
        true
    }

    /// Marks the entry as done. Returns the entries that may start now.
    pub(crate) fn leave(&mut self, entry: usize) -> Vec<usize> {
        for limit in &self.above[entry] {
            self.limits[*limit].free += 1;
        }
        let mut starting = Vec::new();
        for at in (0..self.above[entry].len()).rev() {
            self.start_waiting(self.above[entry][at], &mut starting);
        }
        starting
    }

    /// Starts the entries that wait at a tree, as far as the tree has room.
    fn start_waiting(&mut self, limit: usize, starting: &mut Vec<usize>) {
        while self.limits[limit].free > 0
            && let Some(entry) = self.limits[limit].waiting.pop_front()
        {
            if self.enter(entry) {
                starting.push(entry);
                // Entries in the queues of inner trees may have waited for this entry's place.
                let above = self.above[entry].iter().copied();
                let inner: Vec<usize> = above.take_while(|at| *at != limit).collect();
                for at in inner.into_iter().rev() {
                    self.start_waiting(at, starting);
                }
            } else if self.is_full_outside(entry, limit) {
                // All others in this queue are below the same full tree. They start when a check
                // there ends.
                break;
            }
        }
    }

    fn full_above(&self, entry: usize) -> Option<usize> {
        let full = |limit: &&usize| self.limits[**limit].free == 0;
        self.above[entry].iter().find(full).copied()
    }

    /// True when a tree around `limit` is full.
    fn is_full_outside(&self, entry: usize, limit: usize) -> bool {
        let mut outside = self.above[entry].iter().skip_while(|at| **at != limit);
        outside.any(|at| self.limits[*at].free == 0)
    }
}

#[cfg(test)]
mod tests {
    use up_core::{Kind, Node};

    use super::*;

    /// Nested limited trees for a test: each has a number of leaves, and a limit or none (0).
    struct Nest {
        outline: Outline,
        bounds: Vec<(NodeId, NonZeroU32)>,
        leaves: Vec<NodeId>,
    }

    fn nest(trees: &[(u32, usize)]) -> Nest {
        let (mut outline, mut bounds, mut leaves) = (Outline::default(), Vec::new(), Vec::new());
        let mut parent = None;
        for (depth, (at_once, count)) in trees.iter().enumerate() {
            let tree = outline.push(parent, Node::new(Kind::TREE, &format!("tree {depth}")));
            bounds.extend(NonZeroU32::new(*at_once).map(|bound| (tree, bound)));
            for leaf in 0..*count {
                let leaf = Node::new(Kind("http"), &format!("leaf {leaf}"));
                leaves.push(outline.push(Some(tree), leaf));
            }
            parent = Some(tree);
        }
        Nest {
            outline,
            bounds,
            leaves,
        }
    }

    fn limits(nest: &Nest) -> ConcurrencyLimits {
        let (bounds, leaves) = (nest.bounds.iter().copied(), nest.leaves.iter().copied());
        ConcurrencyLimits::of(&nest.outline, bounds, leaves)
    }

    #[test]
    fn one_after_the_other_below_a_sequential_tree() {
        let mut limits = limits(&nest(&[(0, 1), (1, 3)]));
        assert!(limits.enter(1));
        assert!(!limits.enter(2) && !limits.enter(3), "the first is asked");
        assert!(limits.enter(0), "not below the tree");
        assert_eq!(limits.leave(0), Vec::<usize>::new());
        assert_eq!(limits.leave(1), [2]);
        assert_eq!(limits.leave(2), [3]);
        assert_eq!(limits.leave(3), Vec::<usize>::new());
    }

    #[test]
    fn every_bound_holds_and_nobody_waits_for_nothing() {
        let check = |trees: &[(u32, usize)]| {
            let nest = nest(trees);
            let mut limits = limits(&nest);
            let all = nest.leaves.len();
            let mut asked: Vec<usize> = (0..all).filter(|entry| limits.enter(*entry)).collect();
            let mut done = vec![false; all];
            // A pseudo-random order, different in each round.
            let mut dice = 7_usize;
            while !asked.is_empty() {
                for (tree, bound) in &nest.bounds {
                    let below = nest.outline.subtree(*tree);
                    let is_below = |entry: &&usize| {
                        below.contains(&nest.outline.position(nest.leaves[**entry]))
                    };
                    let count = asked.iter().filter(is_below).count();
                    assert!(count <= bound.get() as usize, "{trees:?}: {count} at once");
                }
                for entry in (0..all).filter(|entry| !done[*entry] && !asked.contains(entry)) {
                    assert!(
                        limits.full_above(entry).is_some(),
                        "{trees:?}: {entry} could go"
                    );
                }
                dice = dice.wrapping_mul(25_214_903_917).wrapping_add(11);
                let ended = asked.swap_remove((dice >> 16) % asked.len());
                done[ended] = true;
                asked.extend(limits.leave(ended));
            }
            assert!(
                done.iter().all(|done| *done),
                "{trees:?}: each had its turn"
            );
        };
        check(&[(3, 10)]);
        check(&[(1, 5), (1, 5)]);
        check(&[(5, 10), (2, 10), (1, 10)]);
        check(&[(2, 10), (5, 10), (3, 10)]);
        check(&[(4, 0), (0, 10), (2, 10), (2, 0), (1, 5)]);
        check(&[(1, 3), (2, 9), (9, 9)]);
    }

    #[test]
    fn without_bounds_nobody_waits() {
        let mut limits = limits(&nest(&[(0, 3)]));
        assert!((0..3).all(|entry| limits.enter(entry)));
        assert_eq!(limits.leave(1), Vec::<usize>::new());
    }
}
