//! What a check brings back: an answer, and with its date and duration a sample.

use std::time::Duration;

use crate::cause::{Cause, CauseCode};
use crate::component::Twigs;
use crate::detail::Detail;
use crate::hold::Hold;
use crate::status::Status;

/// Unix time in seconds, with fractions; the original's `date`.
pub type Timestamp = f64;

/// What a source says when asked: before anyone looks at a clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckResult {
    /// The status, or `None` for unknown.
    pub status: Option<Status>,
    /// Why it is not up; `None` when it is.
    pub cause: Option<Cause>,
    /// What else was learnt.
    pub detail: Detail,
    /// The name that the far side gives itself (SNMP's sysName), for a node without one.
    pub name: Option<Box<str>>,
    /// Why the far side says that it is not to be scored now; its status is then unknown.
    pub hold: Option<Hold>,
    /// What it tells of its parts; `None` when it has none, or does not tell of them now.
    pub twigs: Option<Twigs>,
    /// So long it will only be told again what it just said.
    pub rest: Option<Duration>,
    /// This was said before, and nobody was asked now: it is no news and confirms nothing.
    pub echo: bool,
}

impl CheckResult {
    /// Up, with nothing to explain.
    pub fn up() -> Self {
        Self {
            status: Some(Status::UP),
            ..Self::default()
        }
    }

    /// Down, and why.
    pub fn down(code: CauseCode, text: impl AsRef<str>) -> Self {
        let cause = Some(Cause::new(code, text));
        Self {
            status: Some(Status::DOWN),
            cause,
            ..Self::default()
        }
    }

    /// Somewhere in between, and why.
    pub fn degraded(status: Status, code: CauseCode, text: impl AsRef<str>) -> Self {
        let cause = Some(Cause::new(code, text));
        Self {
            status: Some(status),
            cause,
            ..Self::default()
        }
    }

    /// The question could not be asked or understood, and why.
    pub fn unknown(code: CauseCode, text: impl AsRef<str>) -> Self {
        Self {
            status: None,
            cause: Some(Cause::new(code, text)),
            ..Self::default()
        }
    }

    /// Under maintenance by the far side's own word: unknown, and held.
    pub fn maintenance(text: impl AsRef<str>) -> Self {
        Self {
            hold: Some(Hold::Maintenance),
            ..Self::unknown(CauseCode::Reported, text)
        }
    }

    /// The same answer with this detail.
    pub fn with_detail(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }
}

/// One answer with its date and duration.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The status, or `None` for unknown.
    pub status: Option<Status>,
    /// When the check began.
    pub date: Timestamp,
    /// How long it took, in seconds.
    pub duration: f64,
    /// Why it is not up.
    pub cause: Option<Cause>,
    /// What else was learnt.
    pub detail: Detail,
}
