//! The herald: what of the changes people are told, when, and in how many notices.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::notice::{Member, Notice, NoticeKind, Urgency};
use super::{Change, is_bad};
use crate::judge::Verdict;
use crate::mood::Mood;
use crate::outline::NodeId;
use crate::path;
use crate::status::Level;
use crate::watch::Moment;

/// How the herald goes about it, for the whole tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Changes that come within so long of the first go together.
    pub group_within: Duration,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            group_within: Duration::from_secs(10),
        }
    }
}

/// What people were told, and what they are to be told.
#[derive(Clone, Debug, Default)]
pub struct Herald {
    manner: Manner,
    mood: Mood,
    /// Falls not told yet.
    fallen: BTreeMap<NodeId, Member>,
    /// Who was told to be down, and in which notice.
    told: BTreeMap<NodeId, (u64, Member)>,
    /// When what is gathered is told.
    due: Option<Duration>,
    last: u64,
}

impl Herald {
    /// Changes how it goes about it.
    pub fn manner(&mut self, manner: Manner) {
        self.manner = manner;
    }

    /// Changes the mood.
    pub fn mood(&mut self, mood: Mood) {
        self.mood = mood;
    }

    /// Hears of a change.
    pub fn hear(&mut self, change: &Change, now: Moment) {
        let is_bad = is_bad(self.mood, change.to);
        let member = Member {
            node: change.node,
            path: Arc::clone(&change.path),
            verdict: change.to,
            status: change.status,
            cause: change.cause.clone(),
            since: change.date,
            until: None,
        };
        let told = self.told.get_mut(&change.node);
        match (is_bad, told) {
            (true, Some((_, told))) => {
                *told = Member {
                    since: told.since,
                    ..member
                }
            }
            (true, None) => drop(self.fallen.insert(change.node, member)),
            (false, Some((_, told))) if matches!(change.to, Verdict::At(_)) => {
                *told = Member {
                    since: told.since,
                    until: Some(change.date),
                    ..member
                };
            }
            (false, _) => drop(self.fallen.remove(&change.node)),
        }
        let anything =
            !self.fallen.is_empty() || self.told.values().any(|(_, m)| m.until.is_some());
        let due = self.due.unwrap_or(now.steady + self.manner.group_within);
        self.due = anything.then_some(due);
    }

    /// When there is something to tell.
    pub fn due(&self) -> Option<Duration> {
        self.due
    }

    /// What is to be told now.
    pub fn tell(&mut self, now: Moment) -> Vec<Notice> {
        if self.due.is_none_or(|due| due > now.steady) {
            return Vec::new();
        }
        self.due = None;
        let mut notices = Vec::new();
        let fallen: Vec<Member> = std::mem::take(&mut self.fallen).into_values().collect();
        if !fallen.is_empty() {
            let id = self.id(now);
            for member in &fallen {
                self.told.insert(member.node, (id, member.clone()));
            }
            notices.extend(notice(id, NoticeKind::Down, fallen, now));
        }
        let back = self
            .told
            .extract_if(.., |_, (_, member)| member.until.is_some());
        let mut cases: BTreeMap<u64, Vec<Member>> = BTreeMap::new();
        for (_, (id, member)) in back {
            cases.entry(id).or_default().push(member);
        }
        for (id, members) in cases {
            notices.extend(notice(id, NoticeKind::Recovered, members, now));
        }
        notices
    }

    /// An id that no notice had before, in this run or an earlier one.
    fn id(&mut self, now: Moment) -> u64 {
        self.last = (self.last + 1).max((now.wall * 1_000.0) as u64);
        self.last
    }
}

fn notice(id: u64, kind: NoticeKind, mut members: Vec<Member>, now: Moment) -> Option<Notice> {
    members.sort_by_key(|member| member.verdict.level().map_or(u8::MAX, Level::number));
    let paths = members.iter().map(|member| &*member.path);
    let path = path::common(paths)?.into();
    let worst = members.iter().filter_map(|m| m.verdict.level()).min();
    let since = members
        .iter()
        .map(|member| member.since)
        .fold(now.wall, f64::min);
    Some(Notice {
        id,
        kind,
        path,
        urgency: match kind {
            NoticeKind::Recovered => Urgency::Low,
            NoticeKind::Down if worst == Some(Level::Down) => Urgency::Critical,
            NoticeKind::Down => Urgency::Normal,
        },
        members,
        since,
        date: now.wall,
        replaces: Vec::new(),
    })
}
