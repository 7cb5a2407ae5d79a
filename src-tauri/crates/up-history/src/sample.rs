//! What is asked of a history, and a sample as it is answered.

use up_core::line::one_line;
use up_core::{Cause, CauseCode, Timestamp};

/// What a history is asked for: one path over a span of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The path, `/Root/Child`.
    pub path: String,
    /// From this time on, Unix seconds.
    pub from: Timestamp,
    /// Up to, but without, this time.
    pub to: Timestamp,
    /// No more points than this; beyond it neighbours are thinned out (see [`Series::thinned`](crate::Series::thinned)).
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
