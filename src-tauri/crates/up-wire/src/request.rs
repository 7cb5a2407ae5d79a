//! What the panel may ask.
//!
//! Room: shapes only. The shell checks and bounds each request.

use serde::Deserialize;

#[cfg(doc)]
use crate::PanelResponse;
use crate::{Control, Mood, NoteEdit};

/// What incidents have to be to be listed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WantedIncidents {
    /// Parts of words. Each must be in the path, the tags, the cause, or in what the last acknowledgement
    /// says.
    pub words: Vec<String>,
    /// Whole tags. The source must have each of them.
    pub tags: Vec<String>,
    /// The worst level is one of these, 0 to 3; any level if there is none.
    pub levels: Vec<u8>,
    /// The least length in seconds; `null` for any.
    pub shortest: Option<f64>,
    /// The greatest length in seconds; `null` for any.
    pub longest: Option<f64>,
}

/// A request of the panel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(
    tag = "ask",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum PanelRequest {
    /// The whole tree as it is now. The answer is [`PanelResponse::Tree`].
    Tree,
    /// One source with all its details. The answer is [`PanelResponse::Source`].
    Source {
        /// The path of the source.
        path: String,
    },
    /// The history of one path. The answer is [`PanelResponse::History`].
    History {
        /// The path of the node.
        path: String,
        /// The beginning of the span, Unix seconds.
        from: f64,
        /// The end of the span, Unix seconds.
        to: f64,
    },
    /// A page of the incidents of a node and everything below it that last at some time of a span, newest
    /// first. The answer is [`PanelResponse::Incidents`].
    Incidents {
        /// The path of the node; `null` for every path that the history has.
        path: Option<String>,
        /// The beginning of the span, Unix seconds.
        from: f64,
        /// The end of the span, Unix seconds. An incident that began before it is listed.
        to: f64,
        /// [`IncidentList::next`](crate::IncidentList::next) of the page before; `null` for the first page.
        before: Option<f64>,
        /// Only those that it wants; `null` for all.
        search: Option<WantedIncidents>,
    },
    /// How one path was over long times. The answer is [`PanelResponse::LongView`].
    LongView {
        /// The path of the node.
        path: String,
        /// True to cut days, hours and months by UTC, false by the clocks of the machine.
        utc: bool,
    },
    /// Several paths over one span. The answer is [`PanelResponse::Bands`].
    Bands {
        /// The paths, at most 100.
        paths: Vec<String>,
        /// The beginning of the span, Unix seconds.
        from: f64,
        /// The end of the span, Unix seconds.
        to: f64,
    },
    /// What the checks of one source measured over a span. The answer is
    /// [`PanelResponse::Metrics`].
    Metrics {
        /// The path of the node.
        path: String,
        /// The beginning of the span, Unix seconds.
        from: f64,
        /// The end of the span, Unix seconds.
        to: f64,
    },
    /// Writes every sample of a span to a file in the person's folder for downloads. The answer is
    /// [`PanelResponse::Saved`].
    Export {
        /// The path of the node.
        path: String,
        /// The beginning of the span, Unix seconds.
        from: f64,
        /// The end of the span, Unix seconds.
        to: f64,
        /// What the file contains.
        format: ExportFormat,
    },
    /// Writes a picture to a file in the person's folder for downloads. The answer is
    /// [`PanelResponse::Saved`].
    SavePicture {
        /// The path of the node.
        path: String,
        /// The beginning of the span, Unix seconds.
        from: f64,
        /// The end of the span, Unix seconds.
        to: f64,
        /// A PNG file in Base64.
        png: String,
    },
    /// Writes what the page shows of many paths to a file in the person's folder for downloads. The
    /// answer is [`PanelResponse::Saved`].
    SaveShown {
        /// The path of the node that has all of it.
        path: String,
        /// The beginning of the span, Unix seconds.
        from: f64,
        /// The end of the span, Unix seconds.
        to: f64,
        /// What the text is.
        format: ExportFormat,
        /// The content of the file.
        text: String,
    },
    /// The uptimes of some paths over windows that end now. The answer is
    /// [`PanelResponse::Uptimes`].
    Uptimes {
        /// The paths, 100 at the most.
        paths: Vec<String>,
        /// The lengths of the windows in days, 4 at the most.
        days: Vec<u32>,
    },
    /// What a span comes to for every path. The answer is [`PanelResponse::Overview`].
    Overview {
        /// The beginning of the span, Unix seconds.
        from: f64,
        /// The end of the span, Unix seconds.
        to: f64,
    },
    /// What people did with notes since a time, and what a MongoDB of the configuration does not know yet,
    /// whichever program did it. The answer is [`PanelResponse::NoteEdits`].
    NoteEdits {
        /// The time, Unix seconds.
        since: f64,
    },
    /// The work that goes on in the background in the stores that have the history of a path. The
    /// answer is [`PanelResponse::HistoryWork`].
    HistoryWork {
        /// The path of the node.
        path: String,
    },
    /// Checks all sources, or those below a path, now. The answer is [`PanelResponse::Done`].
    CheckNow {
        /// The path; `null` for all sources.
        path: Option<String>,
    },
    /// Writes, changes or removes a note. The answer is [`PanelResponse::Done`].
    EditNotes {
        /// What to do.
        edit: NoteEdit,
    },
    /// Sets or undoes a control. The answer is [`PanelResponse::Done`].
    Control {
        /// The control.
        control: Control,
    },
    /// Sets and remembers the mood. The answer is [`PanelResponse::Done`].
    Mood {
        /// The new mood.
        mood: Mood,
    },
    /// Opens the web address of a source in the person's browser, or starts the program that the
    /// configuration names for it. The answer is [`PanelResponse::Done`].
    Open {
        /// The path of the source.
        path: String,
    },
    /// Opens the configuration file in the person's editor. The answer is [`PanelResponse::Done`].
    OpenConfig,
    /// The page has drawn something, so that the window can be shown. The answer is
    /// [`PanelResponse::Done`].
    Ready,
    /// Makes the text larger or smaller. The answer is [`PanelResponse::Done`].
    Zoom {
        /// In which direction.
        step: ZoomStep,
    },
    /// Keeps the panel on the screen when it loses the focus, or no longer. The answer is
    /// [`PanelResponse::Done`].
    Pin {
        /// True to keep it.
        pinned: bool,
    },
    /// Starts Up when the person logs in, or no longer. The answer is [`PanelResponse::Done`].
    StartAtLogin {
        /// True to start it.
        on: bool,
    },
    /// Hides the panel. The answer is [`PanelResponse::Done`].
    Hide,
}

/// What an exported file contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A table of the samples.
    Csv,
    /// The figures, incidents, notes and samples.
    Json,
}

/// A step in the size of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ZoomStep {
    /// Larger.
    In,
    /// Smaller.
    Out,
    /// As large as at first.
    Reset,
}
