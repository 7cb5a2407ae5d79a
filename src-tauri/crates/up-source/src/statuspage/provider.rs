//! The makers of status pages: the paths of their JSON, and how it is told apart.

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
    /// All providers, in the order in which JSON is tried.
    pub(super) const ALL: [Self; 7] = [
        Self::BetterStack,
        Self::StatusIo,
        Self::IncidentIo,
        Self::Slack,
        Self::Atlassian,
        Self::Instatus,
        Self::GithubOld,
    ];

    /// The name of the provider in up.toml.
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

    /// Reads `body`. `None` if it is not JSON of this provider.
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

    /// Reads `body`, and finds out which provider it is from.
    pub(super) fn detect(body: &Value) -> Option<(Self, PageReport)> {
        let mut all = Self::ALL.into_iter();
        all.find_map(|provider| Some((provider, provider.read(body)?)))
    }
}

/// The paths, below the URL of a page, where its JSON may be: those of `provider`, or of all. With
/// `components`, only those of JSON that has components.
pub(super) fn paths(provider: Option<Provider>, components: bool) -> Vec<&'static str> {
    let fits = |(owner, _, has_components): &&(Provider, &str, bool)| {
        provider.is_none_or(|provider| provider == *owner) && (*has_components || !components)
    };
    PATHS
        .iter()
        .filter(fits)
        .map(|(_, path, _)| *path)
        .collect()
}

/// True if `path` is one of the providers' paths, or that of a JSON file.
pub(super) fn is_json_path(path: &str) -> bool {
    let json = path
        .rsplit_once('.')
        .is_some_and(|(_, kind)| kind == "json");
    json || PATHS.iter().any(|(_, known, _)| path.ends_with(known))
}

/// The paths of all providers: provider, path, and whether the JSON has components. The most common
/// come first.
const PATHS: [(Provider, &str, bool); 8] = [
    (Provider::Atlassian, "/api/v2/summary.json", true),
    (Provider::IncidentIo, "/api/v1/summary", true),
    (Provider::Instatus, "/summary.json", false),
    (Provider::Instatus, "/v3/components.json", true),
    (Provider::BetterStack, "/index.json", true),
    (Provider::Slack, "/api/v2.0.0/current", true),
    (Provider::Atlassian, "/api/v2/status.json", false),
    (Provider::GithubOld, "/api/status.json", false),
];
