//! Answers the panel's requests for long times: the year of one path, and all paths at once. The
//! figures are those of the stores.

use jiff::tz::TimeZone;

use up_core::Status;
use up_engine::{WINDOWS, ask_long_view, ask_overview, ask_uptimes};
use up_history::{HistoryPart, HistorySummary, PathOverview};
use up_wire::{
    DayOfYear, LongView, Overview, OverviewPath, PanelResponse, PartOfTime, PathUptimes,
    UptimeWindow,
};

use crate::asking::{check_span, routes, within_timeout};
use crate::path::check_path;
use crate::state::AppState;
use crate::watched::WatchRate;

const DAY: f64 = 86_400.0;
const HOURS_OF_WEEK: usize = 168;
/// The most paths and windows of one request for uptimes, and the longest window.
const MAX_PATHS: usize = 100;
const MAX_WINDOWS: usize = 4;
const MAX_DAYS: u32 = 3_650;
const MONTHS: usize = 12;

/// How one path was over long times, by UTC or by the clocks of the machine.
pub(crate) async fn long_view(
    up: &AppState,
    path: String,
    utc: bool,
) -> Result<PanelResponse, String> {
    check_path(&path)?;
    let (stores, rate) = up.view.read(|known| {
        let rate = WatchRate::of(known, &path);
        (routes(known).stores(&path), rate)
    });
    let to = up_engine::clock::now();
    let zone = if utc {
        TimeZone::UTC
    } else {
        TimeZone::system()
    };
    let lengths = WINDOWS.map(|(_, seconds)| seconds);
    let load = ask_long_view(&stores, path, to, &lengths, &zone);
    let found = within_timeout(load).await?;
    let windows = lengths.iter().zip(&found.windows);
    Ok(PanelResponse::LongView(Box::new(LongView {
        to,
        windows: windows
            .map(|(seconds, summary)| window(*seconds, summary, rate))
            .collect(),
        days: found.days.iter().map(day).collect(),
        hours: parts_of_time(&found.hours, HOURS_OF_WEEK),
        months: parts_of_time(&found.months, MONTHS),
        store: found.store,
        fallback: found.fallback,
    })))
}

/// The uptimes of some paths over windows of whole days that end now.
pub(crate) async fn uptimes(
    up: &AppState,
    paths: Vec<String>,
    days: &[u32],
) -> Result<PanelResponse, String> {
    check_uptimes(&paths, days)?;
    let (routes, rates) = up.view.read(|known| {
        let rates = paths.iter().map(|path| WatchRate::of(known, path));
        (routes(known), rates.collect::<Vec<_>>())
    });
    let to = up_engine::clock::now();
    // The longest one comes first, which decides on the store.
    let mut order: Vec<usize> = (0..days.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(days[*at]));
    let windows: Vec<f64> = order.iter().map(|at| f64::from(days[*at]) * DAY).collect();
    let found = within_timeout(ask_uptimes(&routes, paths.clone(), to, &windows)).await?;
    let in_order = |found: Vec<HistorySummary>, rate: WatchRate| {
        let figures = order.iter().zip(&windows).zip(&found);
        let mut numbered: Vec<_> = figures
            .map(|((at, seconds), found)| (*at, window(*seconds, found, rate)))
            .collect();
        numbered.sort_by_key(|(at, _)| *at);
        numbered.into_iter().map(|(_, window)| window).collect()
    };
    let answers = paths.into_iter().zip(found).zip(rates);
    let answers = answers.map(|((path, found), rate)| PathUptimes {
        path,
        windows: in_order(found, rate),
    });
    Ok(PanelResponse::Uptimes(answers.collect()))
}

/// An error unless the request for uptimes is within its bounds.
fn check_uptimes(paths: &[String], days: &[u32]) -> Result<(), String> {
    if paths.len() > MAX_PATHS || days.len() > MAX_WINDOWS {
        return Err("That is too much for one request.".into());
    }
    if days.iter().any(|days| !(1..=MAX_DAYS).contains(days)) {
        return Err(format!("A window is 1 to {MAX_DAYS} days long."));
    }
    paths.iter().try_for_each(|path| check_path(path))
}

/// What a span comes to for every path.
pub(crate) async fn overview(up: &AppState, from: f64, to: f64) -> Result<PanelResponse, String> {
    let (from, to) = check_span(from, to)?;
    let routes = up.view.read(routes);
    let found = within_timeout(ask_overview(&routes, from, to)).await?;
    let paths = up.view.read(|known| {
        let paths = found.paths.into_iter();
        let paths = paths.map(|path| {
            let rate = WatchRate::of(known, &path.path);
            overview_path(path, rate, to - from)
        });
        paths.collect()
    });
    Ok(PanelResponse::Overview(Overview {
        paths,
        store: found.store,
        fallback: found.fallback,
    }))
}

/// What a window of so many seconds comes to.
fn window(seconds: f64, summary: &HistorySummary, rate: WatchRate) -> UptimeWindow {
    UptimeWindow {
        seconds,
        uptime: summary.uptime,
        known: summary.known,
        watched: rate.watched(summary.known, seconds),
    }
}

fn day(part: &HistoryPart) -> DayOfYear {
    DayOfYear {
        from: part.from,
        uptime: part.summary.uptime,
        known: part.summary.known,
    }
}

/// So many parts by their numbers. A part whose number is none of them is left out.
fn parts_of_time(parts: &[HistoryPart], count: usize) -> Vec<PartOfTime> {
    let mut all = vec![PartOfTime::default(); count];
    for part in parts {
        let number = usize::try_from(part.number).ok();
        if let Some(one) = number.and_then(|number| all.get_mut(number)) {
            one.uptime = part.summary.uptime;
            one.duration = part.summary.mean_duration;
        }
    }
    all
}

fn overview_path(found: PathOverview, rate: WatchRate, span: f64) -> OverviewPath {
    let level = found.status.and_then(Status::new);
    OverviewPath {
        path: found.path,
        uptime: found.uptime,
        watched: rate.watched(found.known, span),
        deviation: found.deviation,
        count: found.count as f64,
        level: level.map(|status| status.level().number()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use up_core::Level;

    #[test]
    fn an_hour_of_the_week_stands_in_its_place() {
        let part = |number, uptime| HistoryPart {
            number,
            from: 0.0,
            to: 3_600.0,
            summary: HistorySummary {
                uptime,
                ..HistorySummary::default()
            },
            durations: Vec::new(),
        };
        let parts = [
            part(0, Some(0.5)),
            part(167, Some(1.0)),
            part(168, Some(0.1)),
            part(-1, Some(0.2)),
            part(5, None),
        ];
        let hours = parts_of_time(&parts, HOURS_OF_WEEK);
        assert_eq!(hours.len(), HOURS_OF_WEEK);
        assert_eq!((hours[0].uptime, hours[167].uptime), (Some(0.5), Some(1.0)));
        let known = hours.iter().filter_map(|hour| hour.uptime);
        assert_eq!(known.count(), 2, "the others are none");
    }

    #[test]
    fn a_request_for_uptimes_is_bounded() {
        let check = |paths: usize, path: &str, days: &[u32], good: bool| {
            let paths = vec![path.to_owned(); paths];
            assert_eq!(check_uptimes(&paths, days).is_ok(), good, "{days:?}");
        };
        check(100, "/R/a", &[1, 7, 30, 90], true);
        check(101, "/R/a", &[1], false);
        check(1, "R", &[1], false);
        check(1, "/R/a", &[1, 2, 3, 4, 5], false);
        check(1, "/R/a", &[0], false);
        check(1, "/R/a", &[u32::MAX], false);
    }

    #[test]
    fn a_bubble_has_its_own_figures_and_the_level_of_the_newest_sample() {
        let check = |status, expected: Option<Level>| {
            let found = PathOverview {
                path: "/R/a".into(),
                count: 3,
                unknown: 1,
                uptime: Some(0.75),
                known: 60.0,
                deviation: Some(0.25),
                last: 10.0,
                status,
            };
            let bubble = OverviewPath {
                path: "/R/a".into(),
                uptime: Some(0.75),
                watched: 120.0,
                deviation: Some(0.25),
                count: 3.0,
                level: expected.map(Level::number),
            };
            let rate = WatchRate::every(Some(600.0));
            assert_eq!(overview_path(found, rate, 3_600.0), bubble);
        };
        check(Some(1.0), Some(Level::Up));
        check(Some(0.3), Some(Level::MostlyDown));
        check(None, None);
    }
}
