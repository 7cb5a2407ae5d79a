//! Answers the panel's requests for the past of one path.
//! Every request is checked and bounded here. The figures are those of the stores.

use up_core::Level;
use up_engine::{ask_history_in_parts, work_under_way};
use up_history::{BackgroundTask, HistoryPart, KeptCause, KeptIncident, Point, Query};
use up_wire::{
    Cause, HistoryView, IncidentCounts, Note, PanelResponse, PastIncident, WorkTask, WorkUnderWay,
};

use crate::asking::{check_span, routes, within_timeout};
use crate::marks::{CauseTable, marks};
use crate::notes;
use crate::outcomes;
use crate::path::check_path;
use crate::rows;
use crate::spread;
use crate::state::AppState;
use crate::watched::WatchRate;

/// The most points of a history. A day of samples every 15 s fits in.
const MAX_POINTS: usize = 6_000;
/// The number of spans into which a history is cut before it is downsampled to that many points.
const THINNED_SPANS: f64 = MAX_POINTS as f64 / 4.0;
/// The most parts that a span is cut into, about two pixels each.
const MAX_PARTS: usize = 400;
/// The most incidents that one answer lists, but for those that last. The charts have all.
pub(crate) const MAX_INCIDENTS: usize = 500;
/// The shortest gap in a history, in seconds: a sample stands for so long in uptime, and the charts
/// say the same. A gap is longer than this, than three intervals, and than three times the usual
/// distance of the samples, since the interval may have been another one when they were taken.
const MIN_GAP: f64 = 300.0;

/// The history of one path over a span.
pub(crate) async fn history(
    up: &AppState,
    path: String,
    from: f64,
    to: f64,
) -> Result<PanelResponse, String> {
    check_path(&path)?;
    let (from, to) = check_span(from, to)?;
    let (stores, is_foreign, interval, rate) = up.view.read(|known| {
        let (node, routes) = (known.world.outline().find(&path), routes(known));
        (
            routes.stores(&path),
            routes.is_foreign(&path),
            node.and_then(|id| rows::interval(known, id)),
            WatchRate::of(known, &path),
        )
    });
    let query = Query {
        path,
        from,
        to,
        most: MAX_POINTS,
    };
    let load = ask_history_in_parts(&stores, &query, MAX_PARTS);
    let (history, parts) = within_timeout(load).await?;
    let thinned = history.series.thinned;
    let dates = history.series.points.iter().map(|point| point.date);
    let usual = usual_distance(dates);
    let gap = gap(
        interval,
        usual,
        thinned.then(|| (to - from) / THINNED_SPANS),
    );
    let path = query.path.clone();
    let newest = history.series.incidents.iter().rev().take(MAX_INCIDENTS);
    let kept: Vec<KeptIncident> = newest.cloned().collect();
    let kept: Vec<_> = kept.iter().map(|kept| (path.as_str(), kept)).collect();
    let now = up_engine::clock::now();
    let mut view = view(query, history, &parts, rate, (gap, now));
    if is_foreign {
        view.foreign_notes = std::mem::take(&mut view.notes);
        view.notes = notes::own(up, &path, (from, to)).await?;
        show_once(&mut view);
    }
    let trouble = outcomes::attach(up, &kept, &mut view.incidents).await;
    view.fallback = view.fallback.or(trouble);
    Ok(PanelResponse::History(Box::new(view)))
}

/// Leaves out the notes of the fleet that are own ones: it may be in the MongoDB that this Up writes to.
fn show_once(view: &mut HistoryView) {
    let is_own = |note: &Note| view.notes.contains(note);
    view.foreign_notes.retain(|note| !is_own(note));
}

/// The work on the stores that have the history of a path. A store that does not answer has none.
pub(crate) async fn work(up: &AppState, path: &str) -> Result<PanelResponse, String> {
    check_path(path)?;
    let stores = up.view.read(|known| routes(known).stores(path));
    let found = within_timeout(async { Ok(work_under_way(&stores).await) }).await?;
    let work = found.into_iter().map(|(store, work)| WorkUnderWay {
        task: match work.task {
            BackgroundTask::RollUp => WorkTask::Summaries,
            BackgroundTask::Backfill => WorkTask::Copy,
        },
        store,
        share: work.done as f64 / work.all.max(1) as f64,
    });
    Ok(PanelResponse::HistoryWork(work.collect()))
}

pub(crate) fn view(
    query: Query,
    history: up_engine::History,
    parts: &[HistoryPart],
    rate: WatchRate,
    (gap, now): (f64, f64),
) -> HistoryView {
    let series = history.series;
    let mut causes = CauseTable::default();
    let cause_of = column(&series.points, &mut causes);
    let span = (query.from, query.to);
    let marks = marks(&series.incidents, span, &mut causes);
    let newest = series.incidents.iter().rev().take(MAX_INCIDENTS);
    let known = parts.iter().map(|part| part.summary.known).sum();
    HistoryView {
        store: history.store,
        fallback: history.fallback,
        from: query.from,
        to: query.to,
        dates: series.points.iter().map(|point| point.date).collect(),
        statuses: series.points.iter().map(|point| point.status).collect(),
        durations: series.points.iter().map(|point| point.duration).collect(),
        cause_of,
        causes: causes.texts,
        uptime: series.uptime,
        watched: rate.watched(known, query.to - query.from),
        count: series.count as f64,
        unknown: series.unknown as f64,
        p50: series.durations.p50,
        p95: series.durations.p95,
        p99: series.durations.p99,
        incidents: newest.map(|kept| incident(&query.path, kept)).collect(),
        marks,
        // An outage that lasts has lasted until now, even if the span ends later.
        counts: counts(&series.incidents, query.to.min(now)),
        parts: parts.iter().map(spread::span_part).collect(),
        status_counts: spread::status_counts(parts),
        duration_counts: spread::duration_counts(parts),
        thinned: series.thinned,
        gap,
        notes: history.notes.into_iter().map(notes::to_wire).collect(),
        foreign_notes: Vec::new(),
        path: query.path,
    }
}

/// For each point the number of its cause.
fn column<'a>(points: &'a [Point], causes: &mut CauseTable<'a>) -> Vec<Option<u32>> {
    let number = |point: &'a Point| Some(causes.number(point.cause.as_ref()?.text()));
    points.iter().map(number).collect()
}

fn counts(incidents: &[KeptIncident], to: f64) -> IncidentCounts {
    let (down, degraded): (Vec<_>, Vec<_>) = incidents
        .iter()
        .partition(|incident| incident.level < Level::Half);
    let length = |incident: &&KeptIncident| incident.until.unwrap_or(to) - incident.from;
    IncidentCounts {
        down: down.len() as f64,
        degraded: degraded.len() as f64,
        longest: down.iter().map(length).fold(0.0, f64::max),
    }
}

pub(crate) fn incident(path: &str, kept: &KeptIncident) -> PastIncident {
    PastIncident {
        path: path.to_owned(),
        from: kept.from,
        until: kept.until,
        level: kept.level.number(),
        cause: kept.cause.as_ref().map(cause),
        acknowledged: None,
        told: None,
        recovery: None,
    }
}

fn cause(kept: &KeptCause) -> Cause {
    Cause {
        code: kept.code.map(|code| code.code().into()).unwrap_or_default(),
        text: kept.text().to_owned(),
    }
}

/// The length, in seconds, from which a time without samples is a gap. Downsampling keeps at most
/// four samples of each `span`, so that they may be that far apart.
fn gap(interval: Option<f64>, usual: f64, span: Option<f64>) -> f64 {
    let usual = usual.max(interval.unwrap_or_default());
    let thinned = span.map_or(0.0, |span| span + usual);
    (3.0 * usual).max(MIN_GAP).max(thinned)
}

/// The usual distance of samples in seconds: the median. 0 if there are fewer than two.
fn usual_distance(dates: impl Iterator<Item = f64> + Clone) -> f64 {
    let next = dates.clone().skip(1);
    let apart = dates.zip(next).map(|(date, next)| next - date);
    let mut apart: Vec<f64> = apart.filter(|apart| *apart > 0.0).collect();
    let middle = apart.len() / 2;
    if middle >= apart.len() {
        return 0.0;
    }
    *apart.select_nth_unstable_by(middle, f64::total_cmp).1
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
    fn a_gap_is_longer_than_three_distances_of_samples_and_than_a_sample_stands() {
        let check = |interval, usual, span, expected: f64| {
            assert!((gap(interval, usual, span) - expected).abs() < 1e-9);
        };
        check(Some(60.0), 60.0, None, 300.0);
        check(Some(600.0), 600.0, None, 1_800.0);
        check(None, 0.0, None, 300.0);
        // The interval was longer when the samples were taken, or is longer now.
        check(Some(10.0), 240.0, None, 720.0);
        check(Some(3_600.0), 10.0, None, 10_800.0);
        check(Some(30.0), 30.0, Some(500.0), 530.0);
        check(Some(30.0), 30.0, Some(20.0), 300.0);
    }

    #[test]
    fn the_usual_distance_of_samples_is_that_of_most() {
        let check = |dates: &[f64], expected: f64| {
            let usual = usual_distance(dates.iter().copied());
            assert!((usual - expected).abs() < 1e-9, "{dates:?}: {usual}");
        };
        check(&[], 0.0);
        check(&[5.0], 0.0);
        check(&[5.0, 5.0], 0.0);
        check(&[0.0, 240.0], 240.0);
        // Two rechecks after a failure, and a night without samples.
        check(
            &[0.0, 60.0, 61.0, 62.0, 120.0, 180.0, 240.0, 30_000.0],
            60.0,
        );
    }

    #[test]
    fn a_lasting_outage_counts_to_the_end_of_the_span() {
        let kept = |from, until, level| KeptIncident {
            from,
            until,
            level,
            cause: None,
        };
        let check = |incidents: &[KeptIncident], expected: (f64, f64, f64)| {
            let made = counts(incidents, 100.0);
            assert_eq!((made.down, made.degraded, made.longest), expected);
        };
        check(&[], (0.0, 0.0, 0.0));
        check(&[kept(10.0, Some(30.0), Level::Down)], (1.0, 0.0, 20.0));
        check(
            &[
                kept(10.0, Some(30.0), Level::MostlyDown),
                kept(35.0, Some(90.0), Level::Half),
                kept(95.0, None, Level::MostlyUp),
            ],
            (1.0, 2.0, 20.0),
        );
        check(&[kept(40.0, None, Level::Down)], (1.0, 0.0, 60.0));
    }

    #[test]
    fn a_cause_that_repeats_crosses_once() {
        let point = |text: Option<&str>| Point {
            date: 0.0,
            status: Some(0.0),
            duration: 0.1,
            cause: text.map(|text| KeptCause::new(None, text)),
        };
        let points = ["a", "b", "a"].map(|text| point(Some(text)));
        let points = [&points[..], &[point(None)]].concat();
        let mut causes = CauseTable::default();
        let column = column(&points, &mut causes);
        assert_eq!(column, [Some(0), Some(1), Some(0), None]);
        assert_eq!(causes.texts, ["a", "b"]);
    }

    #[test]
    fn a_note_of_this_up_in_the_fleet_is_shown_once() {
        let note = |message: &str, date, path: Option<&str>| Note {
            message: message.into(),
            date,
            path: path.map(Into::into),
        };
        let own = note("ours", 10.0, None);
        let others = [
            note("theirs", 10.0, None),
            note("ours", 11.0, None),
            note("ours", 10.0, Some("/R/a")),
        ];
        let mut view = HistoryView {
            notes: vec![own.clone()],
            foreign_notes: [&others[..], std::slice::from_ref(&own)].concat(),
            ..HistoryView::default()
        };
        show_once(&mut view);
        assert_eq!(view.notes, [own]);
        assert_eq!(view.foreign_notes, others);
    }
}
