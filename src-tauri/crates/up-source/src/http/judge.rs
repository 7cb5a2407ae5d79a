//! What `expect`, `warn` and `status_from` make of an answer that arrived whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use http::header::HeaderMap;
use tokio::sync::oneshot;
use tokio::time::timeout_at;
use up_core::{Answer, CauseCode, Status};

use super::config::HttpConfig;
use super::exchange::Keep;
use crate::expect::{Expectation, Facts, Reading};
use crate::{Probe, Problem};

/// The judgement of one source's answers.
#[derive(Debug)]
pub(super) struct Judge {
    expect: Option<Expectation>,
    warn: Option<Expectation>,
    status_from: Option<Reading>,
    /// True while a thread holds the conditions against a large body: there is one at most.
    busy: AtomicBool,
}

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

/// A body larger than this is judged in a thread of its own: an expression may take long over it,
/// and neither another's deadline nor the end of the program shall wait for that.
const LARGE: usize = 64 << 10;

impl Judge {
    /// What `config` says; `None` when an answer with an expected status is just up.
    pub(super) fn read(config: &HttpConfig, method: &Method) -> Result<Option<Self>, Problem> {
        let expectation = |key, keys: &Option<_>| {
            let read = keys.as_ref().map(|keys| Expectation::read(key, keys));
            read.transpose()
        };
        let judge = Self {
            expect: expectation("expect", &config.expect)?,
            warn: expectation("warn", &config.warn)?,
            status_from: config.status_from.as_ref().map(Reading::read).transpose()?,
            busy: AtomicBool::new(false),
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
                Problem::new(key, "the answer to a HEAD request has no body")
                    .help("leave `method` out, or write method = \"GET\""),
            );
        }
        Ok(Some(judge))
    }

    /// Whether the body must be kept.
    pub(super) fn keep(&self) -> Keep {
        let mut conditions = self.expect.iter().chain(&self.warn);
        if self.status_from.is_some() || conditions.any(Expectation::wants_body) {
            Keep::Body
        } else {
            Keep::Nothing
        }
    }

    /// Whether `expect` says which statuses will do.
    pub(super) fn expects_status(&self) -> bool {
        self.expect.as_ref().is_some_and(Expectation::wants_status)
    }

    /// Judges, by the deadline.
    pub(super) async fn judge(self: &Arc<Self>, arrived: Arrived, probe: &Probe) -> Answer {
        if arrived.body.len() <= LARGE {
            return self.answer(&arrived, unix_time());
        }
        let late = || {
            Answer::unknown(
                CauseCode::Resource,
                "the answer came, but there was no time left to hold the conditions against all of \
                 its body: lower max_body or raise the timeout",
            )
        };
        if self.busy.swap(true, Ordering::AcqRel) {
            return late();
        }
        let judge = Arc::clone(self);
        let (tell, told) = oneshot::channel();
        let thread = std::thread::Builder::new().spawn(move || {
            let answer = judge.answer(&arrived, unix_time());
            judge.busy.store(false, Ordering::Release);
            // Nobody waits for it any more where the deadline has passed.
            let _ = tell.send(answer);
        });
        if thread.is_err() {
            self.busy.store(false, Ordering::Release);
            let text = "this machine has no thread left to look at a large body with";
            return Answer::unknown(CauseCode::Resource, text);
        }
        match timeout_at(probe.deadline, told).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Answer::unknown(CauseCode::Internal, "the answer could not be judged"),
            Err(_) => late(),
        }
    }

    fn answer(&self, arrived: &Arrived, now: i64) -> Answer {
        let body = String::from_utf8_lossy(&arrived.body);
        let facts = Facts {
            status: arrived.status,
            headers: &arrived.headers,
            // RFC 8259, section 8.1: a byte order mark may be passed over.
            body: body.strip_prefix('\u{feff}').unwrap_or(&body),
            took: arrived.took,
            expires: arrived.expires,
            now,
        };
        let failing = |of: &Option<Expectation>| of.as_ref().and_then(|of| of.failing(&facts));
        if let Some(text) = failing(&self.expect) {
            return Answer::down(CauseCode::Expect, text);
        }
        let reading = self.status_from.as_ref();
        let answer = reading.map_or_else(Answer::up, |reading| reading.answer(facts.body));
        let half = Status::new(0.5).unwrap_or(Status::DOWN);
        // A warning lowers what is better than it, and hides no worse cause.
        match (answer.status, failing(&self.warn)) {
            (Some(status), Some(text)) if status > half => {
                Answer::degraded(half, CauseCode::Expect, text)
            }
            _ => answer,
        }
    }
}

fn unix_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
