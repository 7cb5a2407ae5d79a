//! A notice in the form in which the decisions about its members remember it.

use std::sync::Arc;

use crate::judge::{Beginning, Verdict};
use crate::notice::{Member, Notice, NoticeKind};
use crate::sample::Timestamp;

/// The largest number of members and of sinks that are remembered by name.
pub(crate) const NAMED: usize = 5;

/// A notice that was sent. The decisions about all its members share it.
#[derive(Debug, PartialEq)]
pub(crate) struct ToldNotice {
    pub(crate) id: u64,
    pub(crate) kind: NoticeKind,
    /// The path of the deepest common cause.
    pub(crate) path: Arc<str>,
    /// When the incident began.
    pub(crate) since: Timestamp,
    /// The first members of the incident.
    pub(crate) members: Box<[ToldMember]>,
    /// The number of members.
    pub(crate) count: u32,
    /// How many sources the tree at `path` has, when most of them are down.
    pub(crate) among: Option<u32>,
    /// How many further sources cannot be reached.
    pub(crate) behind: u32,
    /// The sinks that received the notice.
    pub(crate) sinks: Arc<[Arc<str>]>,
}

/// A member of the notice's incident.
#[derive(Debug, PartialEq)]
pub(crate) struct ToldMember {
    pub(crate) path: Arc<str>,
    pub(crate) verdict: Verdict,
    /// When the member's outage began.
    pub(crate) since: Beginning,
    /// True when the notice reported the member's recovery.
    pub(crate) is_back: bool,
}

impl ToldNotice {
    /// The record of a notice that the given sinks receive.
    pub(crate) fn of(notice: &Notice, sinks: &Arc<[Arc<str>]>) -> Self {
        let named = |member: &Member| ToldMember {
            path: Arc::clone(&member.path),
            verdict: member.verdict,
            since: member.since,
            is_back: member.until.is_some(),
        };
        Self {
            id: notice.id,
            kind: notice.kind,
            path: Arc::clone(&notice.path),
            since: notice.since,
            members: notice.members.iter().take(NAMED).map(named).collect(),
            count: notice.members.len() as u32,
            among: notice.among.map(|among| among as u32),
            behind: notice.behind as u32,
            sinks: Arc::clone(sinks),
        }
    }
}
