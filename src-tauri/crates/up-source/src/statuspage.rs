//! `type = "statuspage"` and `type = "github"`: the status that a service reports about itself,
//! read from the JSON of its status page, never from HTML.
//!
//! - `provider`: the makers of status pages, the paths of their JSON, and how it is told apart
//! - one file for each provider: how its JSON is read, and what its words mean
//! - `json`: reading JSON that may have any shape
//! - `report`: what all providers' JSON becomes, and the check result; `component`: the components
//! - `tree`: the components as a tree of their own
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

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

pub use provider::Provider;

use report::PageScope;

use crate::http::{HttpConfig, Size, shown, web_url};
use crate::{Built, ConfigProblem, Configure, PolicyKey, SecretRef, Shared};

/// Asks a service's status page, by the JSON that it offers. What the page reports becomes the
/// status: up, half up with minor trouble, down with major trouble; under maintenance it is held.
/// A word that is not known is unknown, and so is a page that cannot be read. A page that does
/// not answer is down.
///
/// A page that answered is not asked again within a minute: asked sooner (by a short `interval`,
/// a recheck or a person), its last answer stands, and confirms nothing. So bad news that must be
/// heard twice (`down_after`) is believed after a minute.
///
/// With `components = true` the page is a tree: `/Root/GitHub/Actions`. Each component has its own
/// status, cause and history, is judged and told of by itself, and is held while it is under
/// maintenance; groups are trees. They come and go as the page lists them, without an alert. One
/// that the page only shows when something is wrong with it is hidden while it is up, and stays
/// until its recovery was told. When the page cannot be read, its components are unknown. What
/// only some incidents touch is shown only then (incident.io's and Slack's own JSON).
///
/// The page itself then still is what it says of the whole, as an incident need not touch any
/// component. With `policy` it is made from its components instead, as any tree.
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatuspageConfig {
    /// The page's URL, like `"https://status.example.com"`; or that of its JSON, which is then the
    /// only thing asked.
    pub url: String,
    /// Who makes the page. With none, the places where each keeps its JSON are tried in turn, and
    /// the first that answers with a page's JSON is remembered. Status.io's JSON stands on another
    /// host: give its URL.
    pub provider: Option<Provider>,
    /// `true` makes the page a tree of all its components, at most 1000, of which 100 a day may be
    /// new or called anew once as many have been. Or names of components:
    /// the status is then the mean of theirs, those under maintenance left out of it.
    pub components: Option<Components>,
    /// With `components = true`: how the status is made from the components'. With none, it is what
    /// the page says of the whole.
    pub policy: Option<PolicyKey>,
}

up_core::opaque_debug!(StatuspageConfig);

/// Asks GitHub's status page, as `statuspage` does.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GithubConfig {
    /// The page's URL; `"https://www.githubstatus.com"` unless said otherwise.
    pub url: Option<String>,
    /// `true` makes the page a tree of all its components. Or names of components, like
    /// `"Git Operations"`: the status is then the mean of theirs.
    pub components: Option<Components>,
    /// With `components = true`: how the status is made from the components'. With none, it is what
    /// the page says of the whole.
    pub policy: Option<PolicyKey>,
}

up_core::opaque_debug!(GithubConfig);

/// Which components of a page are asked about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "`true`, or names of components, like [\"API\", \"Webhooks\"]"
)]
pub enum Components {
    /// Those of these names.
    Named(Vec<String>),
    /// `true` is all of them, as a tree; `false` none in particular.
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
