//! Who makes status pages: where each keeps its JSON, and by which marks it is known.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::report::PageReport;
use super::{atlassian, better_stack, github_old, incident_io, instatus, slack, status_io};

/// The software that makes a status page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Atlassian Statuspage (`/api/v2/summary.json` or `/api/v2/status.json`).
    Atlassian,
    /// incident.io (`/api/v1/summary`).
    IncidentIo,
    /// Instatus (`/summary.json`, for components `/v3/components.json`).
    Instatus,
    /// Better Stack (`/index.json`).
    BetterStack,
    /// Status.io (`https://api.status.io/1.0/status/ID`).
    StatusIo,
    /// Slack (`/api/v2.0.0/current`).
    Slack,
    /// the page that GitHub had before it moved to Statuspage (`{"status":"good"}`).
    GithubOld,
}

impl Provider {
    /// All of them, in the order in which a body's marks are looked for.
    pub(super) const ALL: [Self; 7] = [
        Self::BetterStack,
        Self::StatusIo,
        Self::IncidentIo,
        Self::Slack,
        Self::Atlassian,
        Self::Instatus,
        Self::GithubOld,
    ];

    /// The provider as up.toml names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Atlassian => "atlassian",
            Self::IncidentIo => "incident_io",
            Self::Instatus => "instatus",
            Self::BetterStack => "better_stack",
            Self::StatusIo => "status_io",
            Self::Slack => "slack",
            Self::GithubOld => "github_old",
        }
    }

    /// What `body` says; `None` when it is not of this provider's shape.
    pub(super) fn read(self, body: &Value) -> Option<PageReport> {
        match self {
            Self::Atlassian => atlassian::read(body),
            Self::IncidentIo => incident_io::read(body),
            Self::Instatus => instatus::read(body),
            Self::BetterStack => better_stack::read(body),
            Self::StatusIo => status_io::read(body),
            Self::Slack => slack::read(body),
            Self::GithubOld => github_old::read(body),
        }
    }

    /// What `body` says, and whose it is.
    pub(super) fn detect(body: &Value) -> Option<(Self, PageReport)> {
        let mut all = Self::ALL.into_iter();
        all.find_map(|provider| Some((provider, provider.read(body)?)))
    }
}

/// Where a page's JSON may be, below the page's own URL: the provider's places, or all of them;
/// with `components`, only such as tell of them.
pub(super) fn places(provider: Option<Provider>, components: bool) -> Vec<&'static str> {
    let fits = |places: &&(Provider, &str, bool)| {
        provider.is_none_or(|provider| provider == places.0) && (places.2 || !components)
    };
    PLACES
        .iter()
        .filter(fits)
        .map(|(_, path, _)| *path)
        .collect()
}

/// True of a path that is one of a provider's places, or looks like a file of JSON.
pub(super) fn is_place(path: &str) -> bool {
    let json = path
        .rsplit_once('.')
        .is_some_and(|(_, kind)| kind == "json");
    json || PLACES.iter().any(|(_, place, _)| path.ends_with(place))
}

/// Whose place it is, its path, and whether it tells of components; those that are met with most
/// often first.
const PLACES: [(Provider, &str, bool); 8] = [
    (Provider::Atlassian, "/api/v2/summary.json", true),
    (Provider::IncidentIo, "/api/v1/summary", true),
    (Provider::Instatus, "/summary.json", false),
    (Provider::Instatus, "/v3/components.json", true),
    (Provider::BetterStack, "/index.json", true),
    (Provider::Slack, "/api/v2.0.0/current", true),
    (Provider::Atlassian, "/api/v2/status.json", false),
    (Provider::GithubOld, "/api/status.json", false),
];
