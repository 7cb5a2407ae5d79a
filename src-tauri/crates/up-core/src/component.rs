//! Twigs: what a source tells of its parts, when it tells of more than itself (a status page of its
//! components). They grow below its node, as a graft, and may differ from answer to answer.
//!
//! A peer's list may be anything, so it is tamed once, on the way in: names fit for a path, no two
//! siblings of one name, bounded in depth and number.

use std::collections::HashMap;

use crate::cause::{Cause, one_line};
use crate::detail::Detail;
use crate::hold::Hold;
use crate::path;
use crate::status::Status;

/// The most parts of one source, groups included; more are left out.
pub const MAX_TWIGS: usize = 1_000;

/// The most levels of parts below a source; deeper ones are left out.
pub const MAX_DEPTH: usize = 4;

/// Leaves room for a number behind a name that several siblings have.
const MAX_NAME: usize = path::MAX_NAME - 16;

/// One part of a source: a leaf, or with twigs of its own a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Component {
    /// Its name.
    pub name: Box<str>,
    /// A leaf's status, or `None` for unknown. A group's is made from its members'.
    pub status: Option<Status>,
    /// Why it is not up; `None` when it is.
    pub cause: Option<Cause>,
    /// What else was learnt of it.
    pub detail: Detail,
    /// Why it is not to be scored now; its status is then unknown.
    pub hold: Option<Hold>,
    /// It is up, and is only shown when it is not. It stays until it is known to be up again, so
    /// that whoever was told of its fall is told of its recovery.
    pub quiet: bool,
    /// A group's members.
    pub twigs: Vec<Self>,
}

impl Component {
    /// Up, with nothing to explain.
    pub fn up(name: &str) -> Self {
        Self {
            name: name.into(),
            status: Some(Status::UP),
            ..Self::default()
        }
    }

    /// True of a part with parts of its own.
    pub fn is_group(&self) -> bool {
        !self.twigs.is_empty()
    }
}

/// All that a source tells of its parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Twigs {
    list: Vec<Component>,
    others_up: bool,
    left_out: usize,
}

impl Twigs {
    /// These, tamed. `others_up`: the source lists only parts with trouble, so that one that it
    /// does not list any more is up again.
    pub fn new(list: Vec<Component>, others_up: bool) -> Self {
        let mut room = Room {
            left: MAX_TWIGS,
            left_out: 0,
        };
        Self {
            list: room.tame(list, 1),
            others_up,
            left_out: room.left_out,
        }
    }

    /// The parts at the top.
    pub fn list(&self) -> &[Component] {
        &self.list
    }

    /// How many parts there was no room for; those below them are not counted.
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
    fn tame(&mut self, twigs: Vec<Component>, depth: usize) -> Vec<Component> {
        let mut names = ComponentNames::default();
        let mut tamed = Vec::new();
        for twig in twigs {
            if self.left == 0 || depth > MAX_DEPTH {
                self.left_out += 1;
                continue;
            }
            self.left -= 1;
            tamed.push(Component {
                name: names.fresh(&twig.name),
                twigs: self.tame(twig.twigs, depth + 1),
                ..twig
            });
        }
        tamed
    }
}

/// The names of siblings, and for each how often it was wanted.
#[derive(Default)]
struct ComponentNames(HashMap<Box<str>, usize>);

impl ComponentNames {
    /// The name made fit for a path, with a number behind it when a sibling has it.
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
            // The count goes up with each try, so this ends.
            let count = self.0.entry(name.as_str().into()).or_default();
            *count += usize::from(free != name);
            free = format!("{name} ({count})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(twigs: &[Component]) -> Vec<&str> {
        twigs.iter().map(|twig| &*twig.name).collect()
    }

    fn check(given: &[&str], expected: &[&str]) {
        let twigs = Twigs::new(
            given.iter().map(|name| Component::up(name)).collect(),
            false,
        );
        assert_eq!(names(twigs.list()), expected, "{given:?}");
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
        let twigs = Twigs::new(vec![Component::up(&long), Component::up(&long)], false);
        for twig in twigs.list() {
            assert_eq!(path::name_problem(&twig.name), None, "{:?}", twig.name);
        }
        assert_ne!(twigs.list()[0].name, twigs.list()[1].name);
    }

    #[test]
    fn number_and_depth_are_bounded() {
        let many = (0..5_000).map(|_| Component::up("same")).collect();
        let twigs = Twigs::new(many, false);
        assert_eq!(twigs.list().len(), MAX_TWIGS);
        assert_eq!(twigs.left_out(), 4_000);
        let mut deep = Component::up("leaf");
        for _ in 0..50 {
            deep = Component {
                twigs: vec![deep],
                ..Component::up("group")
            };
        }
        let twigs = Twigs::new(vec![deep], false);
        let levels = std::iter::successors(twigs.list().first(), |twig| twig.twigs.first());
        assert_eq!(levels.count(), MAX_DEPTH);
        assert_eq!(twigs.left_out(), 1);
    }
}
