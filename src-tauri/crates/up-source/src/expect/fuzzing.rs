//! Entry points of the fuzz targets into conditions and the reading of statuses.

use std::time::Duration;

use futures_util::FutureExt as _;
use http::header::HeaderMap;
use up_core::{CauseCode, CheckResult};

use super::json::Pointer;
use super::{Conditions, Expectation, Facts, StatusFrom, StatusRule};
use crate::text::{DecodedText, Pace};

/// Conditions that responses are checked against.
#[derive(Debug)]
pub struct FuzzedConditions(Expectation);

impl FuzzedConditions {
    /// The conditions in `keys`.
    pub fn new(keys: &Conditions) -> Self {
        Self(Expectation::read("expect", keys).expect("conditions that can be met"))
    }

    /// The check result of a response with these headers and this body.
    pub fn answer(&self, headers: &HeaderMap, body: &[u8]) -> CheckResult {
        let body = DecodedText::read(body, headers);
        let facts = Facts {
            status: 200,
            headers,
            body: &body,
            took: Duration::from_millis(731),
            expires: Some(864_000),
            now: 0,
        };
        let failing = self
            .0
            .failing(&facts, &mut Pace::undivided())
            .now_or_never();
        match failing.expect("nobody else waits") {
            Some(text) => CheckResult::down(CauseCode::Expect, text),
            None => CheckResult::up(),
        }
    }
}

/// A rule that reads a status from a body.
#[derive(Debug)]
pub struct StatusReader(StatusRule);

impl StatusReader {
    /// The rule in `keys`.
    pub fn new(keys: &StatusFrom) -> Self {
        Self(StatusRule::read(keys).expect("a usable reading"))
    }

    /// The status that the rule reads from `body`.
    pub fn answer(&self, body: &[u8]) -> CheckResult {
        let body = DecodedText::read(body, &HeaderMap::new());
        let answer = self.0.answer(&body, &mut Pace::undivided()).now_or_never();
        answer.expect("nobody else waits")
    }
}

/// Looks `pointer` up in `body`, and checks that what is shown of it is bounded.
pub fn pointer(pointer: &str, body: &str) {
    if let Ok(pointer) = Pointer::parse(pointer) {
        let found = pointer.find(&body.into()).ok().flatten();
        let words = found.map(|found| (found.to_string(), found.as_text()));
        assert!(words.is_none_or(|(shown, _)| shown.len() < 400));
    }
}
