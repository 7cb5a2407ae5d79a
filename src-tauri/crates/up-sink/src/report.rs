//! A notice as other programs read it: the JSON that webhooks and commands are handed, and the
//! fields that a template may name. Its shape is for ever: keys are added, never changed.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use up_core::alert::{Member, Notice, Urgency};
use up_core::{Mood, Timestamp};

/// The shape's version, the first key of it.
const SCHEMA: u32 = 1;

/// A notice in the words of a mood, told by an agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    schema: u32,
    /// One outage has one id, whatever is told of it; of this agent only.
    id: u64,
    agent: String,
    /// `down`, `recovered`, …
    kind: &'static str,
    /// `low`, `normal` or `critical`.
    urgency: &'static str,
    /// The same as many services count it: 2, 4 and 5 of 5.
    priority: u8,
    title: String,
    /// What there is to say beside the title, a line each.
    text: String,
    /// The deepest common cause.
    path: String,
    /// Of what is worst; empty when it has none.
    cause: String,
    /// How many sources it tells of.
    count: usize,
    /// When the outage began, in Unix seconds.
    since: Timestamp,
    /// When this was told, in Unix seconds.
    date: Timestamp,
    mood: &'static str,
    sources: Vec<ReportedSource>,
}

/// One source that a report tells of.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct ReportedSource {
    path: String,
    name: String,
    word: &'static str,
    /// 0 to 1; null when unknown.
    status: Option<f64>,
    cause: Option<ReportCause>,
    since: Timestamp,
    /// When it was over; null while it is not.
    until: Option<Timestamp>,
    /// When Up stopped, if it was over at some time between that and `until`; else null.
    stopped: Option<Timestamp>,
}

/// Why a source is not up.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct ReportCause {
    code: &'static str,
    text: String,
}

impl Report {
    /// What an agent tells of a notice.
    pub fn of(notice: &Notice, mood: Mood, agent: &str) -> Self {
        let (urgency, priority) = match notice.urgency {
            Urgency::Low => ("low", 2),
            Urgency::Normal => ("normal", 4),
            Urgency::Critical => ("critical", 5),
        };
        let cause = notice.open().find_map(|member| member.cause.as_ref());
        Self {
            schema: SCHEMA,
            id: notice.id,
            agent: agent.to_owned(),
            kind: notice.kind.name(),
            urgency,
            priority,
            title: notice.title(mood),
            text: notice.lines(mood, &TimeZone::system()).join("\n"),
            path: notice.path.to_string(),
            cause: cause
                .map(|cause| cause.text.to_string())
                .unwrap_or_default(),
            count: notice.members.len(),
            since: notice.since,
            date: notice.date,
            mood: mood.name(),
            sources: notice
                .members
                .iter()
                .map(|member| ReportedSource::of(member, mood))
                .collect(),
        }
    }

    /// Which notice it is of: the outage's id, and the date.
    pub(crate) fn of_notice(&self) -> (u64, Timestamp) {
        (self.id, self.date)
    }

    /// Tells this telling from any other, of any agent, as often as it is repeated.
    pub(crate) fn unique(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.agent, self.kind, self.date.to_bits()).hash(&mut hasher);
        format!("up_{}_{:016x}", self.id, hasher.finish())
    }

    /// What a command finds in its environment.
    pub(crate) fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("UP_TITLE", self.title.clone()),
            ("UP_TEXT", self.text.clone()),
            ("UP_KIND", self.kind.to_owned()),
            ("UP_PATH", self.path.clone()),
        ]
    }

    /// The whole of it.
    pub fn json(&self) -> Value {
        // Plain data under string keys: there is nothing that JSON could not say.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl ReportedSource {
    fn of(member: &Member, mood: Mood) -> Self {
        Self {
            path: member.path.to_string(),
            name: member.name().to_owned(),
            word: member.verdict.word(mood),
            status: member.status.map(up_core::Status::value),
            cause: member.cause.as_ref().map(|cause| ReportCause {
                code: cause.code.code(),
                text: cause.text.to_string(),
            }),
            since: member.since,
            until: member.until,
            stopped: member.off.map(|off| off.stopped),
        }
    }
}

/// The fields that a template may name: those of a report that are a text or a number.
pub const FIELDS: &[&str] = &[
    "title", "text", "kind", "urgency", "priority", "path", "cause", "count", "since", "date",
    "id", "agent", "mood",
];
