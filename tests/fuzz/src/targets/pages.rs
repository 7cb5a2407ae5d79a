//! JSON of status pages: each provider's read as its own, and with the provider detected.

use up_source::fuzzing::{LARGEST_PAGE, statuspage};
use up_source::statuspage::Provider;

use super::texts;
use crate::grown::grown;
use crate::sound::sound;
use crate::{FuzzTarget, Grown};

/// A target that reads pages of that provider, or detects it.
macro_rules! page {
    ($name:literal, $provider:expr, $seeds:expr, $grown:expr) => {
        FuzzTarget {
            words: WORDS,
            grown: $grown,
            largest: LARGEST_PAGE,
            spare: 2 << 20,
            // A page is parsed into a tree of values, each of which takes much more memory than its
            // text.
            factor: 128,
            ceiling: 48 << 20,
            ..FuzzTarget::new($name, |body| read($provider, body), || texts($seeds))
        }
    };
}

pub(super) const TARGETS: &[FuzzTarget] = &[
    page!(
        "page_atlassian",
        Some(Provider::Atlassian),
        ATLASSIAN,
        LONG_ATLASSIAN
    ),
    page!(
        "page_incident_io",
        Some(Provider::IncidentIo),
        INCIDENT_IO,
        LONG_INCIDENT_IO
    ),
    page!(
        "page_instatus",
        Some(Provider::Instatus),
        INSTATUS,
        LONG_INSTATUS
    ),
    page!(
        "page_better_stack",
        Some(Provider::BetterStack),
        BETTER_STACK,
        LONG_BETTER_STACK
    ),
    page!(
        "page_status_io",
        Some(Provider::StatusIo),
        STATUS_IO,
        LONG_STATUS_IO
    ),
    page!("page_slack", Some(Provider::Slack), SLACK, LONG_SLACK),
    page!(
        "page_github_old",
        Some(Provider::GithubOld),
        GITHUB_OLD,
        &[]
    ),
    page!(
        "page_any",
        None,
        &[
            ATLASSIAN[0],
            INCIDENT_IO[0],
            INSTATUS[1],
            BETTER_STACK[0],
            STATUS_IO[0],
            SLACK[0],
            GITHUB_OLD[0]
        ],
        &[
            grown("[", "0,", "]"),
            grown("[", "{},", "]"),
            grown("", "[", ""),
            grown("{", "\"#\":0,", "}")
        ]
    ),
];

fn read(provider: Option<Provider>, body: &[u8]) {
    sound(statuspage(provider, body).into_iter().flatten());
}

const WORDS: &[&str] = &[
    "\"status\":",
    "\"name\":",
    "\"components\":",
    "\"id\":",
    "\"group_id\":",
    "null",
    "[]",
    "{}",
    "\"operational\"",
    "\"major_outage\"",
    "\"OPERATIONAL\"",
    "\"\"",
    "1e308",
    "true",
    "\"API\"",
    "\"https://a.example/\"",
    "100",
    "\\u202e",
];

const ATLASSIAN: &[&str] = &[
    r#"{"page":{"name":"X"},"status":{"indicator":"minor","description":"Partial outage"},
    "components":[{"id":"g","name":"Group","status":"partial_outage","group_id":null,"group":true},
    {"id":"a","name":"API","status":"degraded_performance","group_id":"g","only_show_if_degraded":true},
    {"id":"w","name":"Webhooks","status":"under_maintenance","group_id":null}],
    "incidents":[{"name":"Slow","status":"investigating","shortlink":"https://stspg.io/x"}],
    "scheduled_maintenances":[{"name":"Move","status":"in_progress","shortlink":"https://stspg.io/y"}]}"#,
    r#"{"status":{"indicator":"none","description":"All Systems Operational"}}"#,
];

const LONG_ATLASSIAN: &[Grown] = &[
    grown(
        r#"{"status":{"indicator":"minor"},"components":["#,
        r##"{"id":"#","name":"c#","status":"operational","group_id":"0"},"##,
        "]}",
    ),
    grown(
        r#"{"status":{"indicator":"minor"},"incidents":["#,
        r#"{"name":"i#","status":"investigating"},"#,
        "]}",
    ),
];

const INCIDENT_IO: &[&str] = &[
    r#"{"page_title":"X","ongoing_incidents":[{"name":"Slow","url":"https://x.example/i",
    "current_worst_impact":"partial_outage","affected_components":[
    {"name":"API","group_name":"Core","current_status":"partial_outage"},
    {"name":"Webhooks","group_name":null,"current_status":"degraded_performance"}]}],
    "in_progress_maintenances":[{"name":"Move","url":"https://x.example/m","affected_components":[]}],
    "scheduled_maintenances":[]}"#,
    r#"{"ongoing_incidents":[],"in_progress_maintenances":[],"scheduled_maintenances":[]}"#,
];

const LONG_INCIDENT_IO: &[Grown] = &[
    grown(
        r#"{"ongoing_incidents":[{"affected_components":["#,
        r#"{"name":"c#"},"#,
        "]}]}",
    ),
    grown(
        r#"{"ongoing_incidents":[{"affected_components":["#,
        r#"{"name":"c#","group_name":"g#"},"#,
        "]}]}",
    ),
];

const INSTATUS: &[&str] = &[
    r#"{"page":{"name":"X","url":"https://x.example","status":"HASISSUES"},
    "activeIncidents":[{"name":"Slow","status":"INVESTIGATING","impact":"MINOROUTAGE","url":"https://x.example/i"}],
    "activeMaintenances":[{"name":"Move","status":"INPROGRESS","url":"https://x.example/m"}]}"#,
    r#"{"components":[{"id":"g","name":"Group","status":"OPERATIONAL","children":[
    {"id":"a","name":"API","status":"MAJOROUTAGE"}]},
    {"id":"w","name":"Webhooks","status":"UNDERMAINTENANCE","group":{"id":"g"}}]}"#,
];

const LONG_INSTATUS: &[Grown] = &[
    grown(
        r#"{"components":["#,
        r##"{"id":"#","name":"c#","status":"OPERATIONAL","group":"0"},"##,
        "]}",
    ),
    grown(
        r#"{"components":[{"name":"g","status":"OPERATIONAL","children":["#,
        r#"{"name":"c#","status":"MAJOROUTAGE"},"#,
        "]}]}",
    ),
];

const BETTER_STACK: &[&str] = &[
    r#"{"data":{"id":"1","type":"status_page","attributes":{"company_name":"X","aggregate_state":"degraded"}},
    "included":[{"id":"s","type":"status_page_section","attributes":{"name":"Core"}},
    {"id":"r","type":"status_page_resource","attributes":{"status_page_section_id":"s","public_name":"API","status":"degraded"}},
    {"id":"q","type":"status_page_resource","attributes":{"status_page_section_id":7,"public_name":"Webhooks","status":"not_monitored"}},
    {"id":"i","type":"status_report","attributes":{"title":"Slow","ends_at":null,"report_type":"manual","url":"https://x.example/i"}}]}"#,
    r#"{"data":{"attributes":{"aggregate_state":"operational"}},"included":[]}"#,
];

const LONG_BETTER_STACK: &[Grown] = &[grown(
    r#"{"data":{"attributes":{"aggregate_state":"operational"}},"included":["#,
    r##"{"id":"#","type":"status_page_section","attributes":{"name":"s#"}},{"type":"status_page_resource","attributes":{"status_page_section_id":"#","public_name":"r#","status":"operational"}},"##,
    "]}",
)];

const STATUS_IO: &[&str] = &[
    r#"{"result":{"status_overall":{"updated":"2024-01-01","status":"Degraded Performance","status_code":300},
    "status":[{"id":"a","name":"API","status":"Operational","status_code":100,"containers":[
    {"id":"b","name":"Webhooks","status":"Planned Maintenance","status_code":200}]}],
    "incidents":[{"name":"Slow"}],"maintenance":{"active":[{"name":"Move"}],"upcoming":[]}}}"#,
];

const LONG_STATUS_IO: &[Grown] = &[grown(
    r#"{"result":{"status_overall":{"status_code":300},"status":["#,
    r#"{"name":"c#","status_code":100,"containers":[{"name":"d#"}]},"#,
    "]}}",
)];

const SLACK: &[&str] = &[
    r#"{"status":"active","date_created":"2024-01-01","active_incidents":[{"id":1,"type":"incident",
    "status":"active","title":"Slow","url":"https://slack-status.com/1","services":["API","Webhooks"]}]}"#,
    r#"{"status":"ok","active_incidents":[]}"#,
];

const LONG_SLACK: &[Grown] = &[
    grown(
        r#"{"status":"active","active_incidents":[{"type":"incident","services":["#,
        r#""s#","#,
        "]}]}",
    ),
    grown(
        r#"{"status":"active","active_incidents":["#,
        r#"{"type":"outage","title":"t#","services":["s#"]},"#,
        "]}",
    ),
];

const GITHUB_OLD: &[&str] = &[
    r#"{"status":"minor","body":"Some trouble","created_on":"2012-12-07T18:11:55Z"}"#,
    r#"{"status":"good","last_updated":"2012-12-07T18:11:55Z"}"#,
];
