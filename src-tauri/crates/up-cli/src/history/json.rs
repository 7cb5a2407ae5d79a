//! A history as one JSON object.

use serde::Serialize;
use up_core::Note;
use up_engine::{IncidentJson, SampleJson};
use up_history::HistorySummary;

use super::windows::{self, WindowJson};
use crate::failure::CommandFailure;

#[derive(Serialize)]
struct HistoryJson<'a> {
    schema: u8,
    path: &'a str,
    from: f64,
    to: f64,
    store: &'a str,
    count: u64,
    unknown: u64,
    uptime: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    windows: Vec<WindowJson>,
    /// Newest first.
    incidents: Vec<IncidentJson<'a>>,
    thinned: bool,
    samples: Vec<SampleJson<'a>>,
    notes: &'a [Note],
}

/// One object, on one line.
pub(super) fn json(
    path: &str,
    history: &up_engine::History,
    windows: &[HistorySummary],
    (from, to): (f64, f64),
) -> Result<String, CommandFailure> {
    let series = &history.series;
    let document = HistoryJson {
        schema: 1,
        path,
        from,
        to,
        store: &history.store,
        count: series.count,
        unknown: series.unknown,
        uptime: series.uptime,
        p50: series.durations.p50,
        p95: series.durations.p95,
        p99: series.durations.p99,
        windows: windows::json(windows),
        incidents: series
            .incidents
            .iter()
            .rev()
            .map(IncidentJson::of)
            .collect(),
        thinned: series.thinned,
        samples: series.points.iter().map(SampleJson::of).collect(),
        notes: &history.notes,
    };
    serde_json::to_string(&document)
        .map(|text| text + "\n")
        .map_err(CommandFailure::json)
}
