//! Components: what a source reports about its parts, if it reports about more than itself (a
//! status page). They form subtrees below the source's node and may differ from result to result.
//!
//! A peer's list may contain anything, so it is cleaned once when it arrives: names become fit for
//! a path, siblings get different names, and depth and number are bounded.

use std::collections::HashMap;

use crate::cause::{Cause, one_line};
use crate::detail::Detail;
use crate::hold::Hold;
use crate::path;
use crate::status::Status;

/// The largest number of components of one source, groups included. Further ones are left out.
pub const MAX_COMPONENTS: usize = 1_000;

/// The largest number of levels of components below a source. Deeper ones are left out.
pub const MAX_DEPTH: usize = 8;

/// The longest name. It leaves room for a number that distinguishes siblings of the same name.
const MAX_NAME: usize = path::MAX_NAME - 16;

/// One component of a source: a leaf, or a group if it has components of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Component {
    /// The name of the component.
    pub name: Box<str>,
    /// The status of a leaf; `None` for unknown. A group's status is folded from its members.
    pub status: Option<Status>,
    /// Why the component is not up; `None` when it is.
    pub cause: Option<Cause>,
    /// Further values that the source reported about it.
    pub detail: Detail,
    /// Why the component is not to be scored now. Its status is then unknown.
    pub hold: Option<Hold>,
    /// True of a component that is up and is shown only while it is not. After a fall it stays in
    /// the outline until it is believed up again, so that its recovery is notified.
    pub quiet: bool,
    /// How long its own check took, in seconds; 0 if the source does not say.
    pub duration: f64,
    /// True if this repeats what the source reported before. It then confirms nothing.
    pub echo: bool,
    /// The members of a group.
    pub members: Vec<Self>,
}

impl Component {
    /// A component that is up.
    pub fn up(name: &str) -> Self {
        Self {
            name: name.into(),
            status: Some(Status::UP),
            ..Self::default()
        }
    }

    /// True of a group.
    pub fn is_group(&self) -> bool {
        !self.members.is_empty()
    }
}

/// The components that a source reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportedComponents {
    list: Vec<Component>,
    others_up: bool,
    left_out: usize,
}

impl ReportedComponents {
    /// Cleans a list of components. `others_up` is true if the source lists only components in
    /// trouble, so that one that is not listed any more is up again.
    pub fn new(list: Vec<Component>, others_up: bool) -> Self {
        let mut room = Room {
            left: MAX_COMPONENTS,
            left_out: 0,
        };
        Self {
            list: room.tame(list, 1),
            others_up,
            left_out: room.left_out,
        }
    }

    /// The components of the top level.
    pub fn list(&self) -> &[Component] {
        &self.list
    }

    /// How many components were left out because of the bounds. The members of a group that was
    /// left out do not count.
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    pub(crate) fn into_parts(self) -> (Vec<Component>, bool) {
        (self.list, self.others_up)
    }
}

struct Room {
    left: usize,
    left_out: usize,
}

impl Room {
    fn tame(&mut self, components: Vec<Component>, depth: usize) -> Vec<Component> {
        let mut names = ComponentNames::default();
        let mut tamed = Vec::new();
        for component in components {
            if self.left == 0 || depth > MAX_DEPTH {
                self.left_out += 1;
                continue;
            }
            self.left -= 1;
            tamed.push(Component {
                name: names.fresh(&component.name),
                members: self.tame(component.members, depth + 1),
                ..component
            });
        }
        tamed
    }
}

/// The names of siblings, and how often each was requested.
#[derive(Default)]
struct ComponentNames(HashMap<Box<str>, usize>);

impl ComponentNames {
    /// Makes a name fit for a path, and adds a number if a sibling has the same name.
    fn fresh(&mut self, name: &str) -> Box<str> {
        let name = one_line(&name.replace('/', "∕"), MAX_NAME);
        let name = path::tame_name(&name).unwrap_or_else(|| "unnamed".into());
        let mut free = name.clone();
        loop {
            let wanted = self.0.entry(free.as_str().into()).or_default();
            *wanted += 1;
            if *wanted == 1 {
                return free.into();
            }
            // The count grows with each attempt, so the loop ends.
            let count = self.0.entry(name.as_str().into()).or_default();
            *count += usize::from(free != name);
            free = format!("{name} ({count})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(components: &[Component]) -> Vec<&str> {
        components
            .iter()
            .map(|component| &*component.name)
            .collect()
    }

    fn check(given: &[&str], expected: &[&str]) {
        let reported = ReportedComponents::new(
            given.iter().map(|name| Component::up(name)).collect(),
            false,
        );
        assert_eq!(names(reported.list()), expected, "{given:?}");
    }

    #[test]
    fn names_are_fit_for_a_path_and_differ() {
        check(&["API", "Web"], &["API", "Web"]);
        check(&["Login/SSO", "a\nb"], &["Login∕SSO", "a b"]);
        check(&["", " \u{202e}"], &["unnamed", "unnamed (2)"]);
        check(&["a", "a", "a"], &["a", "a (2)", "a (3)"]);
        check(&["a (2)", "a", "a"], &["a (2)", "a", "a (3)"]);
        check(&["a", "a", "a (2)"], &["a", "a (2)", "a (2) (2)"]);
        let long = "/".repeat(300);
        let reported =
            ReportedComponents::new(vec![Component::up(&long), Component::up(&long)], false);
        for component in reported.list() {
            assert_eq!(
                path::name_problem(&component.name),
                None,
                "{:?}",
                component.name
            );
        }
        assert_ne!(reported.list()[0].name, reported.list()[1].name);
    }

    #[test]
    fn number_and_depth_are_bounded() {
        let many = (0..5_000).map(|_| Component::up("same")).collect();
        let reported = ReportedComponents::new(many, false);
        assert_eq!(reported.list().len(), MAX_COMPONENTS);
        assert_eq!(reported.left_out(), 4_000);
        let mut deep = Component::up("leaf");
        for _ in 0..50 {
            deep = Component {
                members: vec![deep],
                ..Component::up("group")
            };
        }
        let reported = ReportedComponents::new(vec![deep], false);
        let levels = std::iter::successors(reported.list().first(), |component| {
            component.members.first()
        });
        assert_eq!(levels.count(), MAX_DEPTH);
        assert_eq!(reported.left_out(), 1);
    }
}
