//! What the panel may ask and is told: every shape that crosses to it, once. The TypeScript in
//! `ui/src/wire/bindings` is generated from here and compared by a test.
//!
//! Room: shapes only. Nothing is decided here, and no secret has a field to travel in.

mod control;

use serde::{Deserialize, Serialize};

pub use control::{Control, ControlSpan, EffectiveControls, InForce, Muted};

/// What the panel asks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(
    tag = "ask",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum PanelRequest {
    /// The whole tree as it is now; answered with [`PanelResponse::Tree`].
    Tree,
    /// One source in full; answered with [`PanelResponse::Source`].
    Source {
        /// Its path.
        path: String,
    },
    /// One path's history; answered with [`PanelResponse::History`].
    History {
        /// Its path.
        path: String,
        /// Unix seconds.
        from: f64,
        /// Unix seconds.
        to: f64,
    },
    /// Checks now, all or those below a path; answered with [`PanelResponse::Done`].
    CheckNow {
        /// The path; everything when `null`.
        path: Option<String>,
    },
    /// Records a note; answered with [`PanelResponse::Done`].
    Note {
        /// The remark.
        message: String,
    },
    /// Snoozes, acknowledges, pauses, mutes, or undoes that; answered with [`PanelResponse::Done`].
    Control {
        /// What.
        control: Control,
    },
    /// Sets and remembers the mood; answered with [`PanelResponse::Done`].
    Mood {
        /// The mood.
        mood: Mood,
    },
    /// Opens the configuration file in the person's editor; answered with [`PanelResponse::Done`].
    OpenConfig,
    /// Hides the panel; answered with [`PanelResponse::Done`].
    Hide,
}

/// What the panel is answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "answer", content = "value", rename_all = "snake_case")]
pub enum PanelResponse {
    /// The whole tree.
    Tree(Tree),
    /// One source.
    Source(Box<SourceView>),
    /// One path's history.
    History(HistoryView),
    /// It was done, or is under way.
    Done,
    /// It could not be done: one line for a person.
    Failed(String),
}

/// What the panel is told unasked, at most four times a second while it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "event", content = "value", rename_all = "snake_case")]
pub enum PanelEvent {
    /// The tree's shape changed (reload, mood, rename): all of it.
    Tree(Tree),
    /// Some rows changed.
    Rows(RowsChanged),
    /// Select this path: a notification or the tray asked for it.
    Show(String),
    /// Put the cursor where a note is written: the tray's menu asked for it.
    Note,
}

/// The name of the one event the panel listens to.
pub const EVENT: &str = "up";

/// Rows that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RowsChanged {
    /// The shape they belong to; when it is not the one the panel has, it asks for the tree.
    pub shape: u32,
    /// Those rows, whole.
    pub rows: Vec<Row>,
    /// The header of now.
    pub header: Header,
}

/// The whole tree, as rows in pre-order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Tree {
    /// Counts up whenever the tree's shape changes.
    pub shape: u32,
    /// What stands above the tree.
    pub header: Header,
    /// Every node; `rows[i].id == i`.
    pub rows: Vec<Row>,
}

/// What stands above the tree.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The mood.
    pub mood: Mood,
    /// How many sources (leaves) there are.
    pub sources: u32,
    /// How many of them are below up.
    pub down: u32,
    /// How many are unknown or not asked yet.
    pub unknown: u32,
    /// What the person should know about Up itself: a broken configuration, a MongoDB out of
    /// reach, no tray host, no notification service. Most important first.
    pub problems: Vec<Problem>,
    /// The configuration file in use; `null` when there is none.
    pub config: Option<String>,
    /// Where it is, or belongs while there is none.
    pub place: String,
    /// True while a round of checks that a person asked for is under way.
    pub checking: bool,
    /// While nothing is told at all.
    pub muted: Option<Muted>,
}

/// Something to know about Up itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Problem {
    /// What it is about.
    pub about: About,
    /// For a person; may have several lines (a configuration error shows the line and a caret).
    pub text: String,
}

/// What a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// up.toml.
    Config,
    /// Our own network.
    Network,
    /// The embedded history.
    History,
    /// A MongoDB.
    Mongo,
    /// The file of what people snoozed, acknowledged and paused.
    Controls,
    /// A webhook or a command that is told what people are.
    Sink,
    /// A source that tells of too many new names.
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
    /// Its place in pre-order.
    pub id: u32,
    /// `/Root/Child`.
    pub path: String,
    /// Its name.
    pub name: String,
    /// The `type` in up.toml.
    pub kind: String,
    /// How many trees are above it.
    pub depth: u16,
    /// The id of its tree; `null` for the root.
    pub parent: Option<u32>,
    /// How many nodes are below it, all levels.
    pub below: u32,
    /// 0..1; `null` for unknown, held and not asked yet.
    pub status: Option<f64>,
    /// floor(status × 4).
    pub level: Option<u8>,
    /// The mood's word, or UNKNOWN, PAUSED and so on.
    pub word: String,
    /// `66.67%` where 0 < status < 1.
    pub percent: Option<String>,
    /// Why it is not scored now.
    pub hold: Option<String>,
    /// What people asked for it, and maintenance; `null` when there is nothing.
    pub standing: Option<EffectiveControls>,
    /// True until the first answer.
    pub waiting: bool,
    /// When it was last asked, Unix seconds.
    pub date: Option<f64>,
    /// How long that took, seconds.
    pub duration: Option<f64>,
    /// Why it is not up; leaves only.
    pub cause: Option<Cause>,
    /// Since when it has been at this level, Unix seconds.
    pub since: Option<f64>,
    /// The last levels, oldest first, at most 30; `null` is unknown.
    pub beats: Vec<Option<u8>>,
}

/// Why something is not up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Cause {
    /// From the closed list.
    pub code: String,
    /// For a person.
    pub text: String,
}

/// One source in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SourceView {
    /// Its row.
    pub row: Row,
    /// What it asks: a URL without secrets, `host:port`; `null` for a tree.
    pub target: Option<String>,
    /// How often it is asked, seconds.
    pub interval: f64,
    /// Its deadline, seconds.
    pub timeout: f64,
    /// The parts of an HTTP exchange in order (resolve, connect, tls, `first_byte`, body), those
    /// that took place, in seconds.
    pub timing: Vec<Timing>,
    /// What else the last answer told, as label and text.
    pub facts: Vec<Fact>,
}

/// One part of an exchange.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Timing {
    /// Which.
    pub part: String,
    /// Seconds.
    pub seconds: f64,
}

/// Something learnt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Fact {
    /// What.
    pub label: String,
    /// For a person.
    pub text: String,
}

/// One path's history, in columns of equal length, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HistoryView {
    /// Whose.
    pub path: String,
    /// Which store answered, for a person.
    pub store: String,
    /// Why not the first choice, when that did not answer.
    pub fallback: Option<String>,
    /// The span that was asked for, Unix seconds.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// Unix seconds.
    pub dates: Vec<f64>,
    /// 0..1, `null` for unknown.
    pub statuses: Vec<Option<f64>>,
    /// Seconds.
    pub durations: Vec<f64>,
    /// The mean status over the span; `null` without samples.
    pub uptime: Option<f64>,
    /// How many samples with a status the span has.
    pub count: f64,
    /// True when the columns are not all of the samples: then they are the first, the last, the
    /// lowest and the slowest of many equal spans, so no median can be made of them.
    pub thinned: bool,
    /// No samples for longer than this, in seconds, is a gap and is drawn as one.
    pub gap: f64,
    /// The notes of the span.
    pub notes: Vec<Note>,
}

/// A person's remark.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Note {
    /// What was said.
    pub message: String,
    /// Unix seconds.
    pub date: f64,
}

/// The moods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    /// As it is.
    Realist,
    /// The bright side.
    Optimist,
    /// The dark side.
    Pessimist,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ts_rs::{Config, TS};

    use super::*;

    /// `cargo xtask codegen` sets this to write instead of compare.
    const WRITE: &str = "UP_CODEGEN";

    #[test]
    fn the_panels_bindings_are_those_of_these_types() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/wire/bindings");
        let fresh = tempfile::tempdir().expect("a temporary directory");
        let config = Config::new().with_out_dir(fresh.path());
        PanelRequest::export_all(&config).expect("requests are exported");
        PanelResponse::export_all(&config).expect("answers are exported");
        PanelEvent::export_all(&config).expect("events are exported");
        if std::env::var_os(WRITE).is_some() {
            let _ = std::fs::remove_dir_all(&kept);
            std::fs::create_dir_all(&kept).expect("the folder can be made");
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(fresh.path()).expect("the fresh bindings") {
            let entry = entry.expect("an entry");
            let text = std::fs::read_to_string(entry.path()).expect("a binding");
            let target = kept.join(entry.file_name());
            if std::env::var_os(WRITE).is_some() {
                std::fs::write(&target, &text).expect("a binding can be written");
            }
            let there = std::fs::read_to_string(&target).unwrap_or_default();
            assert_eq!(
                there,
                text,
                "{} is stale: cargo xtask codegen",
                target.display()
            );
            names.push(entry.file_name());
        }
        for entry in std::fs::read_dir(&kept).expect("the kept bindings") {
            let name = entry.expect("an entry").file_name();
            assert!(
                names.contains(&name),
                "{name:?} is of no type any more: cargo xtask codegen"
            );
        }
    }
}
