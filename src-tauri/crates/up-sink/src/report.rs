//! A notice as other programs read it: the JSON that webhooks and commands receive, and the fields
//! that a template may name. The shape is public: keys are added, never changed.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use up_core::alert::{Member, Notice, Urgency};
use up_core::{Mood, Timestamp};

/// The version of the shape. It is the first key of the JSON.
const SCHEMA: u32 = 1;

/// A notice from one agent, in the words of a mood.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    schema: u32,
    /// The id of the incident. All notices of an incident have the same id. It is unique within
    /// this agent.
    id: u64,
    agent: String,
    /// The kind of the notice: `down`, `recovered` and so on.
    kind: &'static str,
    /// `low`, `normal` or `critical`.
    urgency: &'static str,
    /// The urgency on the scale of 1 to 5 that many services use: 2, 4 or 5.
    priority: u8,
    title: String,
    /// What the notice says beside its title, one line each.
    text: String,
    /// The deepest tree or source that contains everything the notice names.
    path: String,
    /// The cause of the worst source; empty when it has none.
    cause: String,
    /// How many sources the notice names.
    count: usize,
    /// When the incident began, in Unix seconds.
    since: Timestamp,
    /// Present, and true, only if the incident may have begun before `since`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    since_at_least: bool,
    /// When the notice was sent, in Unix seconds.
    date: Timestamp,
    mood: &'static str,
    sources: Vec<ReportedSource>,
}

/// One source that a report names.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct ReportedSource {
    path: String,
    name: String,
    word: &'static str,
    /// The status from 0 to 1; null when unknown.
    status: Option<f64>,
    cause: Option<ReportCause>,
    since: Timestamp,
    /// Present, and true, only if the outage may have begun before `since`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    since_at_least: bool,
    /// When the source recovered; null while it is not up.
    until: Option<Timestamp>,
    /// When Up stopped, in Unix seconds, if the source recovered at some unknown time between that
    /// and `until`; else null.
    stopped: Option<Timestamp>,
}

/// Why a source is not up.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct ReportCause {
    code: &'static str,
    text: String,
}

impl Report {
    /// The report of a notice in the words of `mood`, from the agent of that name.
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
            since_at_least: !notice.began().is_observed,
            date: notice.date,
            mood: mood.name(),
            sources: notice
                .members
                .iter()
                .map(|member| ReportedSource::of(member, mood))
                .collect(),
        }
    }

    /// The notice's identity: the id of its incident, and its date.
    pub(crate) fn of_notice(&self) -> (u64, Timestamp) {
        (self.id, self.date)
    }

    /// An id that no other report of any agent has. It stays the same when the report is sent
    /// again.
    pub(crate) fn unique(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.agent, self.kind, self.date.to_bits()).hash(&mut hasher);
        format!("up_{}_{:016x}", self.id, hasher.finish())
    }

    /// The environment variables that a command receives.
    pub(crate) fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("UP_TITLE", self.title.clone()),
            ("UP_TEXT", self.text.clone()),
            ("UP_KIND", self.kind.to_owned()),
            ("UP_PATH", self.path.clone()),
        ]
    }

    /// The whole report as JSON.
    pub fn json(&self) -> Value {
        // This cannot fail: the report is plain data with text keys.
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
            since: member.since.date,
            since_at_least: !member.since.is_observed,
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
