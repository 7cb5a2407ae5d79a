//! Every shape that crosses between the engine's shell and the panel. The TypeScript in
//! `ui/src/wire/bindings` is generated from these types, and a test compares them.
//!
//! Room: shapes only. Nothing is decided here, and no secret has a field.

mod control;
mod history;
mod long_past;
mod request;

use serde::{Deserialize, Serialize};

pub use control::{Control, ControlSpan, EffectiveControls, InForce, Muted};
pub use history::{
    DurationBar, HistoryView, IncidentCounts, IncidentList, IncidentMark, IncidentPlace,
    MeasuredMetric, Note, NoteEdit, PastAcknowledgement, PastIncident, PastNotice, PathBand,
    SpanPart, WorkTask, WorkUnderWay,
};
pub use long_past::{
    DayOfYear, LongView, Overview, OverviewPath, PartOfTime, PathUptimes, UptimeWindow,
};
pub use request::{ExportFormat, PanelRequest, WantedIncidents, ZoomStep};

/// The answer to a request of the panel.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "answer", content = "value", rename_all = "snake_case")]
pub enum PanelResponse {
    /// The whole tree.
    Tree(Tree),
    /// One source with all its details.
    Source(Box<SourceView>),
    /// The history of one path.
    History(Box<HistoryView>),
    /// The newest incidents.
    Incidents(IncidentList),
    /// How one path was over long times.
    LongView(Box<LongView>),
    /// The uptimes of the paths, in the order of the request.
    Uptimes(Vec<PathUptimes>),
    /// What a span comes to for every path.
    Overview(Overview),
    /// Several paths over one span, in the order of the request.
    Bands(Vec<PathBand>),
    /// The metrics of one path over a span. Empty if it has none.
    Metrics(Vec<MeasuredMetric>),
    /// A file was written. The text is its path.
    Saved(String),
    /// What people did with notes, in the order in which they did.
    NoteEdits(Vec<NoteEdit>),
    /// The work on the history that is under way. Empty if there is none.
    HistoryWork(Vec<WorkUnderWay>),
    /// The request was carried out, or is under way.
    Done,
    /// The request failed. The text is one line for a person.
    Failed(String),
}

/// A message that the shell pushes to the panel, at most four times a second while the panel is
/// shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "event", content = "value", rename_all = "snake_case")]
pub enum PanelEvent {
    /// The tree's shape changed (reload, mood, rename). Contains the whole tree.
    Tree(Tree),
    /// Some rows changed.
    Rows(RowsChanged),
    /// The panel should select this path: the tray asked for it.
    Show(String),
    /// The panel should list the incidents of a path at a time: a notification asked for it.
    Incidents(IncidentPlace),
    /// The panel should focus the field for a note: the tray's menu asked for it.
    Note,
}

/// The name of the one event that the panel listens to.
pub const EVENT: &str = "up";

/// The rows that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RowsChanged {
    /// The shape that the rows belong to. If it is not the shape that the panel has, the panel
    /// requests the whole tree.
    pub shape: u32,
    /// The changed rows, each complete.
    pub rows: Vec<Row>,
    /// The header as it is now.
    pub header: Header,
}

/// The whole tree, as rows in pre-order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Tree {
    /// The version of the tree's shape. It grows whenever the shape changes.
    pub shape: u32,
    /// The summary above the tree.
    pub header: Header,
    /// Every node; `rows[i].id == i`.
    pub rows: Vec<Row>,
}

/// The summary above the tree.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The mood in use.
    pub mood: Mood,
    /// The number of sources (leaves).
    pub sources: u32,
    /// The number of sources whose level is below up.
    pub down: u32,
    /// The number of sources that are unknown or not checked yet.
    pub unknown: u32,
    /// What the person should know about Up itself: a broken configuration, a MongoDB that cannot
    /// be reached, no tray host, no notification service. The most important problem is first.
    pub problems: Vec<Problem>,
    /// The path of the configuration file in use; `null` when there is none.
    pub config: Option<String>,
    /// The path of the configuration file, or the path where it belongs while there is none.
    pub place: String,
    /// True while checks that a person asked for are under way.
    pub checking: bool,
    /// The mute of all notices; `null` when notices are sent.
    pub muted: Option<Muted>,
    /// True if the panel stays on the screen when it loses the focus.
    pub pinned: bool,
    /// True if Up starts when the person logs in; `null` if that cannot be found out.
    pub starts_at_login: Option<bool>,
}

/// A problem of Up itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Problem {
    /// What the problem is about.
    pub about: About,
    /// The problem, for a person. It may have several lines: a configuration error shows the line
    /// and a caret.
    pub text: String,
}

/// What a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The configuration file.
    Config,
    /// This machine's own network.
    Network,
    /// The embedded history.
    History,
    /// A MongoDB that the history is replicated to.
    Mongo,
    /// The file of the controls: what people snoozed, acknowledged and paused.
    Controls,
    /// A webhook or a command that receives notices.
    Sink,
    /// A source that reports too many new component names.
    Names,
    /// The tray host.
    Tray,
    /// The notification service.
    Notifications,
}

/// One node of the tree.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Row {
    /// The node's position in pre-order.
    pub id: u32,
    /// The node's path: `/Root/Child`.
    pub path: String,
    /// The node's name.
    pub name: String,
    /// The node's `type` in up.toml.
    pub kind: String,
    /// The number of trees above the node.
    pub depth: u16,
    /// The id of the node's tree; `null` for the root.
    pub parent: Option<u32>,
    /// The number of nodes below, over all levels.
    pub below: u32,
    /// True of a node that counts as one source in the numbers of the header.
    pub counts: bool,
    /// The status from 0 to 1; `null` when it is unknown or held, and before the first check.
    pub status: Option<f64>,
    /// The level: floor(status × 4), 0 to 4.
    pub level: Option<u8>,
    /// The word to show: the mood's word for the level, or UNKNOWN, PAUSED and so on.
    pub word: String,
    /// The status as a percentage like `66.67%`, where 0 < status < 1.
    pub percent: Option<String>,
    /// Why the node is not scored now.
    pub hold: Option<String>,
    /// The controls in force and the maintenance; `null` when there are none.
    pub standing: Option<EffectiveControls>,
    /// True until the first result.
    pub waiting: bool,
    /// When the node was last checked, Unix seconds.
    pub date: Option<f64>,
    /// How long the last check took, seconds.
    pub duration: Option<f64>,
    /// Why the source is not up; for leaves only.
    pub cause: Option<Cause>,
    /// Since when the node has been at its level, Unix seconds; `null` before its first check and
    /// while it is held.
    pub since: Option<f64>,
    /// True if nobody looked before `since`: the node has been at its level at least since then.
    pub since_at_least: bool,
    /// Set while the source changes so often that single changes are not told.
    pub flapping: Option<Flapping>,
    /// The last levels, oldest first, at most 30; `null` is unknown.
    pub beats: Vec<Option<u8>>,
    /// The tags of the node, those of the trees around it included.
    pub tags: Vec<String>,
}

/// How a source flaps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Flapping {
    /// Since when it has been flapping, Unix seconds.
    pub since: f64,
    /// How many of the last results changed what is believed of the source.
    pub changes: u32,
    /// How many results these are.
    pub results: u32,
}

/// Why a source is not up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Cause {
    /// The code of the cause, from a closed list.
    pub code: String,
    /// The cause as a sentence for a person.
    pub text: String,
}

/// One source with all its details.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SourceView {
    /// The source's row in the tree.
    pub row: Row,
    /// What the source checks: a URL without secrets, or `host:port`; `null` for a tree.
    pub target: Option<String>,
    /// The web address that [`PanelRequest::Open`] opens; `null` if it opens none.
    pub address: Option<String>,
    /// The name of the program that [`PanelRequest::Open`] starts; `null` if it starts none.
    pub program: Option<String>,
    /// The time between two checks, seconds.
    pub interval: f64,
    /// The time limit of a check, seconds.
    pub timeout: f64,
    /// The phases of an HTTP exchange that took place, in order (resolve, connect, tls,
    /// `first_byte`, body), in seconds.
    pub timing: Vec<Timing>,
    /// Further details of the last result, as label and text.
    pub facts: Vec<Fact>,
}

/// One phase of an exchange.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Timing {
    /// The name of the phase.
    pub part: String,
    /// Its duration, seconds.
    pub seconds: f64,
}

/// One detail of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Fact {
    /// What the detail is about.
    pub label: String,
    /// The detail, for a person.
    pub text: String,
}

/// The moods: the words for levels, and how eager the alerts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    /// The realist: notified when a source is not up.
    Realist,
    /// The optimist: cheerful words, notified of the worst only.
    Optimist,
    /// The pessimist: gloomy words, notified of everything.
    Pessimist,
}

#[cfg(test)]
mod tests;
