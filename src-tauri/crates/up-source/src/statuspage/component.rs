//! The components of a status page and their groups.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;
use up_core::cause::one_line;
use up_core::{Detail, Value};

use super::json;
use super::report::ComponentState;
use super::wording::worded;

/// The largest number of characters of a name that are shown.
const MAX_NAME: usize = 100;

/// The largest number of components in a detail. A page with more shows only those with trouble.
const MAX_SHOWN: usize = 100;

/// A component of a page, or a group of components.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PageComponent {
    /// The id by which the incidents of the page refer to it. Empty if there is none.
    pub id: String,
    /// The full name.
    pub name: String,
    /// The page's word for its state, such as `partial_outage`. A group may have none.
    pub word: String,
    /// What that word means. For a group without a word, the state of its members together.
    pub state: ComponentState,
    /// True if the page shows it only while something is wrong with it.
    pub only_if_degraded: bool,
    /// True if the page lists it without monitoring it.
    pub is_unwatched: bool,
    /// The members of a group.
    pub members: Vec<Self>,
}

impl PageComponent {
    /// A component with that name, word and state, and nothing else.
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

    /// Sets the id.
    pub(super) fn with_id(self, id: &Json) -> Self {
        Self {
            id: json::name(id.as_str().unwrap_or_default()),
            ..self
        }
    }

    /// The name, cut to [`MAX_NAME`].
    pub(super) fn shown(&self) -> String {
        one_line(&self.name, MAX_NAME)
    }

    /// The name for a cause, with the word if there is one: `API: partial outage`.
    pub(super) fn text(&self) -> String {
        match self.word.as_str() {
            "" => self.shown(),
            word => format!("{}: {}", self.shown(), worded(word)),
        }
    }

    /// True if the page shows the component now.
    pub(super) fn is_shown(&self) -> bool {
        !(self.only_if_degraded && self.state.is_up())
    }

    /// The component as a detail, if it is shown. `all` includes components that are up. `left`
    /// counts down the entries that are still allowed.
    fn detail(&self, all: bool, left: &mut usize) -> Option<Value> {
        if *left == 0 || !self.is_shown() {
            return None;
        }
        let members = details(&self.members, all, left);
        if members.is_empty() && !all && self.state.is_up() {
            return None;
        }
        *left = left.saturating_sub(1);
        let mut detail = Detail::new();
        detail.put("name", self.shown());
        if !self.word.is_empty() {
            detail.put("status", worded(&self.word));
        }
        if !members.is_empty() {
            detail.put("components", members);
        }
        Some(detail.into())
    }
}

fn details(components: &[PageComponent], all: bool, left: &mut usize) -> Vec<Value> {
    components
        .iter()
        .filter_map(|component| component.detail(all, left))
        .collect()
}

/// The components as a detail, with groups nested, at most [`MAX_SHOWN`] in all.
pub(super) fn detail(components: &[PageComponent]) -> Vec<Value> {
    let all = flat(components).count() <= MAX_SHOWN;
    details(components, all, &mut { MAX_SHOWN })
}

/// All components, each group before its members.
pub(super) fn flat(components: &[PageComponent]) -> impl Iterator<Item = &PageComponent> {
    let mut next: Vec<&PageComponent> = components.iter().rev().collect();
    std::iter::from_fn(move || {
        let component = next.pop()?;
        next.extend(component.members.iter().rev());
        Some(component)
    })
}

/// The names of the components that the page shows, as a list that is short enough for a sentence.
pub(super) fn names(components: &[PageComponent]) -> String {
    let shown = flat(components).filter(|component| component.is_shown());
    let names: Vec<_> = shown.map(PageComponent::shown).take(MAX_SHOWN).collect();
    names.join(", ")
}

/// A component as a page lists it, with its own id and that of its group.
pub(super) struct Listed<'a> {
    /// The id of the component.
    pub id: &'a str,
    /// The id of its group. Empty if it is in none.
    pub group: &'a str,
    /// The component itself.
    pub component: PageComponent,
}

/// Puts the members into their groups. A page has one level of groups: a component whose group is
/// itself in a group, or is missing, stays at the top level.
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
