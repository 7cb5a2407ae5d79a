//! The parts of a page: what each is said to be, by name and in groups.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;
use up_core::cause::one_line;
use up_core::{Detail, Value};

use super::json;
use super::report::ComponentState;

/// The longest name that is shown.
const MAX_NAME: usize = 100;

/// With more components than this, only those with trouble are told of, and no more than this.
const MAX_TOLD: usize = 100;

/// One part of a page, or a group of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PageComponent {
    /// Its id, as the page's incidents name it; empty for none.
    pub id: String,
    /// Its name, whole.
    pub name: String,
    /// The page's word for how it is; a group may have none.
    pub word: String,
    /// What that word means; for a group without a word, what its members amount to.
    pub state: ComponentState,
    /// The page shows it only when something is wrong with it.
    pub only_if_degraded: bool,
    /// The page lists it without watching it.
    pub is_unwatched: bool,
    /// A group's members.
    pub members: Vec<Self>,
}

impl PageComponent {
    /// One with that name and word.
    pub(super) fn new(name: &Json, word: String, state: ComponentState) -> Self {
        Self {
            id: String::new(),
            name: json::name(name.as_str().unwrap_or_default()),
            word,
            state,
            only_if_degraded: false,
            is_unwatched: false,
            members: Vec::new(),
        }
    }

    /// The same, with its id.
    pub(super) fn with_id(self, id: &Json) -> Self {
        Self {
            id: json::name(id.as_str().unwrap_or_default()),
            ..self
        }
    }

    /// Its name, as far as it is shown.
    pub(super) fn shown(&self) -> String {
        one_line(&self.name, MAX_NAME)
    }

    /// Its name, and its word where it has one.
    pub(super) fn told(&self) -> String {
        match self.word.as_str() {
            "" => self.shown(),
            word => format!("{}: {word}", self.shown()),
        }
    }

    /// True when a page would show it.
    pub(super) fn is_shown(&self) -> bool {
        !(self.only_if_degraded && self.state.is_up())
    }

    fn detail(&self, all: bool, left: &mut usize) -> Option<Value> {
        if *left == 0 || !self.is_shown() {
            return None;
        }
        let members = told_of(&self.members, all, left);
        if members.is_empty() && !all && self.state.is_up() {
            return None;
        }
        *left = left.saturating_sub(1);
        let mut detail = Detail::new();
        detail.put("name", self.shown());
        if !self.word.is_empty() {
            detail.put("status", self.word.as_str());
        }
        if !members.is_empty() {
            detail.put("components", members);
        }
        Some(detail.into())
    }
}

fn told_of(components: &[PageComponent], all: bool, left: &mut usize) -> Vec<Value> {
    let told = components.iter();
    told.filter_map(|component| component.detail(all, left))
        .collect()
}

/// What is told of them: groups nested, at most [`MAX_TOLD`].
pub(super) fn detail(components: &[PageComponent]) -> Vec<Value> {
    let all = flat(components).count() <= MAX_TOLD;
    told_of(components, all, &mut { MAX_TOLD })
}

/// All of them, groups before their members.
pub(super) fn flat(components: &[PageComponent]) -> impl Iterator<Item = &PageComponent> {
    let mut next: Vec<&PageComponent> = components.iter().rev().collect();
    std::iter::from_fn(move || {
        let component = next.pop()?;
        next.extend(component.members.iter().rev());
        Some(component)
    })
}

/// The names that a page shows, as far as a sentence may list them.
pub(super) fn names(components: &[PageComponent]) -> String {
    let shown = flat(components).filter(|component| component.is_shown());
    let names: Vec<_> = shown.map(PageComponent::shown).take(MAX_TOLD).collect();
    names.join(", ")
}

/// One component as a page lists it: with its own id, and that of its group.
pub(super) struct Listed<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its group's id; empty for none.
    pub group: &'a str,
    /// What it is.
    pub component: PageComponent,
}

/// Puts the members into their groups. A page has one level of groups; whose group is itself in
/// one, or not there at all, stands at the top.
pub(super) fn nested(listed: Vec<Listed<'_>>) -> Vec<PageComponent> {
    let tops: HashSet<&str> = listed
        .iter()
        .filter(|one| one.group.is_empty() && !one.id.is_empty())
        .map(|one| one.id)
        .collect();
    let mut members: HashMap<&str, Vec<PageComponent>> = HashMap::new();
    let mut top = Vec::new();
    for one in listed {
        if tops.contains(one.group) {
            members.entry(one.group).or_default().push(one.component);
        } else {
            top.push((one.id, one.component));
        }
    }
    top.into_iter()
        .map(|(id, component)| {
            let own = members.remove(id).unwrap_or_default();
            let members = [component.members, own].concat();
            PageComponent {
                members,
                ..component
            }
        })
        .collect()
}
