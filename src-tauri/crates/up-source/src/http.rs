//! Placeholder.
use crate::{Built, Configure, Probe, Problem, Shared, Source};
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use up_core::Answer;
/// Config.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
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
impl Configure for HttpConfig {
    fn build(&self, _s: &Shared<'_>) -> Result<Built, Problem> {
        Ok(Built {
            source: std::sync::Arc::new(S),
            default_name: "http".into(),
            target: String::new(),
            names_itself: false,
        })
    }
}
/// Clients.
#[derive(Debug, Default)]
pub struct Clients;
