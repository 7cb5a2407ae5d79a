//! `type = "statuspage"` and `type = "github"`: what a service says of itself.
//!
//! Reads Atlassian Statuspage's `/api/v2/status.json`, and the body that GitHub's own status API
//! had before it moved there.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use up_core::cause::one_line;
use up_core::{Answer, CauseCode, Status};
use url::Url;

use crate::http::{HttpConfig, Keep, Question, Size, shown, web_url};
use crate::{Built, Configure, Probe, Problem, SecretRef, Shared, Source};

/// Asks a service's status page. What the page reports becomes the status: `none` is up, `minor`
/// half up, `major` and `critical` down; `maintenance` is unknown, and so is a word that is not
/// known. A page that does not answer is down.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatuspageConfig {
    /// The page's URL, like `"https://status.example.com"`; or that of its `status.json`.
    pub url: String,
}

/// Asks GitHub's status page, as `statuspage` does.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GithubConfig {
    /// The page's URL; `"https://www.githubstatus.com"` unless said otherwise.
    pub url: Option<String>,
}

const GITHUB: &str = "https://www.githubstatus.com";

/// The most of a page that is read.
const MAX_PAGE: u64 = 2 << 20;

impl Configure for StatuspageConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, Problem> {
        built(&self.url, None, shared)
    }
}

impl Configure for GithubConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, Problem> {
        let url = self.url.as_deref().unwrap_or(GITHUB);
        built(url, Some("GitHub"), shared)
    }
}

fn built(url: &str, name: Option<&str>, shared: &Shared<'_>) -> Result<Built, Problem> {
    let url = page(web_url("url", url)?);
    let accept = SecretRef::Plain("application/json".into());
    let config = HttpConfig {
        headers: [("accept".to_owned(), accept)].into(),
        max_body: Some(Size::Bytes(MAX_PAGE)),
        ..HttpConfig::new(url.as_str())
    };
    let question = config.question(shared)?;
    Ok(Built {
        default_name: name.or(url.host_str()).unwrap_or_default().to_owned(),
        target: shown(&question.url),
        source: Arc::new(StatuspageSource(question)),
        names_itself: false,
    })
}

/// Where a page keeps its status; a `.json` is taken as it is.
fn page(mut url: Url) -> Url {
    let file = url.path().rsplit('/').next().unwrap_or_default();
    if file.rsplit_once('.').is_none_or(|(_, kind)| kind != "json") {
        let base = url.path().trim_end_matches('/');
        let path = format!("{base}/api/v2/status.json");
        url.set_path(&path);
    }
    url
}

#[derive(Debug)]
struct StatuspageSource(Question);

impl Source for StatuspageSource {
    fn check<'a>(&'a self, probe: &'a Probe) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let outcome = self.0.ask(probe, Keep::Body).await;
            let mut detail = outcome.detail;
            let answer = match outcome.result {
                Ok(body) => {
                    let report = Report::read(&body);
                    if let Some(report) = &report {
                        detail.put("indicator", report.indicator.as_str());
                        if !report.description.is_empty() {
                            detail.put("description", report.description.as_str());
                        }
                    }
                    answer(report.as_ref())
                }
                // The page is there, but what it says cannot be read.
                Err(fault) if matches!(fault.code, CauseCode::Body | CauseCode::TooLarge) => {
                    Answer::unknown(fault.code, fault.text)
                }
                Err(fault) => fault.answer(),
            };
            answer.with_detail(detail)
        })
    }
}

/// What a page reports.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    /// Its word: `none`, `minor`, …
    indicator: String,
    /// Its sentence, or nothing.
    description: String,
}

/// `{"status":{"indicator":"minor","description":"…"}}`, or `{"status":"minor"}` as GitHub had it.
#[derive(Deserialize)]
struct Body {
    status: BodyStatus,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum BodyStatus {
    Page {
        indicator: String,
        #[serde(default)]
        description: Option<String>,
    },
    Word(String),
}

impl Report {
    fn read(body: &[u8]) -> Option<Self> {
        const MAX: usize = 200;
        let (indicator, description) = match serde_json::from_slice::<Body>(body).ok()?.status {
            BodyStatus::Page {
                indicator,
                description,
            } => (indicator, description.unwrap_or_default()),
            BodyStatus::Word(word) => (word, String::new()),
        };
        Some(Self {
            indicator: one_line(&indicator, MAX),
            description: one_line(&description, MAX),
        })
    }
}

fn answer(report: Option<&Report>) -> Answer {
    let Some(Report {
        indicator,
        description,
    }) = report
    else {
        return Answer::unknown(
            CauseCode::Body,
            "the answer is not a status page's status.json",
        );
    };
    let told = |words: &str| match description.as_str() {
        "" => words.to_owned(),
        description => format!("{words}: {description}"),
    };
    let half = Status::new(0.5).unwrap_or(Status::DOWN);
    match indicator.as_str() {
        "none" | "good" => Answer::up(),
        "minor" => Answer::degraded(half, CauseCode::Reported, told("minor")),
        "major" | "critical" => Answer::down(CauseCode::Reported, told(indicator)),
        "maintenance" => Answer::unknown(CauseCode::Reported, told("under maintenance")),
        other => Answer::unknown(
            CauseCode::Word,
            format!("the page reports {other:?}, which is no known word"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_from_its_base() {
        let check = |url: &str, expected: &str| {
            let url = Url::parse(url).expect("a URL");
            assert_eq!(page(url).as_str(), expected);
        };
        check("https://s.example", "https://s.example/api/v2/status.json");
        check("https://s.example/", "https://s.example/api/v2/status.json");
        check(
            "https://s.example/a/",
            "https://s.example/a/api/v2/status.json",
        );
        check("https://s.example/x.json", "https://s.example/x.json");
        check(
            "https://s.example/?a=b",
            "https://s.example/api/v2/status.json?a=b",
        );
    }

    #[test]
    fn the_word_makes_the_status_and_the_sentence_the_cause() {
        let check = |body: &str, status: Option<f64>, cause: Option<(CauseCode, &str)>| {
            let answer = answer(Report::read(body.as_bytes()).as_ref());
            assert_eq!(answer.status.map(Status::value), status, "status of {body}");
            let found = answer.cause.as_ref().map(|c| (c.code, c.text.as_ref()));
            assert_eq!(found, cause, "cause of {body}");
        };
        let reported = |text| Some((CauseCode::Reported, text));
        check(
            r#"{"page":{"id":"x"},"status":{"indicator":"none","description":"All Good"}}"#,
            Some(1.0),
            None,
        );
        check(
            r#"{"status":{"indicator":"minor","description":"Partially Degraded Service"}}"#,
            Some(0.5),
            reported("minor: Partially Degraded Service"),
        );
        check(
            r#"{"status":{"indicator":"major"}}"#,
            Some(0.0),
            reported("major"),
        );
        check(
            r#"{"status":{"indicator":"critical","description":null}}"#,
            Some(0.0),
            reported("critical"),
        );
        check(
            r#"{"status":{"indicator":"maintenance","description":"Moving"}}"#,
            None,
            reported("under maintenance: Moving"),
        );
        check(
            r#"{"status":"good","last_updated":"2012"}"#,
            Some(1.0),
            None,
        );
        check(r#"{"status":"minor"}"#, Some(0.5), reported("minor"));
        check(r#"{"status":"major"}"#, Some(0.0), reported("major"));
        let word = "the page reports \"purple\", which is no known word";
        check(
            r#"{"status":"purple"}"#,
            None,
            Some((CauseCode::Word, word)),
        );
        let unread = Some((
            CauseCode::Body,
            "the answer is not a status page's status.json",
        ));
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"status":1}"#,
            r#"{"status":{}}"#,
        ] {
            check(body, None, unread);
        }
        check(&"[".repeat(100_000), None, unread);
    }
}
