//! The shapes of the history: the samples and figures of one path, and the incidents of many.
//!
//! Room: shapes only. Every figure comes from a store, which counts all samples.

use serde::{Deserialize, Serialize};

use crate::Cause;

/// The history of one path over a span: samples in columns of equal length, oldest first, and
/// figures over all samples of the span.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    /// The path of the node.
    pub path: String,
    /// The name of the store that answered, for a person.
    pub store: String,
    /// Why the preferred store did not answer; `null` when it did.
    pub fallback: Option<String>,
    /// The beginning of the requested span, Unix seconds.
    pub from: f64,
    /// The end of the requested span, Unix seconds.
    pub to: f64,
    /// The dates of the samples, Unix seconds.
    pub dates: Vec<f64>,
    /// The statuses of the samples, 0 to 1; `null` for unknown.
    pub statuses: Vec<Option<f64>>,
    /// The durations of the samples, seconds.
    pub durations: Vec<f64>,
    /// For each sample the index of its cause in `causes`; `null` without a cause.
    pub cause_of: Vec<Option<u32>>,
    /// The causes of the samples and of the marks, each once.
    pub causes: Vec<String>,
    /// The mean status over the span by time; `null` if no time of it is known.
    pub uptime: Option<f64>,
    /// For how many seconds of the span the path was watched, as in the windows of a long view.
    pub watched: f64,
    /// How many samples with a status the span has.
    pub count: f64,
    /// How many samples without a status the span has.
    pub unknown: f64,
    /// The median duration of the samples with a status, seconds; `null` without such samples.
    pub p50: Option<f64>,
    /// The duration that 95 of 100 samples do not exceed, seconds.
    pub p95: Option<f64>,
    /// The duration that 99 of 100 samples do not exceed, seconds.
    pub p99: Option<f64>,
    /// The newest incidents of the span, newest first.
    pub incidents: Vec<PastIncident>,
    /// All incidents of the span as the charts draw them, oldest first.
    pub marks: Vec<IncidentMark>,
    /// The figures of all incidents of the span, those that are not listed included.
    pub counts: IncidentCounts,
    /// The span cut into at most 400 equal parts, without those of which nothing is known. They count
    /// all samples.
    pub parts: Vec<SpanPart>,
    /// How many samples fall into each twentieth of the status, from 0 on.
    pub status_counts: Vec<f64>,
    /// How many samples took how long, from the shortest on. Together the bars are the range from the
    /// shortest to the longest duration.
    pub duration_counts: Vec<DurationBar>,
    /// True when the columns do not contain all samples. They then contain the first, the last, the
    /// lowest and the slowest sample of many equal spans. The figures count all samples.
    pub thinned: bool,
    /// A time without samples that is longer than this, in seconds, is a gap and is drawn as one.
    pub gap: f64,
    /// The notes within the span that concern the path, oldest first.
    pub notes: Vec<Note>,
    /// Those of the agent of a fleet that this Up only reads: they cannot be changed here.
    pub foreign_notes: Vec<Note>,
}

/// What a part of a span comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SpanPart {
    /// The beginning of the part, Unix seconds.
    pub from: f64,
    /// The end of the part, Unix seconds.
    pub to: f64,
    /// The mean status by time; `null` if no time is known.
    pub uptime: Option<f64>,
    /// The lowest status; `null` without samples that have one.
    pub lowest: Option<f64>,
    /// The highest status.
    pub highest: Option<f64>,
    /// How many samples with a status there are.
    pub count: f64,
    /// How many samples without a status there are.
    pub unknown: f64,
    /// The median duration of the samples with a status, seconds; `null` if it is not known.
    pub p50: Option<f64>,
    /// The duration that 95 of 100 samples do not exceed, seconds.
    pub p95: Option<f64>,
    /// The duration that 99 of 100 samples do not exceed, seconds.
    pub p99: Option<f64>,
    /// The longest duration, seconds.
    pub longest: Option<f64>,
}

/// How many samples took from one duration up to, but without, another.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DurationBar {
    /// The shorter duration, seconds.
    pub from: f64,
    /// The longer duration, seconds.
    pub to: f64,
    /// How many samples.
    pub count: f64,
}

/// One of several paths over a span that is cut into the same parts for each.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PathBand {
    /// The path.
    pub path: String,
    /// The mean status over the span by time; `null` if no time of it is known.
    pub uptime: Option<f64>,
    /// For how many seconds of the span the path was watched, as in the windows of a long view.
    pub watched: f64,
    /// The parts of which something is known, oldest first.
    pub parts: Vec<SpanPart>,
    /// Why nothing could be read; `null` when it could.
    pub error: Option<String>,
}

/// What the checks of a source measured of one number over a span: points in columns of equal length,
/// oldest first. There is none for a time without values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MeasuredMetric {
    /// The name within the source, for programs: `timing.connect`.
    pub name: String,
    /// The name for a person.
    pub label: String,
    /// The symbol of the unit: `s`, `B`, `%`, `d` for days, that of a plugin, or nothing.
    pub unit: String,
    /// The newest value of the span.
    pub last: f64,
    /// The values at which a plugin begins or ends to warn.
    pub warn: Vec<f64>,
    /// The values at which a plugin finds it critical, or no longer.
    pub crit: Vec<f64>,
    /// When each point begins, Unix seconds.
    pub begins: Vec<f64>,
    /// When each point ends, Unix seconds.
    pub ends: Vec<f64>,
    /// How many values each point has.
    pub counts: Vec<f64>,
    /// The lowest value of each point.
    pub mins: Vec<f64>,
    /// The mean of the values of each point.
    pub means: Vec<f64>,
    /// The highest value of each point.
    pub maxs: Vec<f64>,
}

/// One outage or degradation of a path, as the judge believed it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PastIncident {
    /// The path.
    pub path: String,
    /// The date of the first failed check, Unix seconds.
    pub from: f64,
    /// The date of the first good check after it; `null` while the incident lasts.
    pub until: Option<f64>,
    /// The worst level, 0 to 3.
    pub level: u8,
    /// Why the first failed check was not up.
    pub cause: Option<Cause>,
    /// The last acknowledgement while it lasted; `null` without one, or if none is kept of that time.
    pub acknowledged: Option<PastAcknowledgement>,
    /// The first notice that it is down; `null` if nobody was told, or if none is kept of that time.
    pub told: Option<PastNotice>,
    /// The first notice of its recovery.
    pub recovery: Option<PastNotice>,
}

/// What a chart draws of an incident, or of several that would be drawn over each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct IncidentMark {
    /// The date of the first failed check, Unix seconds.
    pub from: f64,
    /// The date of the first good check after it; `null` while an incident lasts.
    pub until: Option<f64>,
    /// The worst level, 0 to 3.
    pub level: u8,
    /// The index of the cause of the worst incident in the causes of the history.
    pub cause: Option<u32>,
    /// How many incidents it stands for.
    pub count: u32,
}

/// Somebody said that an incident is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PastAcknowledgement {
    /// When it was given, Unix seconds.
    pub date: f64,
    /// Who gave it, `user@agent`; `null` if that was not kept.
    pub by: Option<String>,
    /// The remark that the person added.
    pub note: Option<String>,
}

/// A notice that was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PastNotice {
    /// When it was made, Unix seconds.
    pub date: f64,
    /// The sinks that delivered it.
    pub sinks: Vec<String>,
}

/// Where in the history an incident is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct IncidentPlace {
    /// The path of its source, or of the tree that has all its sources.
    pub path: String,
    /// When it began, Unix seconds.
    pub from: f64,
    /// The time until which its sources had fallen, Unix seconds.
    pub to: f64,
}

/// Figures of the incidents of a span.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct IncidentCounts {
    /// How many incidents reached level 0 or 1.
    pub down: f64,
    /// How many incidents did not fall below level 2.
    pub degraded: f64,
    /// The length of the longest of those that reached level 0 or 1, seconds. It ends at the end of
    /// the span if the incident lasts.
    pub longest: f64,
}

/// A page of the incidents of many paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct IncidentList {
    /// Those that last, then the others, each newest first. Those that last are on the first page only.
    pub incidents: Vec<PastIncident>,
    /// How many older ones are known and not listed.
    pub more: f64,
    /// What to ask for the next page with; `null` if this one is the last.
    pub next: Option<f64>,
    /// The time back to which was searched, Unix seconds; `null` if the whole span was.
    pub searched: Option<f64>,
    /// Why the preferred stores did not answer, one line each for a person.
    pub fallbacks: Vec<String>,
}

/// Work on a store that goes on in the background. Every figure of the history is complete meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WorkUnderWay {
    /// What is being done.
    pub task: WorkTask,
    /// The name of the store, for a person.
    pub store: String,
    /// How much of the work is done, from 0 up to, but without, 1.
    pub share: f64,
}

/// What is being done to a store of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum WorkTask {
    /// Summaries of older samples are made.
    Summaries,
    /// Older samples are copied to a `MongoDB` that is new in the configuration.
    Copy,
}

/// A person's remark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Note {
    /// The text of the note.
    pub message: String,
    /// The time that the note is about, Unix seconds.
    pub date: f64,
    /// The path of the source or tree that the note is about; `null` if it is about everything.
    pub path: Option<String>,
}

/// What a person did with notes: wrote one, removed one, or put one in the place of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NoteEdit {
    /// The note that is no longer there.
    pub removed: Option<Note>,
    /// The note that is there now.
    pub added: Option<Note>,
}
