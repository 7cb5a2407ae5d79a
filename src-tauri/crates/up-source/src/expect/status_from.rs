//! Reads a status from the body: a number, or a word that a map translates.

use std::collections::BTreeMap;

use up_core::cause::one_line;
use up_core::{CauseCode, CheckResult, Status};

use super::json::{Pointer, PointerLookup};
use super::keys::StatusFrom;
use super::number::Number;
use crate::ConfigProblem;
use crate::text::{DecodedText, Pace, Pattern};

/// The most bytes shown of a peer's value.
const MAX_SHOWN: usize = 60;

/// The rule by which a status is read from a body.
#[derive(Clone, Debug)]
pub(crate) struct StatusRule {
    field: StatusField,
    meaning: Meaning,
}

#[derive(Clone, Debug)]
enum StatusField {
    Json(Pointer),
    Match(Pattern),
}

#[derive(Clone, Debug)]
enum Meaning {
    /// The value is a number from 0 to `max`, which is fully up.
    Number { max: f64 },
    /// The value is a word of this map.
    Words(BTreeMap<Box<str>, Status>),
}

impl StatusRule {
    /// Parses `keys`.
    pub(crate) fn read(keys: &StatusFrom) -> Result<Self, ConfigProblem> {
        let problem = |message: String| ConfigProblem::new("status_from", message);
        let field = match (&keys.json, &keys.regex) {
            (Some(pointer), None) => {
                let pointer = Pointer::parse(pointer);
                StatusField::Json(pointer.map_err(|e| problem(format!("`json`: {e}")))?)
            }
            (None, Some(pattern)) => {
                let pattern = Pattern::parse(pattern);
                StatusField::Match(pattern.map_err(|e| problem(format!("`regex`: {e}")))?)
            }
            _ => {
                return Err(problem("it needs one of `json` and `regex`".into())
                    .help("write one like status_from = { json = \"/status\" }"));
            }
        };
        let mut words = BTreeMap::new();
        for (word, value) in &keys.map {
            let status = Status::new(*value).ok_or_else(|| {
                let what = format!("`map`: {word:?} is {value}, which is no status");
                problem(what).help("write numbers from 0.0 (down) to 1.0 (up)")
            })?;
            words.insert(word.as_str().into(), status);
        }
        let meaning = match (words.is_empty(), keys.percent) {
            (true, false) => Meaning::Number { max: 1.0 },
            (true, true) => Meaning::Number { max: 100.0 },
            (false, false) => Meaning::Words(words),
            (false, true) => {
                return Err(problem("`percent` is for numbers, `map` for words".into())
                    .help("keep one of the two"));
            }
        };
        Ok(Self { field, meaning })
    }

    /// True when the value is found by a regular expression, whose search may take long.
    pub(crate) fn has_pattern(&self) -> bool {
        matches!(self.field, StatusField::Match(_))
    }

    /// The check result with the status in `body`. A missing value, or one without a meaning, gives
    /// unknown.
    pub(crate) async fn answer(&self, body: &DecodedText<'_>, pace: &mut Pace) -> CheckResult {
        let (source, found) = match &self.field {
            StatusField::Json(at) => match at.find(body) {
                Ok(found) => (at.to_string(), found),
                Err(error) => {
                    let text = format!("the status cannot be read: the body is no JSON ({error})");
                    return CheckResult::unknown(CauseCode::Body, text);
                }
            },
            StatusField::Match(pattern) => {
                let found = pattern.first(body, pace).await;
                let found = found.map(|text| PointerLookup::Text(text.trim().to_owned()));
                (pattern.to_string(), found)
            }
        };
        if let Some(found) = found {
            return self.meaning.apply(&source, &found);
        }
        let none = match &self.field {
            StatusField::Json(_) => "and nothing is there",
            StatusField::Match(_) => "which has no match",
        };
        let text = format!("the status is read from {source}, {none}");
        CheckResult::unknown(CauseCode::Missing, text)
    }
}

impl Meaning {
    fn apply(&self, place: &str, found: &PointerLookup) -> CheckResult {
        let unknown = |what: &str| {
            let text = format!("{place} is {found}, {what}");
            CheckResult::unknown(CauseCode::Word, text)
        };
        let status = match self {
            Self::Words(words) => {
                let word = found.as_text();
                match word.as_deref().and_then(|word| words.get(word)) {
                    Some(status) => *status,
                    None => return unknown("which `map` does not know"),
                }
            }
            Self::Number { max } => {
                let number = match found {
                    PointerLookup::Number(number) => Some(number.real()),
                    PointerLookup::Text(text) => Number::parse(text.trim()).map(Number::real),
                    _ => None,
                };
                match number.and_then(|number| Status::new(number / max)) {
                    Some(status) => status,
                    None => return unknown(&format!("which is no number from 0 to {max}")),
                }
            }
        };
        if status.is_up() {
            return CheckResult::up();
        }
        let shown = one_line(&found.to_string(), MAX_SHOWN + 2);
        CheckResult::degraded(status, CauseCode::Reported, format!("{place} is {shown}"))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use proptest::prelude::*;

    use super::*;

    fn reading(keys: &str) -> Result<StatusRule, ConfigProblem> {
        StatusRule::read(&serde_json::from_str(keys).expect(keys))
    }

    fn answer(keys: &str, body: &str) -> CheckResult {
        let reading = reading(keys).expect(keys);
        let body = DecodedText::from(body);
        let answer = reading.answer(&body, &mut Pace::undivided()).now_or_never();
        answer.expect("nobody else waits")
    }

    #[test]
    fn words_and_numbers_become_a_status() {
        let check =
            |keys: &str, body: &str, status: Option<f64>, cause: Option<(CauseCode, &str)>| {
                let answer = answer(keys, body);
                assert_eq!(answer.status.map(Status::value), status, "{keys} of {body}");
                let found = answer.cause.as_ref().map(|c| (c.code, c.text.as_ref()));
                assert_eq!(found, cause, "cause of {keys} of {body}");
            };
        let words = r#"{"json":"/s/i","map":{"none":1.0,"minor":0.5,"major":0,"2":0.25,"true":1}}"#;
        let reported = |text| Some((CauseCode::Reported, text));
        let word = |text| Some((CauseCode::Word, text));
        check(words, r#"{"s":{"i":"none"}}"#, Some(1.0), None);
        check(words, r#"{"s":{"i":true}}"#, Some(1.0), None);
        check(
            words,
            r#"{"s":{"i":"minor"}}"#,
            Some(0.5),
            reported("/s/i is \"minor\""),
        );
        check(
            words,
            r#"{"s":{"i":"major"}}"#,
            Some(0.0),
            reported("/s/i is \"major\""),
        );
        check(words, r#"{"s":{"i":2}}"#, Some(0.25), reported("/s/i is 2"));
        let unknown = word("/s/i is \"purple\", which `map` does not know");
        check(words, r#"{"s":{"i":"purple"}}"#, None, unknown);
        let unknown = word("/s/i is null, which `map` does not know");
        check(words, r#"{"s":{"i":null}}"#, None, unknown);
        let missing = "the status is read from /s/i, and nothing is there";
        check(words, "{}", None, Some((CauseCode::Missing, missing)));

        let ratio = r#"{"json":"/ratio"}"#;
        check(ratio, r#"{"ratio":1}"#, Some(1.0), None);
        check(
            ratio,
            r#"{"ratio":0.97}"#,
            Some(0.97),
            reported("/ratio is 0.97"),
        );
        check(
            ratio,
            r#"{"ratio":"0.5"}"#,
            Some(0.5),
            reported("/ratio is \"0.5\""),
        );
        let unknown = word("/ratio is 1.7, which is no number from 0 to 1");
        check(ratio, r#"{"ratio":1.7}"#, None, unknown);
        let unknown = word("/ratio is an array, which is no number from 0 to 1");
        check(ratio, r#"{"ratio":[]}"#, None, unknown);

        let percent = r#"{"regex":"load: ([0-9.]+) %","percent":true}"#;
        check(percent, "up 3 days\nload: 100 %", Some(1.0), None);
        check(
            percent,
            "load: 50 %",
            Some(0.5),
            reported("/load: ([0-9.]+) %/ is \"50\""),
        );
        let none = "the status is read from /load: ([0-9.]+) %/, which has no match";
        check(
            percent,
            "load: high",
            None,
            Some((CauseCode::Missing, none)),
        );
        check(
            r#"{"regex":"UP|DOWN","map":{"UP":1,"DOWN":0}}"#,
            "it is UP",
            Some(1.0),
            None,
        );
        let answer = answer(ratio, "<html>");
        assert_eq!(
            (answer.status, answer.cause.map(|c| c.code)),
            (None, Some(CauseCode::Body))
        );
    }

    #[test]
    fn what_cannot_be_read_is_a_problem() {
        let check = |keys: &str, words: &str| {
            let problem = reading(keys).expect_err(keys);
            assert_eq!(problem.key, "status_from");
            assert!(problem.message.contains(words), "{problem}");
        };
        check("{}", "one of `json` and `regex`");
        check(r#"{"json":"/a","regex":"b"}"#, "one of `json` and `regex`");
        check(r#"{"json":"a"}"#, "`json`: \"a\" is no JSON Pointer");
        check(r#"{"regex":")"}"#, "`regex`: ");
        check(
            r#"{"json":"/a","map":{"x":2}}"#,
            "`map`: \"x\" is 2, which is no status",
        );
        check(
            r#"{"json":"/a","map":{"x":1},"percent":true}"#,
            "`percent` is for numbers",
        );
    }

    proptest! {
        #[test]
        fn no_body_is_a_panic(body in ".{0,100}", value in any::<f64>()) {
            for keys in [r#"{"json":"/a"}"#, r#"{"regex":"(.)(.)?","percent":true}"#] {
                let _ = answer(keys, &body);
                let answer = answer(keys, &format!("{{\"a\":{value:?}}}"));
                prop_assert!(answer.status.is_none_or(|s| (0.0..=1.0).contains(&s.value())));
            }
        }

        /// A map with any words, and a document with one of them or another at any depth.
        #[test]
        fn a_word_means_what_its_map_says(
            map in prop::collection::btree_map("[a-z]{1,6}", 0.0..=1.0_f64, 1..6),
            path in prop::collection::vec("[a-z~/ 0-9\\PC]{0,4}", 1..4),
            other in "[a-z]{1,6}", known in any::<prop::sample::Index>(), says in any::<bool>(),
        ) {
            let words: Vec<&String> = map.keys().collect();
            let word = if says { known.get(&words) } else { &other };
            // RFC 6901, section 3.
            let escape = |key: &String| key.replace('~', "~0").replace('/', "~1");
            let pointer = format!("/{}", path.iter().map(escape).collect::<Vec<_>>().join("/"));
            let document = path.iter().rev().fold(serde_json::json!(word), |inside, key| {
                serde_json::json!({ key.as_str(): inside })
            });
            let keys = serde_json::json!({ "json": pointer, "map": map });
            let answer = answer(&keys.to_string(), &document.to_string());
            // The JSON parser is exact except for the last digit.
            let near = match (answer.status.map(Status::value), map.get(word)) {
                (Some(found), Some(meant)) => (found - meant).abs() < 1e-12,
                (found, meant) => found.is_none() && meant.is_none(),
            };
            prop_assert!(near, "{} {}: {:?}", pointer, document, answer);
        }
    }
}
