//! Instatus: `/summary.json` has the state of the page and its incidents, `/v3/components.json` the
//! components.

use serde_json::Value;

use super::component::{Listed, PageComponent, flat, nested};
use super::json::{items, link, text};
use super::report::{ComponentState, PageIncident, PageReport};

/// The states that a component's `status` and an incident's `impact` stand for.
const COMPONENTS: [(&str, ComponentState); 6] = [
    ("OPERATIONAL", ComponentState::At(1.0)),
    ("DEGRADEDPERFORMANCE", ComponentState::At(0.75)),
    ("PARTIALOUTAGE", ComponentState::At(0.5)),
    ("MINOROUTAGE", ComponentState::At(0.5)),
    ("MAJOROUTAGE", ComponentState::At(0.0)),
    ("UNDERMAINTENANCE", ComponentState::Maintenance),
];

/// Reads `{"page":{"status":"UP"},…}`, or `{"components":[…]}`. `None` if this is neither.
pub(super) fn read(body: &Value) -> Option<PageReport> {
    match body["page"]["status"].as_str() {
        Some(word) => Some(summary(body, word)),
        None => parts(body),
    }
}

fn summary(body: &Value, word: &str) -> PageReport {
    let going_on = |list: &Value, over: &[&str]| {
        let on = items(list)
            .iter()
            .filter(|one| !over.contains(&one["status"].as_str().unwrap_or_default()));
        on.cloned().collect::<Vec<_>>()
    };
    let incidents = going_on(&body["activeIncidents"], &["RESOLVED"]);
    let maintenances = going_on(&body["activeMaintenances"], &["NOTSTARTEDYET", "COMPLETED"]);
    let state = match word {
        "UP" => ComponentState::At(1.0),
        "UNDERMAINTENANCE" => ComponentState::Maintenance,
        // The page only says that something is wrong. Its incidents say how much.
        "HASISSUES" => {
            let impact = |one: &Value| {
                one["impact"]
                    .as_str()
                    .map(|word| ComponentState::of(word, &COMPONENTS))
            };
            match ComponentState::worst(incidents.iter().filter_map(impact)) {
                None | Some(ComponentState::At(1.0)) => ComponentState::At(0.5),
                Some(state) => state,
            }
        }
        _ => ComponentState::UnknownWord,
    };
    let incident = |one: &Value| PageIncident::new(&one["name"], link(&one["url"]));
    PageReport {
        incidents: incidents
            .iter()
            .chain(&maintenances)
            .map(incident)
            .collect(),
        ..PageReport::new(text(&body["page"]["status"]), state)
    }
}

/// Reads a list of components. The state of the page is their mean, because nothing else is there.
fn parts(body: &Value) -> Option<PageReport> {
    let list = body["components"].as_array()?;
    // Other providers use the same shape. Only the words of Instatus are in capitals.
    let is_ours = |one: &Value| {
        let word = one["status"].as_str();
        word.is_some_and(|word| !word.is_empty() && !word.contains(char::is_lowercase))
    };
    if !list.iter().all(is_ours) {
        return None;
    }
    let mut listed = Vec::new();
    for one in list {
        let mut component = component(one);
        let members = items(&one["children"]).iter();
        component.members = members.map(self::component).collect();
        let group = &one["group"];
        let group = group["id"].as_str().or(group.as_str());
        listed.push(Listed {
            id: one["id"].as_str().unwrap_or_default(),
            group: group.unwrap_or_default(),
            component,
        });
    }
    let components = nested(listed);
    let leaves = || flat(&components).filter(|one| one.members.is_empty());
    let state = ComponentState::mean(leaves().map(|leaf| leaf.state))?;
    let worst = leaves()
        .filter(|leaf| !leaf.state.is_up())
        .min_by(|a, b| a.state.rank().total_cmp(&b.state.rank()));
    let word = worst
        .map_or("OPERATIONAL", |leaf| leaf.word.as_str())
        .to_owned();
    Some(PageReport {
        components,
        ..PageReport::new(word, state)
    })
}

fn component(one: &Value) -> PageComponent {
    let word = text(&one["status"]);
    let state = ComponentState::of(&word, &COMPONENTS);
    PageComponent::new(&one["name"], word, state)
}
