//! Answers the panel's requests. A page may send anything, so that every request is checked and
//! bounded here, and nothing panics.

use std::time::Duration;

use tauri::AppHandle;
use up_engine::Command;
use up_history::Query;
use up_wire::{HistoryView, Note, PanelRequest, PanelResponse};

use crate::path::{check_path, no_such};
use crate::push::pushed;
use crate::state::{AppState, up};
use crate::{edit, panel, preferences, rows, steer};

/// The longest note, in bytes.
const MAX_NOTE: usize = 10_000;
/// The longest span of history, in seconds: a little more than ten years.
const MAX_SPAN: f64 = 3_700.0 * 86_400.0;
/// The most points of a history. A day of samples every 15 s fits in, so that its median is exact.
const MAX_POINTS: usize = 6_000;
/// The number of spans into which a history is cut before it is downsampled to that many points.
const THINNED_SPANS: f64 = MAX_POINTS as f64 / 4.0;
/// How long a history may take to load before the request fails.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(20);
/// The shortest gap in a history, in seconds. A gap is a time of three intervals without samples,
/// or of this length if that is longer.
const MIN_GAP: f64 = 90.0;

/// The only command of the application.
#[tauri::command]
pub(crate) async fn request(request: PanelRequest, app: AppHandle) -> PanelResponse {
    let up = up(&app);
    let done = match request {
        PanelRequest::Tree => return tree(&app, up),
        PanelRequest::Source { path } => {
            return source(up, &path).unwrap_or_else(PanelResponse::Failed);
        }
        PanelRequest::History { path, from, to } => {
            return history(up, path, from, to)
                .await
                .unwrap_or_else(PanelResponse::Failed);
        }
        PanelRequest::CheckNow { path } => check_now(up, path),
        PanelRequest::Note { message } => {
            check_note(&message).and_then(|message| up.command(Command::Note(message)))
        }
        PanelRequest::Control { control } => steer::from_panel(up, control),
        PanelRequest::Mood { mood } => preferences::choose(up, rows::mood_of_wire(mood)),
        PanelRequest::OpenConfig => edit::open(&up.config).await,
        PanelRequest::Hide => {
            panel::hide(&app);
            Ok(())
        }
    };
    done.map_or_else(PanelResponse::Failed, |()| PanelResponse::Done)
}

fn tree(app: &AppHandle, up: &AppState) -> PanelResponse {
    let (tree, revision) = up.view.read(|known| {
        let tree = rows::tree(known, rows::header_now(up, known));
        (tree, known.world.revision())
    });
    pushed(app).tree(&tree, revision);
    panel::panel(app).on_page_ready(app);
    PanelResponse::Tree(tree)
}

fn source(up: &AppState, path: &str) -> Result<PanelResponse, String> {
    check_path(path)?;
    up.view
        .read(|known| rows::source(known, path))
        .map(|source| PanelResponse::Source(Box::new(source)))
        .ok_or_else(|| no_such(path))
}

async fn history(up: &AppState, path: String, from: f64, to: f64) -> Result<PanelResponse, String> {
    check_path(&path)?;
    let (from, to) = check_span(from, to)?;
    let (stores, interval) = up.view.read(|known| {
        let node = known.world.outline().find(&path);
        (
            known.stores.clone(),
            node.and_then(|id| rows::interval(known, id)),
        )
    });
    let query = Query {
        path,
        from,
        to,
        most: MAX_POINTS,
    };
    let load = up_engine::ask_history(&stores, &query);
    let history = tokio::time::timeout(HISTORY_TIMEOUT, load)
        .await
        .map_err(|_| {
            format!(
                "No history answered within {} s.",
                HISTORY_TIMEOUT.as_secs()
            )
        })?
        .map_err(|error| error.to_string())?;
    let note = |note: up_core::Note| Note {
        date: note.date,
        message: note.into_message(),
    };
    let points = &history.series.points;
    Ok(PanelResponse::History(HistoryView {
        path: query.path,
        store: history.store,
        fallback: history.fallback,
        from,
        to,
        dates: points.iter().map(|point| point.date).collect(),
        statuses: points.iter().map(|point| point.status).collect(),
        durations: points.iter().map(|point| point.duration).collect(),
        uptime: history.series.uptime,
        count: history.series.count as f64,
        thinned: history.series.thinned,
        gap: gap(
            interval,
            history.series.thinned.then(|| (to - from) / THINNED_SPANS),
        ),
        notes: history.notes.into_iter().map(note).collect(),
    }))
}

fn check_now(up: &AppState, path: Option<String>) -> Result<(), String> {
    if let Some(path) = &path {
        check_path(path)?;
        let known = up
            .view
            .read(|known| known.world.outline().find(path).is_some());
        if !known {
            return Err(no_such(path));
        }
    }
    up.command(Command::CheckNow(path))
}

fn check_note(message: &str) -> Result<String, String> {
    let message = message.trim();
    if message.is_empty() {
        Err("The note is empty.".into())
    } else if message.len() > MAX_NOTE {
        Err(format!("The note is longer than {MAX_NOTE} bytes."))
    } else {
        Ok(message.to_owned())
    }
}

fn check_span(from: f64, to: f64) -> Result<(f64, f64), String> {
    // The last date that is understood everywhere is in the year 9999.
    let is_valid = |date: f64| (0.0..253_402_300_800.0).contains(&date);
    if !(is_valid(from) && is_valid(to) && from < to) {
        return Err(
            "The time range is invalid: it must start before it ends, in the years 1970 to 9999."
                .into(),
        );
    }
    if to - from > MAX_SPAN {
        return Err("The time range is longer than ten years.".into());
    }
    Ok((from, to))
}

/// The length, in seconds, from which a time without samples is a gap. Downsampling keeps at most
/// four samples of each `span`, so that they may be that far apart.
fn gap(interval: Option<f64>, span: Option<f64>) -> f64 {
    let interval = interval.unwrap_or_default();
    let thinned = span.map_or(0.0, |span| span + interval);
    (3.0 * interval).max(MIN_GAP).max(thinned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_must_be_one() {
        let check = |from: f64, to: f64, good: bool| {
            assert_eq!(check_span(from, to).is_ok(), good, "{from} to {to}");
        };
        check(1_700_000_000.0, 1_700_086_400.0, true);
        check(0.0, 1.0, true);
        check(2.0, 1.0, false);
        check(1.0, 1.0, false);
        check(-1.0, 1.0, false);
        check(f64::NAN, 1.0, false);
        check(1.0, f64::INFINITY, false);
        check(0.0, 253_402_300_799.0, false);
    }

    #[test]
    fn a_note_is_some_words() {
        assert_eq!(
            check_note("  moved\nrouter ").as_deref(),
            Ok("moved\nrouter")
        );
        assert!(check_note(" \n").is_err());
        assert!(check_note(&"x".repeat(MAX_NOTE + 1)).is_err());
    }

    #[test]
    fn a_path_begins_with_a_slash_and_ends_somewhere() {
        assert!(check_path("/Root/a").is_ok());
        assert!(check_path("Root").is_err());
        assert!(check_path("").is_err());
        assert!(check_path(&"/a".repeat(crate::path::MAX_PATH)).is_err());
    }

    #[test]
    fn a_gap_is_three_intervals_but_no_blink() {
        let check = |interval, span, expected: f64| {
            assert!((gap(interval, span) - expected).abs() < 1e-9);
        };
        check(Some(60.0), None, 180.0);
        check(Some(1.0), None, 90.0);
        check(None, None, 90.0);
        check(Some(30.0), Some(500.0), 530.0);
        check(Some(30.0), Some(20.0), 90.0);
    }
}
