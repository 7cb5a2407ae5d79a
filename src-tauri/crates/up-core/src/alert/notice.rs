//! A notice: what people are told, in one piece, of one outage. Its words are those of the mood
//! that is asked for.

use std::sync::Arc;

use crate::cause::Cause;
use crate::judge::Verdict;
use crate::mood::Mood;
use crate::outline::NodeId;
use crate::phrase;
use crate::sample::Timestamp;
use crate::status::{Level, Status};

/// How many members a notice spells out.
const SPELT_OUT: usize = 5;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// Something fell.
    Down,
    /// All of it is back, or a part.
    Recovered,
}

impl NoticeKind {
    /// As webhooks, commands and scenario files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Recovered => "recovered",
        }
    }
}

/// How much a notice presses; the numbers are those of the Desktop Notifications Specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Urgency {
    /// A recovery.
    Low = 0,
    /// Something is not as it should be.
    Normal = 1,
    /// Something is wholly down; it stays until it is seen.
    Critical = 2,
}

/// One source that a notice tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The source, in the outline of now.
    pub node: NodeId,
    /// Its path.
    pub path: Arc<str>,
    /// What is believed of it.
    pub verdict: Verdict,
    /// The status of the sample that settled that.
    pub status: Option<Status>,
    /// Why it is not up.
    pub cause: Option<Cause>,
    /// When its outage began.
    pub since: Timestamp,
    /// When it was over; `None` while it is not.
    pub until: Option<Timestamp>,
}

/// What people are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// One outage has one id: a later notice takes the place of an earlier one of the same id.
    pub id: u64,
    /// What it is about.
    pub kind: NoticeKind,
    /// The deepest common cause; a click opens it.
    pub path: Arc<str>,
    /// Those that it tells of, worst first; never empty.
    pub members: Vec<Member>,
    /// How much it presses.
    pub urgency: Urgency,
    /// When the outage began.
    pub since: Timestamp,
    /// When it was told.
    pub date: Timestamp,
    /// Ids of notices that this one takes in: what was shown of them goes.
    pub replaces: Vec<u64>,
}

impl Member {
    /// The last name of its path.
    pub fn name(&self) -> &str {
        name(&self.path)
    }

    /// `PROD: DOWN — connection refused`, `PROD: UP again after 3 min`.
    pub fn line(&self, mood: Mood) -> String {
        let (name, word) = (self.name(), mood.word_of(self.verdict.level(), None));
        let percent = phrase::percent_between(self.status).map(|p| format!(" ({p})"));
        let mut line = format!("{name}: {word}{}", percent.unwrap_or_default());
        if let Some(until) = self.until {
            line.extend([" again after ", &phrase::span(until - self.since)]);
        } else if let Some(cause) = &self.cause {
            line.extend([" — ", &cause.text]);
        }
        line
    }
}

impl Notice {
    /// Those that are still down.
    pub fn open(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.until.is_none())
    }

    /// The worst level among its members; `None` when none has one.
    pub fn worst(&self) -> Option<Level> {
        self.members
            .iter()
            .filter_map(|member| member.verdict.level())
            .min()
    }

    /// Its title, in the words of a mood.
    pub fn title(&self, mood: Mood) -> String {
        if let [member] = &*self.members {
            let until = member.until;
            let cause = member.cause.clone().filter(|_| until.is_some());
            return Member {
                cause,
                ..member.clone()
            }
            .line(mood);
        }
        let count = self.members.len();
        let word = |member: &Member| mood.word_of(member.verdict.level(), None);
        let first = word(&self.members[0]);
        let same = self.members.iter().all(|member| word(member) == first);
        match (self.kind, same) {
            (NoticeKind::Down, true) => format!("{count} sources {first}"),
            (NoticeKind::Down, false) => format!("{count} sources in trouble"),
            (NoticeKind::Recovered, true) => format!("{count} sources {first} again"),
            (NoticeKind::Recovered, false) => format!("{count} sources recovered"),
        }
    }

    /// What stands below the title, a line each; plain text.
    pub fn lines(&self, mood: Mood) -> Vec<String> {
        if let [member] = &*self.members {
            let cause = member.cause.as_ref().filter(|_| member.until.is_none());
            let cause = cause.map(|cause| cause.text.to_string());
            return cause.into_iter().chain(trail(&member.path)).collect();
        }
        let spelt = self.members.iter().take(SPELT_OUT);
        let mut lines: Vec<String> = spelt.map(|member| member.line(mood)).collect();
        if self.members.len() > SPELT_OUT {
            lines.push(format!("… and {} more", self.members.len() - SPELT_OUT));
        }
        lines
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The trees between the root and the source, which tell namesakes apart.
fn trail(path: &str) -> Option<String> {
    let names: Vec<&str> = path.split('/').skip(2).collect();
    let (_, between) = names.split_last()?;
    (!between.is_empty()).then(|| between.join(" / "))
}
