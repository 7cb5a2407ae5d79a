//! Better Stack: `/index.json`, a JSON:API document.

use serde_json::Value;

use super::component::{Listed, PageComponent, nested};
use super::json::{items, link, text};
use super::report::{ComponentState, PageIncident, PageReport};

/// The states that a page's `aggregate_state` stands for.
const PAGE: [(&str, ComponentState); 4] = [
    ("operational", ComponentState::At(1.0)),
    ("degraded", ComponentState::At(0.5)),
    ("downtime", ComponentState::At(0.0)),
    ("maintenance", ComponentState::Maintenance),
];

/// The states that a resource's `status` stands for. `not_monitored` is missing, because such a
/// resource has no state.
const RESOURCES: [(&str, ComponentState); 4] = [
    ("operational", ComponentState::At(1.0)),
    ("degraded", ComponentState::At(0.75)),
    ("downtime", ComponentState::At(0.0)),
    ("maintenance", ComponentState::Maintenance),
];

/// Reads `{"data":{"attributes":{"aggregate_state":"operational"}},"included":[…]}`. `None` if this
/// is not such JSON.
pub(super) fn read(body: &Value) -> Option<PageReport> {
    let page = &body["data"]["attributes"];
    let word = page["aggregate_state"].as_str()?;
    let included = items(&body["included"]);
    let reports = included.iter().filter(|one| one["type"] == "status_report");
    let ongoing = reports.filter(|one| one["attributes"]["ends_at"].is_null());
    let (maintenances, incidents): (Vec<_>, Vec<_>) =
        ongoing.partition(|one| one["attributes"]["report_type"] == "maintenance");
    // Planned maintenances are listed as well. One is in progress only if the page says so.
    let under_way = maintenances
        .into_iter()
        .filter(|one| one["attributes"]["aggregate_state"] == "maintenance");
    let incident = |one: &Value| {
        let report = &one["attributes"];
        PageIncident::new(&report["title"], link(&report["url"]))
            .affecting(&report["affected_resources"], "status_page_resource_id")
    };
    Some(PageReport {
        incidents: incidents
            .into_iter()
            .chain(under_way)
            .map(incident)
            .collect(),
        components: resources(included),
        ..PageReport::new(
            text(&page["aggregate_state"]),
            ComponentState::of(word, &PAGE),
        )
    })
}

/// The resources, grouped by their sections. The state of a section is the mean of its resources.
fn resources(included: &[Value]) -> Vec<PageComponent> {
    let section_of = |one: &Value| {
        let id = &one["attributes"]["status_page_section_id"];
        id.as_str()
            .map_or_else(
                || id.as_u64().map(|id| id.to_string()),
                |id| Some(id.to_owned()),
            )
            .unwrap_or_default()
    };
    let sections = included
        .iter()
        .filter(|one| one["type"] == "status_page_section");
    let resources = included
        .iter()
        .filter(|one| one["type"] == "status_page_resource");
    let groups: Vec<String> = resources.clone().map(section_of).collect();
    let mut listed: Vec<Listed<'_>> = Vec::new();
    for section in sections {
        let id = section["id"].as_str().unwrap_or_default();
        let name = &section["attributes"]["name"];
        // A section without a name only orders the page.
        if !name.as_str().unwrap_or_default().is_empty() {
            listed.push(Listed {
                id,
                group: "",
                component: PageComponent::new(name, String::new(), ComponentState::UnknownWord),
            });
        }
    }
    for (one, group) in resources.zip(&groups) {
        let attributes = &one["attributes"];
        let word = text(&attributes["status"]);
        let state = ComponentState::of(&word, &RESOURCES);
        listed.push(Listed {
            id: "",
            group,
            component: PageComponent {
                is_unwatched: word == "not_monitored",
                ..PageComponent::new(&attributes["public_name"], word, state).with_id(&one["id"])
            },
        });
    }
    let mut components = nested(listed);
    for group in components.iter_mut().filter(|one| !one.members.is_empty()) {
        let members = group.members.iter().map(|member| member.state);
        group.state = ComponentState::mean(members).unwrap_or(ComponentState::UnknownWord);
    }
    components
}
