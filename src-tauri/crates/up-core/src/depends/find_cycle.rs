//! Finds a cycle of dependencies.
//!
//! Sources also depend on each other by way of trees: a tree's dependencies are those of all
//! sources in it, and whoever depends on a tree depends on all sources in it. The search takes
//! trees as steps of their own, so that the work grows with the size of the configuration, not with
//! its square.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::leaves;
use crate::outline::{NodeId, Outline};

/// The largest number of dependencies within a tree itself that are examined. Trees nest less
/// deeply than this, so two of so many are beside each other and depend on each other.
const MOST_WITHIN: usize = 100;

/// One step on a path along dependencies.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum DependencyStep {
    /// This source depends on what it or a tree above it names.
    Source(NodeId),
    /// This source or tree names something outside itself.
    Names(NodeId),
    /// This node is named: all sources in it are dependencies.
    Named(NodeId),
}

/// The dependencies that the nodes of an outline name.
struct DependencyNames<'o> {
    outline: &'o Outline,
    /// The dependencies of each tree that are within the tree itself. The rest of the tree depends
    /// on them.
    within: HashMap<NodeId, Vec<(NodeId, Range<usize>)>>,
    /// The dependencies of each node that are outside itself.
    outside: HashMap<NodeId, Vec<NodeId>>,
}

/// A cycle of dependencies: each source depends on the next one, and the last on the first. `None`
/// when there is no cycle.
pub fn find_cycle(outline: &Outline) -> Option<Vec<NodeId>> {
    let named = DependencyNames::of(outline);
    if named.within.is_empty() && named.outside.is_empty() {
        return None;
    }
    let mut done: HashSet<DependencyStep> = HashSet::new();
    for (start, _) in outline.iter().filter(|(_, node)| node.is_leaf()) {
        let start = DependencyStep::Source(start);
        if done.contains(&start) {
            continue;
        }
        // The search uses no recursion, because a chain may be as long as there are sources.
        let mut way = vec![(start, named.next(start))];
        let mut on_way = HashSet::from([start]);
        while let Some((step, rest)) = way.last_mut() {
            let Some(to) = rest.pop() else {
                done.insert(*step);
                on_way.remove(step);
                way.pop();
                continue;
            };
            if on_way.contains(&to) {
                let way = way.iter().map(|(step, _)| *step);
                let source = |step| match step {
                    DependencyStep::Source(node) => Some(node),
                    DependencyStep::Names(_) | DependencyStep::Named(_) => None,
                };
                return Some(
                    way.skip_while(|step| *step != to)
                        .filter_map(source)
                        .collect(),
                );
            }
            if !done.contains(&to) {
                on_way.insert(to);
                way.push((to, named.next(to)));
            }
        }
    }
    None
}

impl<'o> DependencyNames<'o> {
    fn of(outline: &'o Outline) -> Self {
        let mut named = Self {
            outline,
            within: HashMap::new(),
            outside: HashMap::new(),
        };
        for (id, node) in outline
            .iter()
            .filter(|(_, node)| !node.depends_on.is_empty())
        {
            let own = outline.subtree(id);
            for on in &node.depends_on {
                if id == *on || !own.contains(&outline.position(*on)) {
                    named.outside.entry(id).or_default().push(*on);
                } else if leaves(outline, *on).next().is_some() {
                    let within = named.within.entry(id).or_default();
                    if within.len() < MOST_WITHIN {
                        within.push((*on, outline.subtree(*on)));
                    }
                }
            }
        }
        named
    }

    fn next(&self, step: DependencyStep) -> Vec<DependencyStep> {
        match step {
            DependencyStep::Source(source) => {
                let above = std::iter::successors(Some(source), |id| self.outline.node(*id).parent);
                let mut next = Vec::new();
                for id in above {
                    next.extend(
                        self.outside
                            .contains_key(&id)
                            .then_some(DependencyStep::Names(id)),
                    );
                    let within = self.within.get(&id).into_iter().flatten();
                    let position = self.outline.position(source);
                    let rest = within.filter(|(_, below)| !below.contains(&position));
                    next.extend(rest.map(|(on, _)| DependencyStep::Named(*on)));
                }
                next
            }
            DependencyStep::Names(id) => {
                let named = self.outside.get(&id).into_iter().flatten();
                named.map(|on| DependencyStep::Named(*on)).collect()
            }
            DependencyStep::Named(id) => leaves(self.outline, id)
                .map(DependencyStep::Source)
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::outline;
    use super::*;

    #[test]
    fn circles_are_found() {
        let check = |depends: &[(&str, &str)], expected: &[&str]| {
            let outline = outline(&["a", "b", "c", "t/x", "t/y"], depends);
            let found = find_cycle(&outline).unwrap_or_default();
            let path = |id: &NodeId| outline.node(*id).path["/R/".len()..].to_owned();
            let mut found: Vec<String> = found.iter().map(path).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{depends:?}");
        };
        check(&[("a", "a")], &["a"]);
        check(&[("a", "b"), ("b", "a")], &["a", "b"]);
        check(&[("a", "b"), ("b", "c"), ("c", "a")], &["a", "b", "c"]);
        check(&[("a", "b"), ("a", "c"), ("b", "c")], &[]);
        check(&[("t/x", "t")], &["t/x"]);
        check(&[("t", "t/x"), ("t/x", "t/y")], &["t/x", "t/y"]);
        check(&[("t", "t/x"), ("t", "t/y")], &["t/x", "t/y"]);
        check(&[("t", "t/x")], &[]);
        let is_one = |depends: &[(&str, &str)]| {
            find_cycle(&outline(&["a", "b", "c", "t/x", "t/y"], depends)).is_some()
        };
        assert!(is_one(&[("t", "t")]), "a tree on itself");
        assert!(is_one(&[("t", "a"), ("a", "t/x")]), "by way of a tree");
    }

    #[test]
    fn a_tree_of_many_on_a_tree_of_many_is_no_square_of_steps() {
        let paths = |tree: char| (0..10_000).map(move |number| format!("{tree}/{number}"));
        let paths: Vec<String> = paths('t').chain(paths('u')).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        // Pairs of all sources would be a hundred million. The search takes a moment.
        assert_eq!(find_cycle(&outline(&paths, &[("t", "u")])), None);
        assert!(find_cycle(&outline(&paths, &[("t", "u"), ("u", "t")])).is_some());
    }
}
