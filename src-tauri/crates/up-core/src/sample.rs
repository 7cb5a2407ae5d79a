//! The result of a check, and the sample that it becomes with its date and duration.

use std::time::Duration;

use crate::cause::{Cause, CauseCode};
use crate::component::ReportedComponents;
use crate::detail::Detail;
use crate::hold::Hold;
use crate::status::Status;

/// Unix time in seconds, with fractions.
pub type Timestamp = f64;

/// The result of a check, without its date and duration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckResult {
    /// The status; `None` for unknown.
    pub status: Option<Status>,
    /// Why the source is not up; `None` when it is.
    pub cause: Option<Cause>,
    /// Further values that the check found.
    pub detail: Detail,
    /// The name that the far side reports for itself (SNMP's sysName), for a source without a
    /// configured one.
    pub name: Option<Box<str>>,
    /// Why the far side reports that it is not to be scored now. The status is then unknown.
    pub hold: Option<Hold>,
    /// The components that the source reported; `None` when it has none or did not report them this
    /// time.
    pub components: Option<ReportedComponents>,
    /// The duration to record where it is not that of the check: a ping's round trip.
    pub took: Option<Duration>,
    /// For how long another check would only repeat this result.
    pub rest: Option<Duration>,
    /// True if this repeats an earlier result without a new question. It then confirms nothing.
    pub echo: bool,
}

impl CheckResult {
    /// A source that is up.
    pub fn up() -> Self {
        Self {
            status: Some(Status::UP),
            ..Self::default()
        }
    }

    /// A source that is down, and why.
    pub fn down(code: CauseCode, text: impl AsRef<str>) -> Self {
        let cause = Some(Cause::new(code, text));
        Self {
            status: Some(Status::DOWN),
            cause,
            ..Self::default()
        }
    }

    /// A source with a status in between, and why.
    pub fn degraded(status: Status, code: CauseCode, text: impl AsRef<str>) -> Self {
        let cause = Some(Cause::new(code, text));
        Self {
            status: Some(status),
            cause,
            ..Self::default()
        }
    }

    /// A check that could not be made or understood, and why.
    pub fn unknown(code: CauseCode, text: impl AsRef<str>) -> Self {
        Self {
            status: None,
            cause: Some(Cause::new(code, text)),
            ..Self::default()
        }
    }

    /// A source that reports maintenance: unknown, and held.
    pub fn maintenance(text: impl AsRef<str>) -> Self {
        Self {
            hold: Some(Hold::Maintenance),
            ..Self::unknown(CauseCode::Reported, text)
        }
    }

    /// The same result with this duration in place of that of the check.
    pub fn that_took(self, took: Duration) -> Self {
        Self {
            took: Some(took),
            ..self
        }
    }

    /// The same result with this detail.
    pub fn with_detail(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }
}

/// The recorded result of one check, with its date and duration.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The status; `None` for unknown.
    pub status: Option<Status>,
    /// When the check began, Unix seconds.
    pub date: Timestamp,
    /// How long the check took, in seconds. Of a ping, the mean round trip.
    pub duration: f64,
    /// Why the source is not up.
    pub cause: Option<Cause>,
    /// Further values that the check found.
    pub detail: Detail,
}

impl Sample {
    /// The same sample as one of a source that is not scored: unknown.
    #[must_use]
    pub fn unscored(self) -> Self {
        Self {
            status: None,
            ..self
        }
    }
}
