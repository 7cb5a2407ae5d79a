//! A notice, as the decisions about its members remember it.

use std::sync::Arc;

use crate::judge::Verdict;
use crate::notice::{Member, Notice, NoticeKind};
use crate::sample::Timestamp;

/// How many members of a notice are remembered by name, and how many sinks are named.
pub(crate) const NAMED: usize = 5;

/// A notice that was told, shared by the decisions about all its members.
#[derive(Debug, PartialEq)]
pub(crate) struct ToldNotice {
    pub(crate) id: u64,
    pub(crate) kind: NoticeKind,
    /// The deepest common cause.
    pub(crate) path: Arc<str>,
    /// When the outage began.
    pub(crate) since: Timestamp,
    /// The first of its members.
    pub(crate) members: Box<[ToldMember]>,
    /// How many members it has.
    pub(crate) count: u32,
    /// How many sources the tree at `path` has, when most of them are down.
    pub(crate) among: Option<u32>,
    /// How many more cannot be reached.
    pub(crate) behind: u32,
    /// The sinks that it was handed to.
    pub(crate) sinks: Arc<[Arc<str>]>,
}

/// One of its members.
#[derive(Debug, PartialEq)]
pub(crate) struct ToldMember {
    pub(crate) path: Arc<str>,
    pub(crate) verdict: Verdict,
    /// True when it was told to be back.
    pub(crate) is_back: bool,
}

impl ToldNotice {
    /// The notice, which is handed to these sinks.
    pub(crate) fn of(notice: &Notice, sinks: &Arc<[Arc<str>]>) -> Self {
        let named = |member: &Member| ToldMember {
            path: Arc::clone(&member.path),
            verdict: member.verdict,
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
