//! Atlassian Statuspage: `/api/v2/summary.json`, or `/api/v2/status.json`, which has no components.

use serde_json::Value;

use super::component::{Listed, PageComponent, nested};
use super::json::{items, link, text};
use super::report::{ComponentState, PageIncident, PageReport};

/// The states that a page's `indicator` stands for.
const INDICATORS: [(&str, ComponentState); 5] = [
    ("none", ComponentState::At(1.0)),
    ("minor", ComponentState::At(0.5)),
    ("major", ComponentState::At(0.0)),
    ("critical", ComponentState::At(0.0)),
    ("maintenance", ComponentState::Maintenance),
];

/// The states that a component's `status` stands for. `full_outage` is used by incident.io, which
/// offers this JSON as well.
pub(super) const COMPONENTS: [(&str, ComponentState); 6] = [
    ("operational", ComponentState::At(1.0)),
    ("degraded_performance", ComponentState::At(0.75)),
    ("partial_outage", ComponentState::At(0.5)),
    ("major_outage", ComponentState::At(0.0)),
    ("full_outage", ComponentState::At(0.0)),
    ("under_maintenance", ComponentState::Maintenance),
];

/// Reads `{"status":{"indicator":"minor","description":"…"}}`, with `incidents`,
/// `scheduled_maintenances` and `components` if they are there. `None` if this is not such JSON.
pub(super) fn read(body: &Value) -> Option<PageReport> {
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
    let state = ComponentState::of(indicator, &INDICATORS);
    Some(PageReport {
        description: text(&status["description"]),
        incidents,
        components: components(&body["components"]),
        ..PageReport::new(text(&status["indicator"]), state)
    })
}

fn incident(one: &Value) -> PageIncident {
    PageIncident::new(&one["name"], link(&one["shortlink"])).affecting(&one["components"], "id")
}

fn components(list: &Value) -> Vec<PageComponent> {
    let listed = items(list).iter().map(|one| {
        let word = text(&one["status"]);
        let state = ComponentState::of(&word, &COMPONENTS);
        Listed {
            id: one["id"].as_str().unwrap_or_default(),
            group: one["group_id"].as_str().unwrap_or_default(),
            component: PageComponent {
                only_if_degraded: one["only_show_if_degraded"] == true,
                ..PageComponent::new(&one["name"], word, state).with_id(&one["id"])
            },
        }
    });
    nested(listed.collect())
}
