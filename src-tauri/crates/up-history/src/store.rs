//! The interface of a store that answers queries about the history, and the shapes of its answers.

use futures_util::future::BoxFuture;
use up_core::line::one_line;
use up_core::{Cause, CauseCode, Note, Timestamp};

/// What a history is asked for: one path over a span of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The path, `/Root/Child`.
    pub path: String,
    /// From this time on, Unix seconds.
    pub from: Timestamp,
    /// Up to, but without, this time.
    pub to: Timestamp,
    /// No more points than this; beyond it neighbours are thinned out (see [`Series::thinned`]).
    pub most: usize,
}

/// One point of a series: a sample as history kept it.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When the check began.
    pub date: Timestamp,
    /// 0..1, or `None` for unknown.
    pub status: Option<f64>,
    /// Seconds.
    pub duration: f64,
    /// Why it was not up, where that was kept.
    pub cause: Option<KeptCause>,
}

/// A cause as history kept it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptCause {
    /// The code; `None` when a newer Up wrote one that this one does not know.
    pub code: Option<CauseCode>,
    text: String,
}

impl KeptCause {
    /// A cause, whoever wrote it: its sentence is made one line and bounded.
    pub fn new(code: Option<CauseCode>, text: impl AsRef<str>) -> Self {
        Self {
            code,
            text: one_line(text.as_ref(), Cause::MAX_TEXT),
        }
    }

    /// The sentence.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A path's samples over a span, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The points.
    pub points: Vec<Point>,
    /// How many samples with a status there were, thinned ones included.
    pub count: u64,
    /// The mean of their statuses, thinned ones included: the uptime.
    pub uptime: Option<f64>,
    /// True when there were more samples than `most`: of each of `most / 4` equal spans the first,
    /// the last, the lowest status and the longest duration are kept, so no outage is lost.
    pub thinned: bool,
}

/// Where history can be asked.
pub trait Store: Send + Sync {
    /// Which store this is, for a person: `the embedded history`, `MongoDB db.example.org/up`. No secrets.
    fn name(&self) -> &str;
    /// The samples of one path.
    fn series(&self, query: Query) -> BoxFuture<'_, Result<Series, StoreError>>;
    /// The notes of a span, oldest first, the newest 1,000 at the most.
    fn notes(&self, from: Timestamp, to: Timestamp)
    -> BoxFuture<'_, Result<Vec<Note>, StoreError>>;
    /// Every path that has samples, sorted, 100,000 at the most.
    fn paths(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>>;
}

/// What can go wrong with a store.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{name}: {message}")]
pub struct StoreError {
    /// The store's name.
    pub name: String,
    /// What kind of trouble.
    pub code: StoreErrorCode,
    /// What happened and what to do; no secrets.
    pub message: String,
}

/// The kinds of trouble, closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorCode {
    /// It does not answer (yet).
    Unavailable,
    /// The disk or the server refused: full, read-only, not permitted.
    Refused,
    /// What is there is not a history of ours.
    Format,
    /// The store was closed.
    Closed,
}
