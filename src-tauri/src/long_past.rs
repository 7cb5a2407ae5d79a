//! Answers the panel's requests for long times: the year of one path, and all paths at once. The
//! figures are those of the stores.

use jiff::tz::TimeZone;

use up_core::Status;
use up_engine::{ask_long_view, ask_overview};
use up_history::{HistoryPart, HistorySummary, PathOverview};
use up_wire::{DayOfYear, LongView, Overview, OverviewPath, PanelResponse, UptimeWindow};

use crate::past::{check_span, within_timeout};
use crate::path::check_path;
use crate::state::AppState;

const DAY: f64 = 86_400.0;
/// The windows in seconds, the longest first.
const WINDOWS: [f64; 5] = [365.0 * DAY, 90.0 * DAY, 30.0 * DAY, 7.0 * DAY, DAY];
const HOURS_OF_WEEK: usize = 168;

/// How one path was over long times, in the time zone of the machine.
pub(crate) async fn long_view(up: &AppState, path: String) -> Result<PanelResponse, String> {
    check_path(&path)?;
    let stores = up.view.read(|known| known.stores.clone());
    let to = up_engine::clock::now();
    let zone = TimeZone::system();
    let load = ask_long_view(&stores, path, to, &WINDOWS, &zone);
    let found = within_timeout(load).await?;
    let windows = WINDOWS.iter().zip(&found.windows);
    let statuses = found.windows.first().map(statuses).unwrap_or_default();
    Ok(PanelResponse::LongView(Box::new(LongView {
        to,
        windows: windows
            .map(|(seconds, summary)| UptimeWindow {
                seconds: *seconds,
                uptime: summary.uptime,
                known: summary.known,
            })
            .collect(),
        days: found.days.iter().map(day).collect(),
        hours: hours(&found.hours),
        statuses,
        store: found.store,
        fallback: found.fallback,
    })))
}

/// What a span comes to for every path.
pub(crate) async fn overview(up: &AppState, from: f64, to: f64) -> Result<PanelResponse, String> {
    let (from, to) = check_span(from, to)?;
    let stores = up.view.read(|known| known.stores.clone());
    let found = within_timeout(ask_overview(&stores, from, to)).await?;
    Ok(PanelResponse::Overview(Overview {
        paths: found.paths.into_iter().map(overview_path).collect(),
        store: found.store,
        fallback: found.fallback,
    }))
}

fn statuses(summary: &HistorySummary) -> Vec<f64> {
    summary.statuses.iter().map(|count| *count as f64).collect()
}

fn day(part: &HistoryPart) -> DayOfYear {
    DayOfYear {
        from: part.from,
        uptime: part.summary.uptime,
        known: part.summary.known,
    }
}

/// The uptime in each hour of the week. A part whose number is none of them is left out.
fn hours(parts: &[HistoryPart]) -> Vec<Option<f64>> {
    let mut hours = vec![None; HOURS_OF_WEEK];
    for part in parts {
        let hour = usize::try_from(part.number).ok();
        if let Some(hour) = hour.and_then(|hour| hours.get_mut(hour)) {
            *hour = part.summary.uptime;
        }
    }
    hours
}

fn overview_path(found: PathOverview) -> OverviewPath {
    let level = found.status.and_then(Status::new);
    OverviewPath {
        path: found.path,
        mean: found.mean,
        deviation: found.deviation,
        count: found.count as f64,
        level: level.map(|status| status.level().number()),
    }
}
