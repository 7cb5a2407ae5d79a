//! Applies `expect`, `warn` and `status_from` to a response that arrived whole.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use http::header::HeaderMap;
use tokio::time::timeout_at;
use up_core::{CauseCode, CheckResult, Status};

use super::config::HttpConfig;
use super::exchange::BodyUse;
use crate::expect::{Expectation, Facts, StatusRule};
use crate::text::{DecodedText, Pace, aside};
use crate::{CheckContext, ConfigProblem};

/// The conditions of one source.
pub(super) struct ResponseJudge {
    expect: Option<Expectation>,
    warn: Option<Expectation>,
    status_from: Option<StatusRule>,
}

up_core::opaque_debug!(ResponseJudge);

/// A response that arrived whole.
#[derive(Debug)]
pub(super) struct ReceivedResponse {
    /// Its HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// When the server's certificate expires: its last valid second, Unix time. `None` without TLS.
    pub expires: Option<i64>,
    /// Its body; empty when no condition concerns it.
    pub body: Vec<u8>,
    /// The duration of the whole exchange.
    pub took: Duration,
}

/// A body of more bytes than this takes longer to parse as JSON than one slice of computing time.
const MAX_UNPACED: usize = 64 << 10;

impl ResponseJudge {
    /// The conditions in `config`. `None` when it has none, so that every response with an expected
    /// status is up.
    pub(super) fn read(
        config: &HttpConfig,
        method: &Method,
    ) -> Result<Option<Self>, ConfigProblem> {
        let expectation = |key, keys: &Option<_>| {
            let read = keys.as_ref().map(|keys| Expectation::read(key, keys));
            read.transpose()
        };
        let judge = Self {
            expect: expectation("expect", &config.expect)?,
            warn: expectation("warn", &config.warn)?,
            status_from: config
                .status_from
                .as_ref()
                .map(StatusRule::read)
                .transpose()?,
        };
        if judge.expect.is_none() && judge.warn.is_none() && judge.status_from.is_none() {
            return Ok(None);
        }
        let wants_body =
            |of: &Option<Expectation>| of.as_ref().is_some_and(Expectation::wants_body);
        let on_body = [
            ("status_from", judge.status_from.is_some()),
            ("expect", wants_body(&judge.expect)),
            ("warn", wants_body(&judge.warn)),
        ];
        if let Some((key, _)) = on_body.iter().find(|(_, wanted)| *wanted)
            && *method == Method::HEAD
        {
            return Err(
                ConfigProblem::new(key, "the answer to a HEAD request has no body")
                    .help("leave `method` out, or write method = \"GET\""),
            );
        }
        Ok(Some(judge))
    }

    /// Whether the body must be kept for the conditions.
    pub(super) fn body_use(&self) -> BodyUse {
        let mut conditions = self.expect.iter().chain(&self.warn);
        if self.status_from.is_some() || conditions.any(Expectation::wants_body) {
            BodyUse::Body
        } else {
            BodyUse::Nothing
        }
    }

    /// True when `expect` has a condition on the HTTP status.
    pub(super) fn expects_status(&self) -> bool {
        self.expect.as_ref().is_some_and(Expectation::wants_status)
    }

    /// The check result of a response, within the deadline. The work is done on another thread.
    pub(super) async fn judge(
        self: &Arc<Self>,
        response: ReceivedResponse,
        context: &CheckContext,
    ) -> CheckResult {
        let judge = Arc::clone(self);
        let job = aside(async move {
            let mut pace = Pace::starting_now();
            if response.body.len() > MAX_UNPACED {
                pace.rest().await;
            }
            judge.result(&response, unix_time(), &mut pace).await
        });
        match timeout_at(context.deadline, job).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(fault)) => fault.check_result(),
            Err(_) => self.timed_out(),
        }
    }

    /// The result when the deadline came before all conditions were checked.
    fn timed_out(&self) -> CheckResult {
        let mut conditions = self.expect.iter().chain(&self.warn);
        let has_pattern = conditions.any(Expectation::has_pattern)
            || self
                .status_from
                .as_ref()
                .is_some_and(StatusRule::has_pattern);
        let text = if has_pattern {
            "the answer came, but there was no time left to match the pattern: write a simpler \
             regex, lower max_body or raise the timeout"
        } else {
            "the answer came, but there was no time left to check the conditions against all of \
             its body: lower max_body or raise the timeout"
        };
        CheckResult::unknown(CauseCode::Resource, text)
    }

    async fn result(&self, response: &ReceivedResponse, now: i64, pace: &mut Pace) -> CheckResult {
        let facts = Facts {
            status: response.status,
            headers: &response.headers,
            body: &DecodedText::read(&response.body, &response.headers),
            took: response.took,
            expires: response.expires,
            now,
        };
        if let Some(expect) = &self.expect
            && let Some(text) = expect.failing(&facts, pace).await
        {
            return CheckResult::down(CauseCode::Expect, text);
        }
        let answer = match &self.status_from {
            Some(reading) => reading.answer(facts.body, pace).await,
            None => CheckResult::up(),
        };
        let half = Status::HALF;
        // A failing `warn` lowers only a status above one half, so that it hides no worse cause.
        let Some(warn) = self
            .warn
            .as_ref()
            .filter(|_| answer.status.is_some_and(|status| status > half))
        else {
            return answer;
        };
        match warn.failing(&facts, pace).await {
            Some(text) => CheckResult::degraded(half, CauseCode::Expect, text),
            None => answer,
        }
    }
}

fn unix_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
