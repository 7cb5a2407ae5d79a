//! incident.io: `/api/v1/summary`, which lists what goes on and the components that it touches.

use serde_json::Value;

use super::atlassian::COMPONENTS;
use super::component::Component;
use super::json::{items, link, text};
use super::report::{Incident, Report, State};

/// Reads `{"ongoing_incidents":[…],"in_progress_maintenances":[…]}`.
pub(super) fn read(body: &Value) -> Option<Report> {
    let ongoing = body["ongoing_incidents"].as_array()?;
    let maintenances = items(&body["in_progress_maintenances"]);
    let impact = |one: &Value| State::of(impact_of(one), &COMPONENTS);
    // An incident of no worse impact is one nevertheless.
    let lowest = State::worst(ongoing.iter().map(impact));
    let (word, state) = match (lowest, maintenances) {
        (None, []) if ongoing.is_empty() => ("operational", State::At(1.0)),
        (None, _) if ongoing.is_empty() => ("under_maintenance", State::Maintenance),
        (None | Some(State::At(1.0)), _) => ("degraded_performance", State::At(0.75)),
        (Some(state), _) => {
            let mut incidents = ongoing.iter();
            let of_it = incidents.find(|one| impact(one) == state);
            (of_it.map_or("", impact_of), state)
        }
    };
    let going_on = || ongoing.iter().chain(maintenances);
    let incident = |one: &Value| {
        Incident::new(&one["name"], link(&one["url"])).touching(&one["affected_components"], "name")
    };
    let touched = going_on().flat_map(|one| items(&one["affected_components"]));
    let mut components: Vec<Component> = Vec::new();
    for one in touched {
        put(&mut components, one);
    }
    Some(Report {
        incidents: going_on().map(incident).collect(),
        components,
        lists_all: false,
        ..Report::new(text(&word.into()), state)
    })
}

fn impact_of(incident: &Value) -> &str {
    incident["current_worst_impact"]
        .as_str()
        .unwrap_or_default()
}

/// Puts a component in, below its group; one that several incidents touch stands once.
fn put(components: &mut Vec<Component>, one: &Value) {
    let word = text(&one["current_status"]);
    let state = State::of(&word, &COMPONENTS);
    let component = Component::new(&one["name"], word, state);
    let list = match one["group_name"].as_str() {
        None | Some("") => components,
        Some(_) => {
            let group = Component::new(&one["group_name"], String::new(), state);
            let at = components
                .iter()
                .position(|known| known.name == group.name && known.word.is_empty());
            let at = at.unwrap_or_else(|| {
                components.push(group);
                components.len() - 1
            });
            let group = &mut components[at];
            let both = [group.state, state];
            group.state = State::worst(both).unwrap_or(State::Maintenance);
            &mut group.members
        }
    };
    if !list.contains(&component) {
        list.push(component);
    }
}
