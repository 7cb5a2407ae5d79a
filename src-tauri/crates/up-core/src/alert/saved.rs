//! The shapes of outages and of what is owed, as they are kept.

mod exact;
mod notice;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use exact::Exact;

use crate::cause::{Cause, CauseCode};
use crate::change::Off;
use crate::judge::SavedVerdict;
use crate::moment::clamped;
use crate::notice::Member;
use crate::outline::NodeId;
use crate::sample::Timestamp;
use crate::status::Status;

pub use notice::SavedNotice;

/// What people were told and are still to be told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedAlerts {
    /// Each outage, by its id.
    pub incidents: BTreeMap<u64, SavedIncident>,
    /// Each source that belongs to an outage, or waits to, by its path.
    pub members: BTreeMap<Arc<str>, SavedMember>,
    /// Each source that was told to be back, by its path.
    pub former: BTreeMap<Arc<str>, SavedFormer>,
    /// The sources of which nothing is told for now.
    pub silenced: BTreeSet<Arc<str>>,
    /// When notices of the last minute were told, for the bound of the minute.
    pub told: Vec<Timestamp>,
    /// The last id that was given.
    pub last: u64,
}

/// An outage, without its members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedIncident {
    /// What of it is not told yet.
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

/// What of an outage is not told yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedPendingChange {
    Worse,
    Fell,
    Flaps,
    Settled,
}

/// When an outage is told again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedReminder {
    pub(crate) due: Timestamp,
    /// How long after that the next one is, in seconds.
    pub(crate) step: f64,
}

/// A source in an outage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedMember {
    /// The outage; `None` of a fall that was not told yet and belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<u64>,
    verdict: SavedVerdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<SavedCause>,
    since: Exact,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Exact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    off: Option<SavedOff>,
}

/// What was believed of a source when Up stopped, where it was another after that.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedOff {
    was: SavedVerdict,
    stopped: Timestamp,
}

/// A source that was told to be back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedFormer {
    /// The id of the outage that it was in.
    pub incident: u64,
    /// When it was told.
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
            since: Exact(member.since),
            until: member.until.map(Exact),
            off: member.off.map(SavedOff::from),
        }
    }

    /// When its outage began.
    pub(crate) fn since(&self) -> Timestamp {
        self.since.0
    }

    /// The member at that node and path. What lies in the future of `now` lies at `now`.
    pub(crate) fn member(&self, node: NodeId, path: &Arc<str>, now: Timestamp) -> Member {
        let was = |time: Exact| clamped(time.0, now);
        Member {
            node,
            path: Arc::clone(path),
            verdict: self.verdict.into(),
            status: self.status.and_then(Status::new),
            cause: self.cause.as_ref().map(Into::into),
            since: was(self.since),
            until: self.until.map(was),
            off: self.off.map(Off::from),
        }
    }
}

/// A cause, as it is kept.
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
