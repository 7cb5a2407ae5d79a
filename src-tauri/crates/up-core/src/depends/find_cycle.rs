//! Whether dependencies lead in a circle.
//!
//! Sources depend on each other by way of trees: a tree's dependencies are those of all sources in
//! it, and to depend on a tree is to depend on all sources in it. The trees stay steps of their own
//! here, so that the work grows with what is written, and not with its square.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::leaves;
use crate::outline::{NodeId, Outline};

/// Of a tree that depends on more than one thing within itself, so many are looked at: that is
/// deeper than trees nest, so two of them stand beside each other, and depend on each other.
const MOST_WITHIN: usize = 100;

/// One step of a way along dependencies.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum DependencyStep {
    /// This source depends on what it, or a tree above it, names.
    Source(NodeId),
    /// This source or tree names something outside itself.
    Names(NodeId),
    /// This is named: all sources in it are depended on.
    Named(NodeId),
}

/// What the nodes of an outline name.
struct DependencyNames<'o> {
    outline: &'o Outline,
    /// What each tree names within itself: then the rest of the tree depends on it.
    within: HashMap<NodeId, Vec<(NodeId, Range<usize>)>>,
    /// Nodes that name something else.
    outside: HashMap<NodeId, Vec<NodeId>>,
}

/// A circle of dependencies, each source on the next and the last on the first; `None` when there is
/// none.
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
        // A walk without recursion: chains may be as long as there are sources.
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
                if id == *on || !own.contains(&on.index()) {
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
                    let rest = within.filter(|(_, below)| !below.contains(&source.index()));
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
        // Each with each would be a hundred million; this takes a moment.
        assert_eq!(find_cycle(&outline(&paths, &[("t", "u")])), None);
        assert!(find_cycle(&outline(&paths, &[("t", "u"), ("u", "t")])).is_some());
    }
}
