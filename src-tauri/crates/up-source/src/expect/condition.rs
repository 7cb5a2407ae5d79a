//! One condition on a response, and the text for one that fails.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::header::{HeaderMap, HeaderName, SET_COOKIE};
use up_core::cause::one_line;
use up_core::phrase;

use super::Facts;
use super::json::Pointer;
use super::keys::{Conditions, HeaderKeys, Texts};
use super::value::ValueCondition;
use crate::ConfigProblem;
use crate::text::{DecodedText, Pace, Pattern, header_text};

/// The most bytes shown of one text, whether from the configuration or from the peer.
const MAX_SHOWN: usize = 60;

const DAY: i64 = 86_400;

/// A condition that must hold.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// The HTTP status is in one of these ranges.
    Status(Box<[RangeInclusive<u16>]>),
    /// A header of this name satisfies this condition.
    Header(HeaderName, HeaderCondition),
    /// The body contains this text.
    Contains(Box<str>),
    /// The body does not contain this text.
    NotContains(Box<str>),
    /// The body has a match of this pattern.
    Matches(Pattern),
    /// The body is JSON with these values.
    Json(Box<[(Pointer, ValueCondition)]>),
    /// The whole exchange took no longer than this.
    Time(Duration),
    /// The certificate is valid for at least this many days.
    Certificate(u32),
}

/// A condition on the value of a header.
#[derive(Clone, Debug)]
pub(super) enum HeaderCondition {
    Contains(Box<str>),
    Is(Box<str>),
    Matches(Pattern),
    Exists(bool),
}

/// The problem with the value of `key`.
fn wrong(key: &'static str, what: impl std::fmt::Display) -> ConfigProblem {
    ConfigProblem::new(key, format!("`{key}`: {what}"))
}

/// Parses the conditions in `keys`, in the order of the reference manual. A problem names one of
/// these keys.
pub(super) fn read(keys: &Conditions) -> Result<Vec<Condition>, ConfigProblem> {
    let mut all = Vec::new();
    if let Some(ranges) = &keys.status {
        if ranges.is_empty() {
            return Err(wrong(
                "status",
                "the list is empty, so no response could ever meet it",
            ));
        }
        let ranges = ranges.iter().map(super::StatusRange::read);
        let ranges: Result<_, _> = ranges.collect();
        all.push(Condition::Status(
            ranges.map_err(|problem| wrong("status", problem.message))?,
        ));
    }
    for (name, wanted) in &keys.headers {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| wrong("headers", format!("{name:?} is no header name")))?;
        let wanted = match wanted {
            HeaderKeys::Contains(text) => HeaderCondition::Contains(text.as_str().into()),
            HeaderKeys::Is(keys) => HeaderCondition::Is(keys.is.as_str().into()),
            HeaderKeys::Regex(keys) => HeaderCondition::Matches(
                Pattern::parse(&keys.regex)
                    .map_err(|e| wrong("headers", format!("{name}: {e}")))?,
            ),
            HeaderKeys::Exists(keys) => HeaderCondition::Exists(keys.exists),
        };
        all.push(Condition::Header(header, wanted));
    }
    for text in non_empty_texts("contains", keys.contains.as_ref())? {
        all.push(Condition::Contains(text.as_str().into()));
    }
    for text in non_empty_texts("not_contains", keys.not_contains.as_ref())? {
        all.push(Condition::NotContains(text.as_str().into()));
    }
    if let Some(pattern) = &keys.regex {
        all.push(Condition::Matches(
            Pattern::parse(pattern).map_err(|e| wrong("regex", e))?,
        ));
    }
    let mut values = Vec::new();
    for (pointer, wanted) in &keys.json {
        let at = Pointer::parse(pointer).map_err(|e| wrong("json", e))?;
        let wanted =
            ValueCondition::read(wanted).map_err(|e| wrong("json", format!("{at}: {e}")))?;
        values.push((at, wanted));
    }
    if !values.is_empty() {
        all.push(Condition::Json(values.into()));
    }
    if let Some(time) = keys.time {
        let time = time.within("time", Duration::from_millis(1), Duration::MAX)?;
        all.push(Condition::Time(time));
    }
    all.extend(keys.certificate_days.map(Condition::Certificate));
    Ok(all)
}

fn non_empty_texts<'k>(
    key: &'static str,
    texts: Option<&'k Texts>,
) -> Result<&'k [String], ConfigProblem> {
    let Some(texts) = texts.map(Texts::all) else {
        return Ok(&[]);
    };
    if texts.is_empty() {
        return Err(wrong(key, "the list is empty"));
    }
    if texts.iter().any(String::is_empty) {
        return Err(wrong(key, "an empty text is in every body"));
    }
    Ok(texts)
}

impl Condition {
    /// True when the condition concerns the body.
    pub(super) fn wants_body(&self) -> bool {
        matches!(
            self,
            Self::Contains(_) | Self::NotContains(_) | Self::Matches(_) | Self::Json(_)
        )
    }

    /// True when the condition has a regular expression.
    pub(super) fn has_pattern(&self) -> bool {
        match self {
            Self::Matches(_) | Self::Header(_, HeaderCondition::Matches(_)) => true,
            Self::Json(values) => values
                .iter()
                .any(|(_, wanted)| matches!(wanted, ValueCondition::Matches(_))),
            _ => false,
        }
    }

    /// Text with what is expected and what was found; `None` when the condition holds.
    pub(super) async fn failing(&self, facts: &Facts<'_>, pace: &mut Pace) -> Option<String> {
        pace.breathe().await;
        let size = facts.body.size();
        match self {
            Self::Status(ranges) => {
                let holds = ranges.iter().any(|range| range.contains(&facts.status));
                (!holds).then(|| {
                    let ranges = listed(ranges);
                    format!("expected status {ranges}, found {}", facts.status)
                })
            }
            Self::Header(name, wanted) => wanted.failing(name, facts.headers, pace).await,
            Self::Contains(text) => match facts.body.line_of(text, pace).await {
                Some(_) => None,
                None => Some(format!(
                    "expected the body to contain {}, found {size} bytes without it",
                    quoted(text)
                )),
            },
            Self::NotContains(text) => facts.body.line_of(text, pace).await.map(|line| {
                format!(
                    "expected the body not to contain {}, found it in line {line}",
                    quoted(text)
                )
            }),
            Self::Matches(pattern) => (!pattern.is_in(facts.body, pace).await).then(|| {
                format!("expected the body to match {pattern}, found no match in {size} bytes")
            }),
            Self::Json(values) => failing_values(values, facts.body, pace).await,
            Self::Time(bound) => (facts.took > *bound).then(|| {
                let words = |time: Duration| {
                    phrase::seconds(time.as_secs_f64()).unwrap_or_else(|| "0s".into())
                };
                let (bound, took) = (words(*bound), words(facts.took));
                format!("expected an answer within {bound}, found that it took {took}")
            }),
            Self::Certificate(days) => {
                let Some(expires) = facts.expires else {
                    return Some(format!(
                        "expected {days} days left of the certificate, found no TLS"
                    ));
                };
                let left = expires.saturating_sub(facts.now).div_euclid(DAY);
                (left < i64::from(*days))
                    .then(|| format!("expected {days} days left of the certificate, found {left}"))
            }
        }
    }
}

impl HeaderCondition {
    async fn failing(
        &self,
        name: &HeaderName,
        headers: &HeaderMap,
        pace: &mut Pace,
    ) -> Option<String> {
        let found: Vec<_> = headers.get_all(name).iter().map(header_text).collect();
        let (holds, wanted) = match self {
            Self::Contains(text) => (
                found.iter().any(|value| value.contains(&**text)),
                format!("to contain {}", quoted(text)),
            ),
            Self::Is(text) => (
                found.iter().any(|value| *value == **text),
                format!("to be {}", quoted(text)),
            ),
            Self::Matches(pattern) => {
                let mut search = pattern.search(pace).await;
                let mut holds = false;
                for value in &found {
                    holds = holds || search.is_in(&DecodedText::from(&**value), pace).await;
                }
                (holds, format!("to match {pattern}"))
            }
            Self::Exists(true) => (!found.is_empty(), "to be there".into()),
            Self::Exists(false) => (found.is_empty(), "not to be there".into()),
        };
        if holds {
            return None;
        }
        let found = match found.as_slice() {
            [] => "none".to_owned(),
            // A cookie's value may be a secret, so that it is not shown.
            _ if name == SET_COOKIE => "another".to_owned(),
            [one] => quoted(one),
            [one, two] => format!("{}, {}", quoted(one), quoted(two)),
            [one, rest @ ..] => format!("{} and {} more", quoted(one), rest.len()),
        };
        Some(format!("expected header {name} {wanted}, found {found}"))
    }
}

/// Text with the values that fail their condition; `None` when all hold.
async fn failing_values(
    values: &[(Pointer, ValueCondition)],
    body: &DecodedText<'_>,
    pace: &mut Pace,
) -> Option<String> {
    let mut failures = Vec::new();
    for (at, wanted) in values {
        pace.breathe().await;
        match at.find(body) {
            Ok(found) if wanted.is_met(found.as_ref(), pace).await => {}
            Ok(Some(found)) => failures.push(format!("expected {at} {wanted}, found {found}")),
            Ok(None) => failures.push(format!("expected {at} {wanted}, found nothing there")),
            Err(error) => {
                return Some(format!(
                    "expected JSON, found a body that is none ({error})"
                ));
            }
        }
    }
    (!failures.is_empty()).then(|| failures.join("; "))
}

/// The ranges as text for a person: `200, 202-204 or 301`.
fn listed(ranges: &[RangeInclusive<u16>]) -> String {
    let words: Vec<String> = ranges
        .iter()
        .map(|range| match (range.start(), range.end()) {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}-{last}"),
        })
        .collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text, MAX_SHOWN))
}
