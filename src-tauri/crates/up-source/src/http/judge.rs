//! What `expect`, `warn` and `status_from` make of an answer that arrived whole.

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

/// The judgement of one source's answers.
pub(super) struct ResponseJudge {
    expect: Option<Expectation>,
    warn: Option<Expectation>,
    status_from: Option<StatusRule>,
}

up_core::opaque_debug!(ResponseJudge);

/// An answer that arrived whole.
#[derive(Debug)]
pub(super) struct Arrived {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The last second of the server's certificate, Unix time.
    pub expires: Option<i64>,
    /// Its body, where it is judged.
    pub body: Vec<u8>,
    /// How long all of it took.
    pub took: Duration,
}

/// A body larger than this takes longer to read as JSON than a slice of computing time.
const LARGE: usize = 64 << 10;

impl ResponseJudge {
    /// What `config` says; `None` when an answer with an expected status is just up.
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

    /// Whether the body must be kept.
    pub(super) fn keep(&self) -> BodyUse {
        let mut conditions = self.expect.iter().chain(&self.warn);
        if self.status_from.is_some() || conditions.any(Expectation::wants_body) {
            BodyUse::Body
        } else {
            BodyUse::Nothing
        }
    }

    /// Whether `expect` says which statuses will do.
    pub(super) fn expects_status(&self) -> bool {
        self.expect.as_ref().is_some_and(Expectation::wants_status)
    }

    /// Judges, by the deadline, whatever that takes.
    pub(super) async fn judge(
        self: &Arc<Self>,
        arrived: Arrived,
        probe: &CheckContext,
    ) -> CheckResult {
        let judge = Arc::clone(self);
        let job = aside(async move {
            let mut pace = Pace::starting_now();
            if arrived.body.len() > LARGE {
                pace.rest().await;
            }
            judge.answer(&arrived, unix_time(), &mut pace).await
        });
        match timeout_at(probe.deadline, job).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(fault)) => fault.answer(),
            Err(_) => self.late(),
        }
    }

    /// The deadline came before the judgement.
    fn late(&self) -> CheckResult {
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
            "the answer came, but there was no time left to hold the conditions against all of its \
             body: lower max_body or raise the timeout"
        };
        CheckResult::unknown(CauseCode::Resource, text)
    }

    async fn answer(&self, arrived: &Arrived, now: i64, pace: &mut Pace) -> CheckResult {
        let facts = Facts {
            status: arrived.status,
            headers: &arrived.headers,
            body: &DecodedText::read(&arrived.body, &arrived.headers),
            took: arrived.took,
            expires: arrived.expires,
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
        // A warning lowers what is better than it, and hides no worse cause.
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
