//! A notice: what people are told, in one piece, of one outage. Its words are those of the mood
//! that is asked for.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::change::Off;
use crate::control::words;
use crate::judge::Verdict;
use crate::mood::Mood;
use crate::outline::NodeId;
use crate::phrase;
use crate::sample::Timestamp;
use crate::status::{Level, Status};

/// How many members a notice spells out.
const SPELT_OUT: usize = 5;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Something fell, or more of the same outage did.
    Down,
    /// What was told to be worse than up is wholly down.
    Worse,
    /// All of it is back, or a part.
    Recovered,
    /// It turns too often to be told each time.
    Flapping,
    /// It flaps no more, whatever it is now.
    Settled,
    /// It is still down.
    Reminder,
    /// All that there is to tell, because it is too much to be told one by one.
    Summary,
    /// It is watched no more.
    Withdrawn,
}

impl NoticeKind {
    /// As webhooks, commands and scenario files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Worse => "worse",
            Self::Recovered => "recovered",
            Self::Flapping => "flapping",
            Self::Settled => "settled",
            Self::Reminder => "reminder",
            Self::Summary => "summary",
            Self::Withdrawn => "withdrawn",
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
    /// Set when it was over at some time while Up was off: `until` is when that was found.
    pub off: Option<Off>,
}

/// What people are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// One outage has one id, also when it returns soon after its recovery: a later notice takes the
    /// place of an earlier one of the same id.
    pub id: u64,
    /// What it is about.
    pub kind: NoticeKind,
    /// The deepest common cause; a click opens it.
    pub path: Arc<str>,
    /// Those that it tells of: those that are down, the cause of the others and the worst first,
    /// then those that are back. Never empty.
    pub members: Vec<Member>,
    /// How many sources the tree at `path` has, when most of them are down.
    pub among: Option<usize>,
    /// How many more cannot be reached because they depend on a member.
    pub behind: usize,
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
        let (name, word) = (self.name(), self.verdict.word(mood));
        let percent = phrase::percent_between(self.status).map(|p| format!(" ({p})"));
        let mut line = format!("{name}: {word}{}", percent.unwrap_or_default());
        if self.off.is_some() && self.until.is_some() {
            line.push_str(" again");
        } else if let Some(until) = self.until {
            line.push_str(" again");
            // Before it began, by a wall clock that was set back in between.
            if until >= self.since {
                line.extend([" after ", &phrase::span(until - self.since)]);
            }
        } else if let Some(cause) = &self.cause {
            line.extend([" — ", &cause.text]);
        }
        line
    }
}

impl Member {
    /// What is known of when it was over, where that was while Up was off; for somebody who reads
    /// it at that time and in that zone.
    fn found(&self, mood: Mood, now: Timestamp, zone: &TimeZone) -> Option<String> {
        let clock = |time| words::since(time, now, zone);
        let found = (self.verdict, self.until?);
        Some(self.off?.sentence(found, mood, clock))
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

    /// Those that are back.
    pub fn back(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.until.is_some())
    }

    /// Its title, in the words of a mood.
    pub fn title(&self, mood: Mood) -> String {
        let one = |member: &Member, still: &str| {
            let percent = phrase::percent_between(member.status).map(|p| format!(" ({p})"));
            let (name, word) = (member.name(), member.verdict.word(mood));
            format!("{name}: {still}{word}{}", percent.unwrap_or_default())
        };
        match (self.kind, &*self.members) {
            (NoticeKind::Withdrawn, [member]) => format!("{}: no longer watched", member.name()),
            (NoticeKind::Withdrawn, all) => format!("{} sources no longer watched", all.len()),
            (NoticeKind::Settled, [member]) => {
                format!("{}, no longer flapping", one(member, ""))
            }
            (_, [member]) if member.until.is_some() => member.line(mood),
            (NoticeKind::Reminder, [member]) => one(member, "still "),
            (_, [member]) => one(member, ""),
            _ => self.title_of_several(mood),
        }
    }

    fn title_of_several(&self, mood: Mood) -> String {
        let (down, back) = (self.open().count(), self.back().count());
        let word = |members: Vec<&Member>| {
            let mut words = members.iter().map(|member| member.verdict.word(mood));
            let first = words.next();
            first.filter(|first| words.all(|word| word == *first))
        };
        let still = if self.kind == NoticeKind::Reminder {
            "still "
        } else {
            ""
        };
        let is_down = match (word(self.open().collect()), self.among) {
            (word, Some(all)) if all == down => {
                format!(
                    "{}: all {all} {still}{}",
                    name(&self.path),
                    word.unwrap_or("in trouble")
                )
            }
            (word, Some(all)) => {
                let word = word.unwrap_or("in trouble");
                format!("{}: {down} of {all} {still}{word}", name(&self.path))
            }
            (Some(word), None) => format!("{} {still}{word}", sources(down)),
            (None, None) => format!("{} {still}in trouble", sources(down)),
        };
        let is_back = match word(self.back().collect()) {
            Some(word) => format!("{} {word} again", sources(back)),
            None => format!("{} recovered", sources(back)),
        };
        match (down, back) {
            (_, 0) => is_down,
            (0, _) => is_back,
            _ if self.kind == NoticeKind::Recovered => {
                format!("{is_back}, {down} still not")
            }
            _ => format!("{is_down}, {back} recovered"),
        }
    }

    /// What stands below the title, a line each; plain text, with times of that zone.
    pub fn lines(&self, mood: Mood, zone: &TimeZone) -> Vec<String> {
        let mut lines = Vec::new();
        if let [member] = &*self.members {
            let cause = member.cause.as_ref().filter(|_| member.until.is_none());
            lines.extend(cause.map(|cause| cause.text.to_string()));
            lines.extend(member.found(mood, self.date, zone));
            lines.extend(trail(&member.path));
        } else {
            let spelt = self.members.iter().take(SPELT_OUT);
            lines.extend(spelt.map(|member| {
                let found = member.found(mood, self.date, zone);
                let found = found.map(|found| format!("; {found}"));
                member.line(mood) + &found.unwrap_or_default()
            }));
            if self.members.len() > SPELT_OUT {
                lines.push(format!("… and {} more", self.members.len() - SPELT_OUT));
            }
        }
        lines.extend(self.behind());
        lines
    }

    /// What stands below the title in a list of notices: a line for each source, by its path.
    pub fn lines_by_path(&self, mood: Mood, zone: &TimeZone) -> Vec<String> {
        let spelt = self.members.iter().take(SPELT_OUT);
        let mut lines: Vec<String> = spelt
            .map(|member| {
                let trees = member.path.strip_suffix(member.name()).unwrap_or_default();
                let found = member.found(mood, self.date, zone);
                let found = found.map(|found| format!("; {found}"));
                let line = member.line(mood);
                format!("{trees}{line}{}", found.unwrap_or_default())
            })
            .collect();
        if self.members.len() > SPELT_OUT {
            lines.push(format!("… and {} more", self.members.len() - SPELT_OUT));
        }
        lines.extend(self.behind());
        lines
    }

    fn behind(&self) -> Option<String> {
        let behind = || format!("{} behind it cannot be reached", sources(self.behind));
        (self.behind > 0).then(behind)
    }
}

fn sources(count: usize) -> String {
    match count {
        1 => "1 source".into(),
        _ => format!("{count} sources"),
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
