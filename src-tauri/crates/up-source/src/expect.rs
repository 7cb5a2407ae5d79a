//! Conditions on a response (`expect`, `warn`), and the reading of a status from its body
//! (`status_from`). Nothing here does input or output: the response comes in as [`Facts`].
//!
//! - `keys`: the keys of up.toml
//! - `condition`: one condition, and the text for one that fails
//! - `value`, `number`, `json`: values of a JSON body
//! - `status_range`: ranges of HTTP statuses
//! - `status_from`: the reading of a status from the body

mod condition;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod json;
mod keys;
mod number;
mod status_from;
mod status_range;
mod value;

use std::fmt::Write as _;
use std::time::Duration;

use http::header::HeaderMap;

use crate::ConfigProblem;
use crate::text::{DecodedText, Pace};
use condition::Condition;

pub use keys::{Conditions, Exists, HeaderKeys, Is, Regex, StatusFrom, Texts, ValueKeys};
pub use status_range::StatusRange;

pub(crate) use status_from::StatusRule;

/// The facts about one response that conditions are checked against.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    /// The HTTP status of the final response.
    pub status: u16,
    /// The headers of the final response.
    pub headers: &'a HeaderMap,
    /// The body of the final response, decoded to text.
    pub body: &'a DecodedText<'a>,
    /// The duration of the whole exchange.
    pub took: Duration,
    /// When the server's certificate expires: its last valid second, Unix time. `None` without TLS.
    pub expires: Option<i64>,
    /// The current Unix time.
    pub now: i64,
}

/// The parsed conditions of one table, of which there is at least one.
#[derive(Clone, Debug)]
pub(crate) struct Expectation(Box<[Condition]>);

/// The longest text for failing conditions, in bytes. It stays below [`up_core::Cause::MAX_TEXT`].
const MAX_LINE: usize = 260;

impl Expectation {
    /// Parses the table `keys` of the key `key`. An error names the key in the table that is wrong.
    pub(crate) fn read(key: &'static str, keys: &Conditions) -> Result<Self, ConfigProblem> {
        let conditions = condition::read(keys).map_err(|problem| ConfigProblem {
            key,
            inner: Some(problem.key),
            ..problem
        })?;
        if conditions.is_empty() {
            return Err(ConfigProblem::new(key, "the table has no condition")
                .help("write one like expect = { contains = \"fine\" }, or leave it out"));
        }
        Ok(Self(conditions.into()))
    }

    /// True when a condition concerns the body.
    pub(crate) fn wants_body(&self) -> bool {
        self.0.iter().any(Condition::wants_body)
    }

    /// True when a condition concerns the HTTP status.
    pub(crate) fn wants_status(&self) -> bool {
        self.0.iter().any(|c| matches!(c, Condition::Status(_)))
    }

    /// True when a condition has a regular expression, whose search may take long.
    pub(crate) fn has_pattern(&self) -> bool {
        self.0.iter().any(Condition::has_pattern)
    }

    /// The conditions that fail, each with what was found, as one line of bounded length. `None`
    /// when all hold.
    pub(crate) async fn failing(&self, facts: &Facts<'_>, pace: &mut Pace) -> Option<String> {
        let mut line = String::new();
        let mut omitted = 0;
        for condition in &self.0 {
            let Some(text) = condition.failing(facts, pace).await else {
                continue;
            };
            if line.is_empty() {
                line = text;
            } else if omitted == 0 && line.len() + text.len() < MAX_LINE {
                line.push_str("; ");
                line.push_str(&text);
            } else {
                omitted += 1;
            }
        }
        if omitted > 0 {
            let _ = write!(line, "; and {omitted} more");
        }
        (!line.is_empty()).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use proptest::prelude::*;

    use super::*;

    fn expectation(keys: &str) -> Expectation {
        let keys = serde_json::from_str(keys).expect(keys);
        Expectation::read("expect", &keys).expect("usable conditions")
    }

    fn headers() -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("x-node", "a"),
            ("x-node", "b"),
            ("set-cookie", "id=secret"),
        ] {
            let value = http::header::HeaderValue::from_static(value);
            headers.append(http::header::HeaderName::from_static(name), value);
        }
        headers
    }

    const BODY: &str = "{\"queue\":231,\n\"state\":\"degraded\",\"parts\":[{\"up\":true}]}";

    fn failing(keys: &str, body: &str) -> Option<String> {
        let headers = headers();
        let facts = Facts {
            status: 200,
            headers: &headers,
            body: &body.into(),
            took: Duration::from_millis(731),
            expires: Some(10 * 86_400 - 1),
            now: 0,
        };
        judged(&expectation(keys), &facts)
    }

    fn judged(expectation: &Expectation, facts: &Facts<'_>) -> Option<String> {
        let failing = expectation
            .failing(facts, &mut Pace::undivided())
            .now_or_never();
        failing.expect("nobody else waits")
    }

    #[test]
    fn each_failing_condition_is_named_with_what_was_found() {
        let check = |keys: &str, expected: Option<&str>| {
            assert_eq!(failing(keys, BODY).as_deref(), expected, "{keys}");
        };
        check(r#"{"status":["200-204"]}"#, None);
        check(
            r#"{"status":[204,"300-399"]}"#,
            Some("expected status 204 or 300-399, found 200"),
        );
        check(r#"{"headers":{"Content-Type":"html"}}"#, None);
        check(r#"{"headers":{"X-Node":{"is":"b"}}}"#, None);
        check(r#"{"headers":{"x-node":{"regex":"^[ab]$"}}}"#, None);
        check(r#"{"headers":{"x-none":{"exists":false}}}"#, None);
        check(
            r#"{"headers":{"content-type":"json"}}"#,
            Some(
                "expected header content-type to contain \"json\", found \"text/html; charset=utf-8\"",
            ),
        );
        check(
            r#"{"headers":{"x-node":{"is":"c"}}}"#,
            Some("expected header x-node to be \"c\", found \"a\", \"b\""),
        );
        check(
            r#"{"headers":{"x-none":{"exists":true}}}"#,
            Some("expected header x-none to be there, found none"),
        );
        check(
            r#"{"headers":{"set-cookie":"user="}}"#,
            Some("expected header set-cookie to contain \"user=\", found another"),
        );
        check(
            r#"{"contains":["queue","state"],"not_contains":"error"}"#,
            None,
        );
        check(
            r#"{"contains":"fine"}"#,
            Some("expected the body to contain \"fine\", found 55 bytes without it"),
        );
        check(
            r#"{"not_contains":["error","degraded"]}"#,
            Some("expected the body not to contain \"degraded\", found it in line 2"),
        );
        check(r#"{"regex":"queue\":\\d+"}"#, None);
        check(
            r#"{"regex":"^OK"}"#,
            Some("expected the body to match /^OK/, found no match in 55 bytes"),
        );
        check(
            r#"{"json":{"/queue":"< 100","/parts/0/up":true,"/state":"ok"}}"#,
            Some("expected /queue < 100, found 231; expected /state == \"ok\", found \"degraded\""),
        );
        check(
            r#"{"json":{"/disk":"< 90"}}"#,
            Some("expected /disk < 90, found nothing there"),
        );
        check(r#"{"time":"1s","certificate_days":9}"#, None);
        check(
            r#"{"time":"500ms","certificate_days":10}"#,
            Some(
                "expected an answer within 0.5s, found that it took 0.731s; \
                expected 10 days left of the certificate, found 9",
            ),
        );
    }

    #[test]
    fn what_is_no_json_is_told_once() {
        let text = failing(r#"{"json":{"/a":1,"/b":2}}"#, "<html>").expect("it fails");
        assert!(
            text.starts_with("expected JSON, found a body that is none ("),
            "{text}"
        );
        assert_eq!(text.matches("expected JSON").count(), 1, "{text}");
    }

    #[test]
    fn many_failures_stay_one_bounded_line() {
        let texts: Vec<String> = (0..500).map(|n| format!("\"word number {n}\"")).collect();
        let text = failing(&format!("{{\"contains\":[{}]}}", texts.join(",")), BODY);
        let text = text.expect("they fail");
        assert!(text.len() < 300 && text.ends_with(" more"), "{text}");
    }

    #[test]
    fn what_cannot_be_expected_is_a_problem_that_says_where() {
        let check = |keys: &str, words: &str| {
            let keys = serde_json::from_str(keys).expect(keys);
            let problem = Expectation::read("expect", &keys).expect_err(words);
            assert_eq!(problem.key, "expect");
            assert!(problem.message.contains(words), "{problem}");
        };
        check("{}", "has no condition");
        check(
            r#"{"regex":"(a"}"#,
            "`regex`: \"(a\" is no regular expression: unclosed group",
        );
        check(r#"{"regex":"(\\w{1000}){1000}"}"#, "too large");
        check(r#"{"headers":{"x":{"regex":"["}}}"#, "`headers`: x: ");
        check(
            r#"{"headers":{"no name":"x"}}"#,
            "\"no name\" is no header name",
        );
        check(
            r#"{"json":{"queue":1}}"#,
            "`json`: \"queue\" is no JSON Pointer",
        );
        check(
            r#"{"json":{"/q":"< x"}}"#,
            "`json`: /q: \"< x\" is no comparison",
        );
        check(r#"{"status":[]}"#, "`status`: ");
        check(
            r#"{"status":["2xx"]}"#,
            "`status`: \"2xx\" is no HTTP status",
        );
        check(
            r#"{"contains":""}"#,
            "`contains`: an empty text is in every body",
        );
        check(
            r#"{"not_contains":[]}"#,
            "`not_contains`: the list is empty",
        );
        check(
            r#"{"time":"0s"}"#,
            "`time` must be at least \"1ms\", but is \"0s\"",
        );
    }

    proptest! {
        #[test]
        fn no_body_is_a_panic_and_all_is_told_in_bounds(body in ".{0,200}", status in 0_u16..1000) {
            let headers = headers();
            let all = expectation(r#"{"status":[200],"headers":{"x-node":{"regex":"c"}},
                "contains":"fine","not_contains":"a","regex":"^[a-z]$","time":"1ms",
                "json":{"":"< 5","/a":{"regex":"x"},"/0/1":true},"certificate_days":400}"#);
            let facts = Facts {
                status,
                headers: &headers,
                body: &body.as_str().into(),
                took: Duration::MAX,
                expires: Some(i64::MIN),
                now: i64::MAX,
            };
            let told = judged(&all, &facts).expect("it took too long, at least");
            prop_assert!(told.len() < 300, "{}", told);
        }
    }
}
