//! Atlassian Statuspage: `/api/v2/summary.json`, and the lesser `/api/v2/status.json`.

use serde_json::Value;

use super::component::{Component, Listed, nested};
use super::json::{items, link, text};
use super::report::{Incident, Report, State};

/// The page's words.
const INDICATORS: [(&str, State); 5] = [
    ("none", State::At(1.0)),
    ("minor", State::At(0.5)),
    ("major", State::At(0.0)),
    ("critical", State::At(0.0)),
    ("maintenance", State::Maintenance),
];

/// A component's words; `full_outage` is incident.io's, which speaks this dialect too.
pub(super) const COMPONENTS: [(&str, State); 6] = [
    ("operational", State::At(1.0)),
    ("degraded_performance", State::At(0.75)),
    ("partial_outage", State::At(0.5)),
    ("major_outage", State::At(0.0)),
    ("full_outage", State::At(0.0)),
    ("under_maintenance", State::Maintenance),
];

/// Reads `{"status":{"indicator":"minor","description":"…"}}` with what may stand beside it.
pub(super) fn read(body: &Value) -> Option<Report> {
    let status = &body["status"];
    let indicator = status["indicator"].as_str()?;
    let going_on = |list: &Value, is_on: fn(&str) -> bool| {
        let on = items(list)
            .iter()
            .filter(move |one| is_on(one["status"].as_str().unwrap_or_default()));
        on.map(incident).collect::<Vec<_>>()
    };
    let mut incidents = going_on(&body["incidents"], |status| {
        !matches!(status, "resolved" | "postmortem" | "completed")
    });
    incidents.extend(going_on(&body["scheduled_maintenances"], |status| {
        matches!(status, "in_progress" | "verifying")
    }));
    let state = State::of(indicator, &INDICATORS);
    Some(Report {
        description: text(&status["description"]),
        incidents,
        components: components(&body["components"]),
        ..Report::new(text(&status["indicator"]), state)
    })
}

fn incident(one: &Value) -> Incident {
    Incident::new(&one["name"], link(&one["shortlink"])).touching(&one["components"], "id")
}

fn components(list: &Value) -> Vec<Component> {
    let listed = items(list).iter().map(|one| {
        let word = text(&one["status"]);
        let state = State::of(&word, &COMPONENTS);
        Listed {
            id: one["id"].as_str().unwrap_or_default(),
            group: one["group_id"].as_str().unwrap_or_default(),
            component: Component {
                only_if_degraded: one["only_show_if_degraded"] == true,
                ..Component::new(&one["name"], word, state).with_id(&one["id"])
            },
        }
    });
    nested(listed.collect())
}
