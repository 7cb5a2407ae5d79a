//! `type = "statuspage"` and `type = "github"`: what a service says of itself, read from the JSON
//! that its status page offers, never from HTML.
//!
//! - `provider`: who makes such pages, where they keep their JSON, and whose a body is
//! - one file a provider: what its words mean
//! - `json`: the few ways in which they are read
//! - `report`: what they all amount to, and the answer that this is; `component`: its parts
//! - `seek`: finding the JSON, asking again no more than needed

mod atlassian;
mod better_stack;
mod component;
mod github_old;
mod incident_io;
mod instatus;
mod json;
mod provider;
mod report;
mod seek;
mod slack;
mod status_io;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use up_core::cause::one_line;

pub use provider::Provider;

use crate::http::{HttpConfig, Size, shown, web_url};
use crate::{Built, Configure, Problem, SecretRef, Shared};

/// Asks a service's status page, by the JSON that it offers. What the page reports becomes the
/// status: up, half up with minor trouble, down with major trouble; under maintenance it is held.
/// A word that is not known is unknown, and so is a page that cannot be read. A page that does
/// not answer is down.
///
/// A page that answered is not asked again within a minute: asked sooner (by a short `interval`,
/// a recheck or a person), its last answer is given again.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatuspageConfig {
    /// The page's URL, like `"https://status.example.com"`; or that of its JSON, which is then the
    /// only thing asked.
    pub url: String,
    /// Who makes the page. With none, the places where each keeps its JSON are tried in turn, and
    /// the first that answers with a page's JSON is remembered. Status.io's JSON stands on another
    /// host: give its URL.
    pub provider: Option<Provider>,
    /// Names of components of the page: the status is then the mean of theirs. Those under
    /// maintenance are left out of it.
    pub components: Option<Components>,
}

/// Asks GitHub's status page, as `statuspage` does.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GithubConfig {
    /// The page's URL; `"https://www.githubstatus.com"` unless said otherwise.
    pub url: Option<String>,
    /// Names of components, like `"Git Operations"`: the status is then the mean of theirs.
    pub components: Option<Components>,
}

/// Which components of a page are asked about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "names of components, like [\"API\", \"Webhooks\"]"
)]
pub enum Components {
    /// Those of these names.
    Named(Vec<String>),
    /// `false` is none in particular; `true` is not possible.
    All(bool),
}

const GITHUB: &str = "https://www.githubstatus.com";

/// The most of a page that is read.
const MAX_PAGE: u64 = 2 << 20;

impl Configure for StatuspageConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, Problem> {
        built(&self.url, self.provider, self.components.as_ref(), shared)
    }
}

impl Configure for GithubConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, Problem> {
        let url = self.url.as_deref().unwrap_or(GITHUB);
        let built = built(url, None, self.components.as_ref(), shared)?;
        Ok(Built {
            default_name: "GitHub".to_owned(),
            ..built
        })
    }
}

fn built(
    url: &str,
    provider: Option<Provider>,
    components: Option<&Components>,
    shared: &Shared<'_>,
) -> Result<Built, Problem> {
    let url = web_url("url", url)?;
    let wanted = components.map_or(Ok(None), Components::names)?;
    let accept = SecretRef::Plain("application/json".into());
    let config = HttpConfig {
        headers: [("accept".to_owned(), accept)].into(),
        max_body: Some(Size::Bytes(MAX_PAGE)),
        ..HttpConfig::new(url.as_str())
    };
    let question = config.question(shared)?;
    Ok(Built {
        default_name: url.host_str().unwrap_or_default().to_owned(),
        target: shown(&question.url),
        source: Arc::new(seek::Page::new(question, provider, wanted)),
        names_itself: false,
    })
}

impl Components {
    /// The names, as the page's own are read; `None` for none in particular.
    fn names(&self) -> Result<Option<Box<[Box<str>]>>, Problem> {
        let help = "list names, like components = [\"API\", \"Webhooks\"]";
        match self {
            Self::All(false) => Ok(None),
            Self::All(true) => {
                let message = "a page's components cannot become a tree of their own";
                Err(Problem::new("components", message).help(help))
            }
            Self::Named(names) => {
                let name = |name: &String| Box::from(one_line(name, component::MAX_NAME));
                let names: Box<[Box<str>]> = names.iter().map(name).collect();
                if names.is_empty() || names.iter().any(|name| name.is_empty()) {
                    let message = "no component is named here";
                    return Err(Problem::new("components", message).help(help));
                }
                Ok(Some(names))
            }
        }
    }
}
