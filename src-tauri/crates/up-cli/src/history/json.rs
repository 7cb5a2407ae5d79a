//! A history as one JSON object.

use std::io::Write;

use serde::Serialize;
use up_core::Note;
use up_history::{HistorySummary, KeptCause, KeptIncident, Point};

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

#[derive(Serialize)]
struct SampleJson<'a> {
    date: f64,
    status: Option<f64>,
    duration: f64,
    cause: Option<HistoryCauseJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct IncidentJson<'a> {
    from: f64,
    until: Option<f64>,
    level: u8,
    cause: Option<HistoryCauseJson<'a>>,
}

#[derive(Serialize)]
struct HistoryCauseJson<'a> {
    code: Option<&'static str>,
    text: &'a str,
}

fn cause(cause: &KeptCause) -> HistoryCauseJson<'_> {
    HistoryCauseJson {
        code: cause.code.map(up_core::CauseCode::code),
        text: cause.text(),
    }
}

fn sample(point: &Point) -> SampleJson<'_> {
    SampleJson {
        date: point.date,
        status: point.status,
        duration: point.duration,
        cause: point.cause.as_ref().map(cause),
    }
}

pub(super) fn incident(incident: &KeptIncident) -> IncidentJson<'_> {
    IncidentJson {
        from: incident.from,
        until: incident.until,
        level: incident.level.number(),
        cause: incident.cause.as_ref().map(cause),
    }
}

#[derive(Serialize)]
struct PathSampleJson<'a> {
    path: &'a str,
    #[serde(flatten)]
    sample: SampleJson<'a>,
}

/// One object for each sample, each on one line.
pub(super) fn sample_lines(
    out: &mut impl Write,
    path: &str,
    points: &[Point],
) -> std::io::Result<()> {
    for point in points {
        let sample = sample(point);
        serde_json::to_writer(&mut *out, &PathSampleJson { path, sample })?;
        out.write_all(b"\n")?;
    }
    Ok(())
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
        incidents: series.incidents.iter().rev().map(incident).collect(),
        thinned: series.thinned,
        samples: series.points.iter().map(sample).collect(),
        notes: &history.notes,
    };
    serde_json::to_string(&document)
        .map(|text| text + "\n")
        .map_err(CommandFailure::json)
}
