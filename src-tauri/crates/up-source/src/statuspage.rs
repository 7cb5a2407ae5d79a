//! Placeholder.
use crate::{Built, Configure, Probe, Problem, Shared, Source};
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use up_core::Answer;
/// Config.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatuspageConfig {
    /// host
    pub host: Option<String>,
    /// url
    pub url: Option<String>,
}
#[derive(Debug)]
struct S;
impl Source for S {
    fn check<'a>(&'a self, _p: &'a Probe) -> BoxFuture<'a, Answer> {
        Box::pin(async { Answer::up() })
    }
}
impl Configure for StatuspageConfig {
    fn build(&self, _s: &Shared<'_>) -> Result<Built, Problem> {
        Ok(Built {
            source: std::sync::Arc::new(S),
            default_name: "tcp".into(),
            target: String::new(),
            names_itself: false,
        })
    }
}
/// Config.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GithubConfig {
    /// url
    pub url: Option<String>,
}
impl Configure for GithubConfig {
    fn build(&self, _s: &Shared<'_>) -> Result<Built, Problem> {
        Ok(Built {
            source: std::sync::Arc::new(S),
            default_name: "GitHub".into(),
            target: String::new(),
            names_itself: false,
        })
    }
}
