//! Status.io's public status API. Its numbers are read, since its words are a page's own.

use serde_json::Value;

use super::component::Component;
use super::json::{items, text};
use super::report::{Incident, Report, State};

/// Reads `{"result":{"status_overall":{"status":"Operational","status_code":100},…}}`.
pub(super) fn read(body: &Value) -> Option<Report> {
    let result = &body["result"];
    let overall = &result["status_overall"];
    let state = state(overall["status_code"].as_u64()?);
    let incident = |one: &Value| {
        Incident::new(&one["name"], None)
            .touching(&one["containers_affected"], "_id")
            .touching(&one["components_affected"], "_id")
    };
    let going_on = items(&result["incidents"])
        .iter()
        .chain(items(&result["maintenance"]["active"]));
    let word = match state {
        State::Unheard => format!("{} {}", overall["status_code"], text(&overall["status"])),
        _ => text(&overall["status"]),
    };
    Some(Report {
        incidents: going_on.map(incident).collect(),
        components: items(&result["status"]).iter().map(group).collect(),
        ..Report::new(word, state)
    })
}

fn group(one: &Value) -> Component {
    let containers = items(&one["containers"]).iter();
    Component {
        members: containers.map(component).collect(),
        ..component(one)
    }
}

fn component(one: &Value) -> Component {
    let state = one["status_code"].as_u64().map_or(State::Unheard, state);
    Component::new(&one["name"], text(&one["status"]), state).with_id(&one["id"])
}

/// The codes of Status.io's documentation; 600 is a security event.
fn state(code: u64) -> State {
    match code {
        100 => State::At(1.0),
        200 => State::Maintenance,
        300 => State::At(0.75),
        400 => State::At(0.5),
        500 | 600 => State::At(0.0),
        _ => State::Unheard,
    }
}
