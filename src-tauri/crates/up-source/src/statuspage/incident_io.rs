//! incident.io: `/api/v1/summary`, which lists ongoing incidents and maintenances, and the
//! components that they affect.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::atlassian::COMPONENTS;
use super::component::PageComponent;
use super::json::{items, link, text};
use super::report::{ComponentState, PageIncident, PageReport};

/// Reads `{"ongoing_incidents":[…],"in_progress_maintenances":[…]}`. `None` if this is not such
/// JSON.
pub(super) fn read(body: &Value) -> Option<PageReport> {
    let ongoing = body["ongoing_incidents"].as_array()?;
    let maintenances = items(&body["in_progress_maintenances"]);
    let impact = |one: &Value| ComponentState::of(impact_of(one), &COMPONENTS);
    // An incident whose impact is "operational" is still an incident, so that the page is not
    // wholly up.
    let lowest = ComponentState::worst(ongoing.iter().map(impact));
    let (word, state) = match (lowest, maintenances) {
        (None, []) if ongoing.is_empty() => ("operational", ComponentState::At(1.0)),
        (None, _) if ongoing.is_empty() => ("under_maintenance", ComponentState::Maintenance),
        (None | Some(ComponentState::At(1.0)), _) => {
            ("degraded_performance", ComponentState::At(0.75))
        }
        (Some(state), _) => {
            let mut incidents = ongoing.iter();
            let of_it = incidents.find(|one| impact(one) == state);
            (of_it.map_or("", impact_of), state)
        }
    };
    let going_on = || ongoing.iter().chain(maintenances);
    let incident = |one: &Value| {
        PageIncident::new(&one["name"], link(&one["url"]))
            .affecting(&one["affected_components"], "name")
    };
    let affected = going_on().flat_map(|one| items(&one["affected_components"]));
    let mut parts = AffectedComponents::default();
    for one in affected {
        parts.put(one);
    }
    Some(PageReport {
        incidents: going_on().map(incident).collect(),
        components: parts.components,
        lists_all: false,
        ..PageReport::new(text(&word.into()), state)
    })
}

fn impact_of(incident: &Value) -> &str {
    incident["current_worst_impact"]
        .as_str()
        .unwrap_or_default()
}

/// The affected components. They are looked up by name, because a page may list very many.
#[derive(Default)]
struct AffectedComponents {
    components: Vec<PageComponent>,
    /// The index of each group in `components`, by its name.
    groups: HashMap<String, usize>,
    /// The group, name and word of all components that were added.
    known: HashSet<[String; 3]>,
}

impl AffectedComponents {
    /// Adds a component to its group. A component that several incidents affect with the same word
    /// is added once.
    fn put(&mut self, one: &Value) {
        let word = text(&one["current_status"]);
        let state = ComponentState::of(&word, &COMPONENTS);
        let component = PageComponent::new(&one["name"], word, state);
        let (group, list) = match one["group_name"].as_str() {
            None | Some("") => (String::new(), &mut self.components),
            Some(_) => {
                let group = PageComponent::new(&one["group_name"], String::new(), state);
                let name = group.name.clone();
                let at = *self.groups.entry(name.clone()).or_insert_with(|| {
                    self.components.push(group);
                    self.components.len() - 1
                });
                let group = &mut self.components[at];
                let both = [group.state, state];
                group.state = ComponentState::worst(both).unwrap_or(ComponentState::Maintenance);
                (name, &mut group.members)
            }
        };
        let key = [group, component.name.clone(), component.word.clone()];
        if self.known.insert(key) {
            list.push(component);
        }
    }
}
