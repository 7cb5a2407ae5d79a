//! Status.io's public status API. Its status codes are read, because its words differ from page to
//! page.

use serde_json::Value;

use super::component::PageComponent;
use super::json::{items, text};
use super::report::{ComponentState, PageIncident, PageReport};

/// Reads `{"result":{"status_overall":{"status":"Operational","status_code":100},…}}`. `None` if
/// this is not such JSON.
pub(super) fn read(body: &Value) -> Option<PageReport> {
    let result = &body["result"];
    let overall = &result["status_overall"];
    let state = state(overall["status_code"].as_u64()?);
    let incident = |one: &Value| {
        PageIncident::new(&one["name"], None)
            .affecting(&one["containers_affected"], "_id")
            .affecting(&one["components_affected"], "_id")
    };
    let going_on = items(&result["incidents"])
        .iter()
        .chain(items(&result["maintenance"]["active"]));
    let word = match state {
        ComponentState::UnknownWord => {
            format!("{} {}", overall["status_code"], text(&overall["status"]))
        }
        _ => text(&overall["status"]),
    };
    Some(PageReport {
        incidents: going_on.map(incident).collect(),
        components: items(&result["status"]).iter().map(group).collect(),
        ..PageReport::new(word, state)
    })
}

fn group(one: &Value) -> PageComponent {
    let containers = items(&one["containers"]).iter();
    PageComponent {
        members: containers.map(component).collect(),
        ..component(one)
    }
}

fn component(one: &Value) -> PageComponent {
    let state = one["status_code"]
        .as_u64()
        .map_or(ComponentState::UnknownWord, state);
    PageComponent::new(&one["name"], text(&one["status"]), state).with_id(&one["id"])
}

/// The state for a status code of Status.io's documentation. 600 is a security event.
fn state(code: u64) -> ComponentState {
    match code {
        100 => ComponentState::At(1.0),
        200 => ComponentState::Maintenance,
        300 => ComponentState::At(0.75),
        400 => ComponentState::At(0.5),
        500 | 600 => ComponentState::At(0.0),
        _ => ComponentState::UnknownWord,
    }
}
