//! A notice: what a sink is told of one incident at one time. Its sentences are made in the words
//! of a mood.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::change::Off;
use crate::control::words;
use crate::judge::{Beginning, Verdict};
use crate::mood::Mood;
use crate::outline::NodeId;
use crate::phrase;
use crate::sample::Timestamp;
use crate::status::{Level, Status};

/// How many members the text of a notice lists.
const SPELT_OUT: usize = 5;
/// How many seconds into an incident a fall is too late for the first notice, and news in a later one.
const LATER: Timestamp = 10.0;
/// How many characters the trees around a listed member may take. The nearest one is always named.
const TREES: usize = 30;
/// What stands between the names of a path in a sentence.
const BELOW: &str = " › ";

/// The kind of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// An incident began, or further members fell.
    Down,
    /// A member that people were notified of is now completely down.
    Worse,
    /// All members recovered, or some of them.
    Recovered,
    /// A source changes too often to notify of each change.
    Flapping,
    /// A source stopped flapping, whatever its level is.
    Settled,
    /// The incident goes on.
    Reminder,
    /// All incidents that exceed the rate limit, in one notice.
    Summary,
    /// The sources of the incident are not watched any more.
    Withdrawn,
}

impl NoticeKind {
    /// The name of the kind for webhooks, commands and scenario files.
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

/// The urgency of a notice. The numbers are those of the Desktop Notifications Specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Urgency {
    /// A recovery.
    Low = 0,
    /// Something is worse than up.
    Normal = 1,
    /// Something is completely down. The notification stays until it is seen.
    Critical = 2,
}

/// One source that a notice names.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The source's node in the present outline.
    pub node: NodeId,
    /// The path of the source.
    pub path: Arc<str>,
    /// The verdict on the source.
    pub verdict: Verdict,
    /// The status of the sample that changed the verdict.
    pub status: Option<Status>,
    /// Why the source is not up.
    pub cause: Option<Cause>,
    /// When the source's outage began.
    pub since: Beginning,
    /// When the source recovered; `None` while it has not.
    pub until: Option<Timestamp>,
    /// Set when the source recovered at some time while Up was off. `until` is then when a check
    /// found that.
    pub off: Option<Off>,
}

/// A notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The id of the incident. It stays the same when the incident is reopened soon after its
    /// recovery. A displayed notice is replaced by a later one with the same id.
    pub id: u64,
    /// The kind of the notice.
    pub kind: NoticeKind,
    /// The deepest common cause. A click on the notice shows it.
    pub path: Arc<str>,
    /// The sources that the notice names, never none: first those that are down, with the cause of
    /// the others and then the worst level first, and then those that recovered.
    pub members: Vec<Member>,
    /// How many sources the tree at `path` has; set when most of them are down.
    pub among: Option<usize>,
    /// How many further sources cannot be reached because they depend on a member.
    pub behind: usize,
    /// The urgency of the notice.
    pub urgency: Urgency,
    /// When the incident began.
    pub since: Timestamp,
    /// When the notice was made.
    pub date: Timestamp,
    /// The ids of incidents that were merged into this one. Displayed notices of them are removed.
    pub replaces: Vec<u64>,
}

impl Member {
    /// The last name of the source's path.
    pub fn name(&self) -> &str {
        name(&self.path)
    }

    /// The member as a title: `PROD: still HALF UP (50%)`.
    fn titled(&self, still: &str, mood: Mood) -> String {
        let percent = phrase::percent_between(self.status).map(|p| format!(" ({p})"));
        let (name, word) = (self.name(), self.verdict.word(mood));
        format!("{name}: {still}{word}{}", percent.unwrap_or_default())
    }

    /// The member as a line that calls it `name`: `PROD: DOWN — connection refused`,
    /// `PROD: UP again after 3 min`.
    fn line(&self, name: &str, mood: Mood) -> String {
        let word = self.verdict.word(mood);
        let percent = phrase::percent_between(self.status).map(|p| format!(" ({p})"));
        let mut line = format!("{name}: {word}{}", percent.unwrap_or_default());
        if self.off.is_some() && self.until.is_some() {
            line.push_str(" again");
        } else if let Some(until) = self.until {
            line.push_str(" again");
            // A recovery before the beginning means that the wall clock was set back.
            if until >= self.since.date {
                line.extend([" after ", &self.since.lasted(until)]);
            }
        } else if let Some(cause) = &self.cause {
            line.extend([" — ", &cause.text]);
        }
        line
    }
}

impl Member {
    /// What is known about the time of a recovery while Up was off, for a reader at `now` in this
    /// time zone.
    fn found(&self, mood: Mood, now: Timestamp, zone: &TimeZone) -> Option<String> {
        let clock = |time| words::since(time, now, zone);
        let found = (self.verdict, self.until?);
        Some(self.off?.sentence(found, mood, clock))
    }
}

impl Notice {
    /// When the incident began. Its first members decide whether that was observed.
    pub fn began(&self) -> Beginning {
        let mut first = (self.members.iter()).filter(|member| member.since.date <= self.since);
        Beginning {
            date: self.since,
            is_observed: first.all(|member| member.since.is_observed),
        }
    }

    /// The members that have not recovered.
    pub fn open(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.until.is_none())
    }

    /// The worst level of the members; `None` when none has a level.
    pub fn worst(&self) -> Option<Level> {
        self.members
            .iter()
            .filter_map(|member| member.verdict.level())
            .min()
    }

    /// The members that have recovered.
    pub fn back(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.until.is_some())
    }

    /// The title of the notice, in the words of a mood.
    pub fn title(&self, mood: Mood) -> String {
        let one = |member: &Member, still| member.titled(still, mood);
        match (self.kind, &*self.members) {
            (NoticeKind::Withdrawn, [member]) => format!("{}: no longer watched", member.name()),
            (NoticeKind::Withdrawn, all) => format!("{} sources no longer watched", all.len()),
            (NoticeKind::Settled, [member]) => {
                format!("{}, no longer flapping", one(member, ""))
            }
            (_, [member]) if member.until.is_some() => member.line(member.name(), mood),
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
        let is_back = match (only(self.back()), word(self.back().collect())) {
            (Some(one), Some(word)) => format!("{}: {word} again", one.name()),
            (None, Some(word)) => format!("{} {word} again", sources(back)),
            (_, None) => format!("{} recovered", sources(back)),
        };
        let flapping = self.open().filter(|member| self.is_news(member));
        if let (NoticeKind::Flapping, Some(one), 2..) = (self.kind, only(flapping), down) {
            return format!("{}, {} more in trouble", one.titled("", mood), down - 1);
        }
        match (down, back) {
            (_, 0) => is_down,
            (0, _) => is_back,
            _ if self.kind == NoticeKind::Recovered => {
                format!("{is_back}, {down} still not")
            }
            _ => format!("{is_down}, {back} recovered"),
        }
    }

    /// The lines below the title, as plain text with times of this time zone.
    pub fn lines(&self, mood: Mood, zone: &TimeZone) -> Vec<String> {
        let mut lines = Vec::new();
        if let [member] = &*self.members {
            let cause = member.cause.as_ref().filter(|_| member.until.is_none());
            lines.extend(cause.map(|cause| cause.text.to_string()));
            lines.extend(member.found(mood, self.date, zone));
            lines.extend(trail(&member.path));
        } else {
            lines = self.spelt_out(mood, zone, |member| self.label(member));
        }
        lines.extend(self.behind());
        lines
    }

    /// The lines below the title in a list of notices: one for each source, sorted by path.
    pub fn lines_by_path(&self, mood: Mood, zone: &TimeZone) -> Vec<String> {
        let mut lines = self.spelt_out(mood, zone, |member| member.path.to_string());
        lines.extend(self.behind());
        lines
    }

    /// True of a member whose change the notice is about, if other members had theirs before.
    fn is_news(&self, member: &Member) -> bool {
        match self.kind {
            // The next notice leaves out who is back.
            NoticeKind::Recovered | NoticeKind::Settled => member.until.is_some(),
            NoticeKind::Flapping => member.verdict == Verdict::Flapping,
            NoticeKind::Down => member.until.is_none() && member.since.date > self.since + LATER,
            _ => false,
        }
    }

    /// The members, with those first whose change the notice is about, the newest before the others.
    fn newest_first(&self) -> Vec<&Member> {
        let all = self.members.iter();
        let (mut news, rest): (Vec<_>, Vec<_>) = all.partition(|member| self.is_news(member));
        let changed = |member: &Member| member.until.unwrap_or(member.since.date);
        news.sort_by(|one, other| changed(other).total_cmp(&changed(one)));
        news.extend(rest);
        news
    }

    /// A line for each of the first members, which `label` names, and how many more there are.
    fn spelt_out(
        &self,
        mood: Mood,
        zone: &TimeZone,
        label: impl Fn(&Member) -> String,
    ) -> Vec<String> {
        let spelt = self.newest_first().into_iter().take(SPELT_OUT);
        let mut lines: Vec<String> = spelt
            .map(|member| {
                let found = member.found(mood, self.date, zone);
                let found = found.map(|found| format!("; {found}"));
                member.line(&label(member), mood) + &found.unwrap_or_default()
            })
            .collect();
        if self.members.len() > SPELT_OUT {
            lines.push(format!("… and {} more", self.members.len() - SPELT_OUT));
        }
        lines
    }

    /// The name of a member after the trees that distinguish it from others of that name:
    /// `ap-1 › node-1`. The root and a tree that the title names are left out.
    pub fn label(&self, member: &Member) -> String {
        let titled = self.among.and_then(|_| {
            let below = member.path.strip_prefix(&*self.path)?;
            below.strip_prefix('/')
        });
        let mut names = match titled {
            Some(below) => below.rsplit('/').collect(),
            None => names_below_root(&member.path),
        };
        let mut used = 0;
        let mut fits = |name: &str| {
            used += name.chars().count() + BELOW.chars().count();
            used <= TREES
        };
        // The leaf and the nearest tree stay, whatever their length.
        let trees = names.iter().skip(1).take_while(|name| fits(name)).count();
        let kept = 1 + trees.max(1);
        if kept < names.len() {
            names.truncate(kept);
            names.push("…");
        }
        names.reverse();
        names.join(BELOW)
    }

    /// How many further sources cannot be reached, and behind which member: the first one is the
    /// one that they depend on.
    fn behind(&self) -> Option<String> {
        let whom = match &*self.members {
            [_] => "behind it ".into(),
            [first, ..] if first.until.is_none() => format!("behind {} ", self.label(first)),
            _ => String::new(),
        };
        let behind = || format!("{} {whom}cannot be reached", sources(self.behind));
        (self.behind > 0).then(behind)
    }
}

fn sources(count: usize) -> String {
    match count {
        1 => "1 source".into(),
        _ => format!("{count} sources"),
    }
}

fn only<'m>(mut members: impl Iterator<Item = &'m Member>) -> Option<&'m Member> {
    members.next().filter(|_| members.next().is_none())
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The names of a path below its root, the source's own first; of the root, its own.
fn names_below_root(path: &str) -> Vec<&str> {
    let (_, below) = path[1.min(path.len())..]
        .split_once('/')
        .unwrap_or(("", name(path)));
    below.rsplit('/').collect()
}

/// The trees between the root and the source, which distinguish sources of the same name.
fn trail(path: &str) -> Option<String> {
    let names: Vec<&str> = path.split('/').skip(2).collect();
    let (_, between) = names.split_last()?;
    (!between.is_empty()).then(|| between.join(BELOW))
}

#[cfg(test)]
mod tests;
