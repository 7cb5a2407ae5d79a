//! Slack: `/api/v2.0.0/current`, which lists active incidents and the services that they affect.

use std::collections::HashSet;

use serde_json::Value;

use super::component::PageComponent;
use super::json::{items, link, text};
use super::report::{ComponentState, PageIncident, PageReport};

/// The states that an incident's `type` stands for.
const TYPES: [(&str, ComponentState); 4] = [
    ("notice", ComponentState::At(0.75)),
    ("incident", ComponentState::At(0.5)),
    ("outage", ComponentState::At(0.0)),
    ("maintenance", ComponentState::Maintenance),
];

/// Reads `{"status":"ok","active_incidents":[]}`. `None` if this is not such JSON.
pub(super) fn read(body: &Value) -> Option<PageReport> {
    let active = body["active_incidents"].as_array()?;
    let status = body["status"].as_str()?;
    let is_on = |one: &&Value| {
        !matches!(
            one["status"].as_str(),
            Some("resolved" | "completed" | "cancelled" | "scheduled")
        )
    };
    let ongoing: Vec<&Value> = active.iter().filter(is_on).collect();
    let of = |one: &&Value| ComponentState::of(one["type"].as_str().unwrap_or_default(), &TYPES);
    let (word, state) = match status {
        "ok" => (status, ComponentState::At(1.0)),
        "active" => {
            // A maintenance counts only if nothing worse is active.
            let state = ComponentState::worst(ongoing.iter().map(of));
            let state = state.unwrap_or(ComponentState::Maintenance);
            let of_it = ongoing.iter().find(|one| of(one) == state);
            let word = of_it.and_then(|one| one["type"].as_str());
            match (word, ongoing.is_empty()) {
                (_, true) => (status, ComponentState::At(0.75)),
                (word, false) => (word.unwrap_or_default(), state),
            }
        }
        _ => (status, ComponentState::UnknownWord),
    };
    let incident = |one: &&Value| {
        PageIncident::new(&one["title"], link(&one["url"])).affecting(&one["services"], "name")
    };
    // Looked up by name and word, because a page may list very many.
    let mut known = HashSet::new();
    let mut components: Vec<PageComponent> = Vec::new();
    for one in &ongoing {
        for service in items(&one["services"]) {
            let word = text(&one["type"]);
            let component = PageComponent::new(service, word, of(one));
            if known.insert((component.name.clone(), component.word.clone())) {
                components.push(component);
            }
        }
    }
    Some(PageReport {
        incidents: ongoing.iter().map(incident).collect(),
        components,
        lists_all: false,
        ..PageReport::new(text(&word.into()), state)
    })
}
