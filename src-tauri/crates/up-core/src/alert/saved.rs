//! The shapes in which incidents and waiting falls are saved.

mod exact;
mod notice;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use exact::Exact;

use crate::cause::{Cause, CauseCode};
use crate::change::Off;
use crate::judge::{Beginning, SavedVerdict};
use crate::moment::clamped;
use crate::notice::Member;
use crate::outline::NodeId;
use crate::sample::Timestamp;
use crate::status::Status;

pub use notice::SavedNotice;

/// The saved state of the dispatcher.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedAlerts {
    /// The open incidents, by id.
    pub incidents: BTreeMap<u64, SavedIncident>,
    /// The sources that belong to an incident or wait to, by path.
    pub members: BTreeMap<Arc<str>, SavedMember>,
    /// The sources whose recovery was notified, by path.
    pub former: BTreeMap<Arc<str>, SavedFormer>,
    /// The sources about which no notices are sent.
    pub silenced: BTreeSet<Arc<str>>,
    /// When the notices of the last minute were made, for the rate limit.
    pub told: Vec<Timestamp>,
    /// The id that was assigned last.
    pub last: u64,
}

/// An incident without its members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedIncident {
    /// The change of the incident that was not notified yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) news: Option<SavedPendingChange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reminder: Option<SavedReminder>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) replaces: Vec<u64>,
    pub(crate) told: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) worst: Option<SavedVerdict>,
}

/// A change of an incident that was not notified yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedPendingChange {
    Worse,
    Fell,
    Flaps,
    Settled,
}

/// The next reminder of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedReminder {
    pub(crate) due: Timestamp,
    /// The pause after that reminder, in seconds.
    pub(crate) step: f64,
}

/// A source in an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedMember {
    /// The id of the incident; `None` for a fall that belongs to none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<u64>,
    verdict: SavedVerdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<SavedCause>,
    since: Exact,
    /// Whether the outage was seen beginning. A state that does not say so claims nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    observed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Exact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    off: Option<SavedOff>,
}

/// What was believed of a source when Up stopped, if the verdict changed after that.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedOff {
    was: SavedVerdict,
    stopped: Timestamp,
}

/// A source whose recovery was notified.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedFormer {
    /// The id of the incident that the source was in.
    pub incident: u64,
    /// When the recovery was notified.
    pub told: Timestamp,
}

impl From<Off> for SavedOff {
    fn from(off: Off) -> Self {
        let was = off.was.into();
        let stopped = off.stopped;
        Self { was, stopped }
    }
}

impl From<SavedOff> for Off {
    fn from(saved: SavedOff) -> Self {
        let was = saved.was.into();
        let stopped = saved.stopped;
        Self { was, stopped }
    }
}

impl SavedMember {
    pub(crate) fn of(member: &Member, incident: Option<u64>) -> Self {
        Self {
            incident,
            verdict: member.verdict.into(),
            status: member.status.map(Status::value),
            cause: member.cause.as_ref().map(SavedCause::from),
            since: Exact(member.since.date),
            observed: member.since.is_observed,
            until: member.until.map(Exact),
            off: member.off.map(SavedOff::from),
        }
    }

    /// When the source's outage began.
    pub(crate) fn since(&self) -> Timestamp {
        self.since.0
    }

    /// The member at a node and its path. Times after `now` become `now`.
    pub(crate) fn member(&self, node: NodeId, path: &Arc<str>, now: Timestamp) -> Member {
        let was = |time: Exact| clamped(time.0, now);
        Member {
            node,
            path: Arc::clone(path),
            verdict: self.verdict.into(),
            status: self.status.and_then(Status::new),
            cause: self.cause.as_ref().map(Into::into),
            since: Beginning {
                date: was(self.since),
                is_observed: self.observed,
            },
            until: self.until.map(was),
            off: self.off.map(Off::from),
        }
    }
}

/// A cause in the form that is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCause {
    code: CauseCode,
    text: Box<str>,
}

impl From<&Cause> for SavedCause {
    fn from(cause: &Cause) -> Self {
        let (code, text) = (cause.code, cause.text.clone());
        Self { code, text }
    }
}

impl From<&SavedCause> for Cause {
    fn from(saved: &SavedCause) -> Self {
        Self::new(saved.code, &saved.text)
    }
}
