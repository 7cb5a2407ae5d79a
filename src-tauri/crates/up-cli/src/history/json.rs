//! A history as one JSON object.

use serde::Serialize;
use up_engine::{HistoryFiguresJson, SampleJson};
use up_history::HistorySummary;

use super::windows::{self, WindowJson};
use crate::failure::CommandFailure;

#[derive(Serialize)]
struct HistoryJson<'a> {
    #[serde(flatten)]
    figures: HistoryFiguresJson<'a>,
    windows: Vec<WindowJson>,
    thinned: bool,
    samples: Vec<SampleJson<'a>>,
}

/// One object, on one line.
pub(super) fn json(
    path: &str,
    history: &up_engine::History,
    windows: &[HistorySummary],
    span: (f64, f64),
) -> Result<String, CommandFailure> {
    let series = &history.series;
    let document = HistoryJson {
        figures: HistoryFiguresJson::of(path, history, span),
        windows: windows::json(windows),
        thinned: series.thinned,
        samples: series.points.iter().map(SampleJson::of).collect(),
    };
    serde_json::to_string(&document)
        .map(|text| text + "\n")
        .map_err(CommandFailure::json)
}
