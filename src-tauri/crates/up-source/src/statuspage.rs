//! `type = "statuspage"` and `type = "github"`: the status that a service reports about itself,
//! read from the JSON of its status page, never from HTML.
//!
//! - `provider`: the makers of status pages, the paths of their JSON, and how it is told apart
//! - one file for each provider: how its JSON is read, and what its words mean
//! - `json`: reading JSON that may have any shape
//! - `report`: what all providers' JSON becomes, and the check result; `component`: the components
//! - `tree`: the components as a tree of their own
//! - `wording`: what people read for the words of a page
//! - `seek`: finds the JSON of a page, and requests it no more often than needed

mod atlassian;
mod better_stack;
mod component;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod github_old;
mod incident_io;
mod instatus;
mod json;
mod provider;
mod report;
mod seek;
mod slack;
mod status_io;
mod tree;
mod wording;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

pub use provider::Provider;

use report::PageScope;

use crate::http::{HttpConfig, Size, shown, web_url};
use crate::{Built, ConfigProblem, Configure, PolicyKey, SecretRef, Shared};

/// Reads the status page of a service, by the JSON that the page offers. The source is up if the
/// page reports no trouble, half up (0.5) with minor trouble, down with major trouble, and held
/// while the page reports maintenance. It is unknown if the page cannot be read or uses a word that
/// Up does not know, and down if the page does not answer.
///
/// ```toml
/// [[source]]
/// type = "statuspage"
/// name = "npm"
/// url = "https://status.npmjs.org"
/// interval = "5m"
/// components = ["Package installation", "Website"]
/// ```
///
/// Up requests a page at most once a minute. If it is checked sooner (because of a short
/// `interval`, of `retry`, or by a person), the last answer stands and does not count towards
/// `down_after`. An outage that must be confirmed by a second result is therefore believed after a
/// minute.
///
/// With `components = true`, the page is a tree: `/Root/GitHub/Actions`. Each component has its own
/// status, cause and history, and is judged by itself; groups are trees. Components appear and
/// disappear as the page lists them, without a notification. A component that the page lists only
/// when something is wrong with it is hidden while it is up, and stays until people were notified
/// of its recovery. The JSON of incident.io and of Slack names a component only while an incident
/// concerns it. While the page cannot be read, its components are unknown.
///
/// The status of the page itself is still what the page says of the whole service, because an
/// incident need not concern any component. With `policy`, it follows from the components instead,
/// as in any tree.
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatuspageConfig {
    /// The URL of the page: `"https://status.example.com"`; or the URL of its JSON, and Up then
    /// requests nothing else.
    pub url: String,
    /// The software that makes the page. Default: Up requests the places where each of them keeps
    /// its JSON one after the other, and remembers the first that answers with it. The JSON of
    /// Status.io is on another host: give its URL.
    pub provider: Option<Provider>,
    /// `true` makes the page a tree of its components, at most 1000 (once there are that many, at
    /// most 100 new or renamed ones a day). A list of names makes the status of the source the mean
    /// of these components, without those under maintenance: `["API", "Webhooks"]`. Default:
    /// `false`, the status of the whole page.
    pub components: Option<Components>,
    /// How the status of the source follows from those of its components. Only with
    /// `components = true`. Default: the source has the status that the page reports for the whole
    /// service.
    pub policy: Option<PolicyKey>,
}

up_core::opaque_debug!(StatuspageConfig);

/// Reads the status page of GitHub. All that is said of [`statuspage`](#type--statuspage) applies.
///
/// ```toml
/// [[source]]
/// type = "github"
/// components = ["Git Operations", "Actions"]
/// ```
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GithubConfig {
    /// The URL of the page. Default: `"https://www.githubstatus.com"`.
    pub url: Option<String>,
    /// `true` makes the page a tree of its components. A list of names makes the status of the
    /// source the mean of these components: `["Git Operations", "Actions"]`. Default: `false`, the
    /// status of the whole page.
    pub components: Option<Components>,
    /// How the status of the source follows from those of its components. Only with
    /// `components = true`. Default: the source has the status that the page reports for the whole
    /// service.
    pub policy: Option<PolicyKey>,
}

up_core::opaque_debug!(GithubConfig);

/// The components of a page that are checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "`true`, or names of components, like [\"API\", \"Webhooks\"]"
)]
pub enum Components {
    /// The components with these names.
    Named(Vec<String>),
    /// `true`: all components, as a tree. `false`: the page as a whole.
    All(bool),
}

const GITHUB: &str = "https://www.githubstatus.com";

/// The largest number of bytes that are read of a page.
const MAX_PAGE: u64 = 2 << 20;

impl Configure for StatuspageConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let scope = scope(self.components.as_ref(), self.policy)?;
        built(&self.url, self.provider, scope, shared)
    }
}

impl Configure for GithubConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let url = self.url.as_deref().unwrap_or(GITHUB);
        let scope = scope(self.components.as_ref(), self.policy)?;
        let built = built(url, None, scope, shared)?;
        Ok(Built {
            default_name: "GitHub".to_owned(),
            ..built
        })
    }
}

/// Builds a source for the page at `url`.
fn built(
    url: &str,
    provider: Option<Provider>,
    scope: PageScope,
    shared: &Shared<'_>,
) -> Result<Built, ConfigProblem> {
    let url = web_url("url", url)?;
    let accept = SecretRef::Plain("application/json".into());
    let config = HttpConfig {
        headers: [("accept".to_owned(), accept)].into(),
        max_body: Some(Size::Bytes(MAX_PAGE)),
        ..HttpConfig::new(url.as_str())
    };
    let request = config.question(shared)?;
    Ok(Built {
        default_name: url.host_str().unwrap_or_default().to_owned(),
        target: shown(&request.url),
        source: Arc::new(seek::StatusPage::new(request, provider, scope)),
        names_itself: false,
    })
}

/// Reads `components` and `policy`: what of the page is reported.
fn scope(
    components: Option<&Components>,
    policy: Option<PolicyKey>,
) -> Result<PageScope, ConfigProblem> {
    let scope = match components {
        Some(Components::All(true)) => return Ok(PageScope::Tree(policy.map(Into::into))),
        None | Some(Components::All(false)) => PageScope::Whole,
        Some(Components::Named(names)) => PageScope::Named(names_of(names)?),
    };
    if policy.is_some() {
        let message = "`policy` needs `components = true`, because only a tree has one";
        return Err(ConfigProblem::new("policy", message).help("add components = true"));
    }
    Ok(scope)
}

/// Normalizes the names of components in the same way as those of the page.
fn names_of(names: &[String]) -> Result<Box<[Box<str>]>, ConfigProblem> {
    let name = |name: &String| Box::from(json::name(name));
    let names: Box<[Box<str>]> = names.iter().map(name).collect();
    if names.is_empty() || names.iter().any(|name| name.is_empty()) {
        let help = "list names, like components = [\"API\", \"Webhooks\"]";
        return Err(ConfigProblem::new(
            "components",
            "the list has no component, or an empty name",
        )
        .help(help));
    }
    Ok(names)
}
