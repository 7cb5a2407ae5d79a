//! Ways in for the fuzz targets.

use std::time::Duration;

use futures_util::FutureExt as _;
use http::header::HeaderMap;
use up_core::{CauseCode, CheckResult};

use super::json::Pointer;
use super::{Conditions, Expectation, Facts, StatusFrom, StatusRule};
use crate::text::{DecodedText, Pace};

/// Conditions that an answer is held against.
#[derive(Debug)]
pub struct FuzzedConditions(Expectation);

impl FuzzedConditions {
    /// Those of up.toml.
    pub fn new(keys: &Conditions) -> Self {
        Self(Expectation::read("expect", keys).expect("conditions that can be met"))
    }

    /// What an answer of these headers and this body fails in.
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

/// A way of reading a status out of a body.
#[derive(Debug)]
pub struct StatusReader(StatusRule);

impl StatusReader {
    /// That of up.toml.
    pub fn new(keys: &StatusFrom) -> Self {
        Self(StatusRule::read(keys).expect("a usable reading"))
    }

    /// The status that `body` tells.
    pub fn answer(&self, body: &[u8]) -> CheckResult {
        let body = DecodedText::read(body, &HeaderMap::new());
        let answer = self.0.answer(&body, &mut Pace::undivided()).now_or_never();
        answer.expect("nobody else waits")
    }
}

/// What stands at `pointer` in `body`.
pub fn pointer(pointer: &str, body: &str) {
    if let Ok(pointer) = Pointer::parse(pointer) {
        let found = pointer.find(&body.into()).ok().flatten();
        let words = found.map(|found| (found.to_string(), found.words()));
        assert!(words.is_none_or(|(shown, _)| shown.len() < 400));
    }
}
