//! A history as one JSON object, and samples as an object a line.

use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;
use up_core::Note;
use up_history::{KeptCause, KeptIncident, Point, Query, Store};

use super::History;
use super::export::{ExportError, export_history};

/// What a history comes to, without its samples.
#[derive(Serialize)]
pub struct HistoryFiguresJson<'a> {
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
    /// Newest first.
    incidents: Vec<IncidentJson<'a>>,
    notes: &'a [Note],
}

/// The samples are the last, so that they can be written one by one.
#[derive(Serialize)]
struct ExportedHistory<'a> {
    #[serde(flatten)]
    figures: HistoryFiguresJson<'a>,
    samples: [(); 0],
}

/// A sample as JSON has it.
#[derive(Serialize)]
pub struct SampleJson<'a> {
    date: f64,
    status: Option<f64>,
    duration: f64,
    cause: Option<HistoryCauseJson<'a>>,
}

/// An incident as JSON has it.
#[derive(Serialize)]
pub struct IncidentJson<'a> {
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

impl<'a> SampleJson<'a> {
    /// A sample.
    pub fn of(point: &'a Point) -> Self {
        Self {
            date: point.date,
            status: point.status,
            duration: point.duration,
            cause: point.cause.as_ref().map(cause),
        }
    }
}

impl<'a> IncidentJson<'a> {
    /// An incident.
    pub fn of(incident: &'a KeptIncident) -> Self {
        Self {
            from: incident.from,
            until: incident.until,
            level: incident.level.number(),
            cause: incident.cause.as_ref().map(cause),
        }
    }
}

#[derive(Serialize)]
struct PathSampleJson<'a> {
    path: &'a str,
    #[serde(flatten)]
    sample: SampleJson<'a>,
}

/// One object for each sample, each on one line.
pub fn sample_lines(out: &mut impl Write, path: &str, points: &[Point]) -> io::Result<()> {
    for point in points {
        let sample = SampleJson::of(point);
        serde_json::to_writer(&mut *out, &PathSampleJson { path, sample })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

impl<'a> HistoryFiguresJson<'a> {
    /// The figures of a path over a span.
    pub fn of(path: &'a str, history: &'a History, (from, to): (f64, f64)) -> Self {
        let series = &history.series;
        Self {
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
            incidents: series
                .incidents
                .iter()
                .rev()
                .map(IncidentJson::of)
                .collect(),
            notes: &history.notes,
        }
    }
}

/// Writes the same object with every sample of the span.
pub(super) async fn write_json(
    stores: &[Arc<dyn Store>],
    query: &Query,
    history: &History,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let empty = ExportedHistory {
        figures: HistoryFiguresJson::of(&query.path, history, (query.from, query.to)),
        samples: [],
    };
    let text = serde_json::to_string(&empty).map_err(io::Error::from)?;
    let (head, end) = text.split_at(text.len() - "]}".len());
    out.write_all(head.as_bytes())?;
    let mut is_first = true;
    export_history(stores, query, |points| {
        for point in points {
            let between: &[u8] = if is_first { b"\n" } else { b",\n" };
            is_first = false;
            out.write_all(between)?;
            serde_json::to_writer(&mut *out, &SampleJson::of(point))?;
        }
        Ok(())
    })
    .await?;
    writeln!(out, "{end}")?;
    Ok(())
}
