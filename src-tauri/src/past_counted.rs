//! Every figure that the panel gets of a span is what a plain count over all samples comes to: for many
//! histories and spans, whether the days are rolled up or not.

#![expect(
    clippy::float_cmp,
    reason = "counts and levels are whole numbers, and nothing is rounded"
)]

use std::sync::Arc;
use std::time::Duration;

use up_core::{Cause, CauseCode, Detail, Kind, Record, Sample, Status};
use up_history::{Embedded, Query, Store};
use up_wire::{HistoryView, SpanPart};

use crate::past;
use crate::watched::WatchRate;

const NOON: f64 = 1_795_348_800.0;
const DAY: f64 = 86_400.0;
/// The end of some spans lies after it.
const NOW: f64 = NOON + DAY / 2.0;
/// A sample stands for no longer than this.
const STANDS: f64 = 300.0;
/// The share by which a percentile may be off: half a bucket.
const OFF: f64 = 0.0101;

#[derive(Clone, Copy, Debug)]
struct Plain {
    date: f64,
    status: Option<f64>,
    duration: f64,
}

/// Two days of checks with outages, degraded times, rechecks, single unknown ones, gaps and timeouts.
fn samples(random: &mut fastrand::Rng) -> Vec<Plain> {
    let mut at = NOON - 2.0 * DAY;
    let step = random.u32(20..400);
    let mut kept: Vec<Plain> = Vec::new();
    let (mut status, mut left) = (1.0, 0);
    while at < NOON {
        at += match random.u32(0..300) {
            0 => random.f64() * 9_000.0,
            1..20 => 5.0,
            _ => f64::from(step) + random.f64(),
        };
        if left == 0 {
            // Between two outages it is up at least once.
            let is_over = status < 1.0 || random.bool();
            status = if is_over {
                1.0
            } else {
                [0.0, 0.5][random.usize(0..2)]
            };
            left = random.u32(1..if is_over { 60 } else { 9 });
        }
        left -= 1;
        let before = kept.last().is_some_and(|last| last.status.is_none());
        let is_unknown = !before && random.u32(0..50) == 0;
        let millis = match random.u32(0..200) {
            0 => 10_000,
            _ => random.u32(20..999),
        };
        kept.push(Plain {
            date: (at * 1e3).round() / 1e3,
            status: Some(status).filter(|_| !is_unknown),
            duration: f64::from(millis) / 1e3,
        });
    }
    kept
}

fn record(plain: &Plain) -> Arc<Record> {
    let cause = (plain.status != Some(1.0)).then(|| Cause::new(CauseCode::Refused, "refused"));
    Arc::new(Record {
        path: "/a".into(),
        kind: Kind("http"),
        sample: Sample {
            status: plain.status.and_then(Status::new),
            date: plain.date,
            duration: plain.duration,
            cause,
            detail: Detail::default(),
        },
    })
}

/// What a span comes to, counted sample by sample.
#[derive(Debug)]
struct CountedSpan {
    statuses: Vec<f64>,
    unknown: usize,
    durations: Vec<f64>,
    /// Seconds for which the status is known.
    known: f64,
    uptime: Option<f64>,
}

fn count(all: &[Plain], from: f64, to: f64) -> CountedSpan {
    let inside = |plain: &&Plain| (from..to).contains(&plain.date);
    let known = all.iter().filter(inside).filter(|one| one.status.is_some());
    let mut durations: Vec<f64> = known.clone().map(|one| one.duration).collect();
    durations.sort_by(f64::total_cmp);
    let (mut up, mut time) = (0.0, 0.0);
    for (index, plain) in all.iter().enumerate() {
        let next = all.get(index + 1).map_or(f64::INFINITY, |next| next.date);
        let end = next.min(plain.date + STANDS).min(to);
        let lasts = (end - plain.date.max(from)).max(0.0);
        if let Some(status) = plain.status {
            up += status * lasts;
            time += lasts;
        }
    }
    CountedSpan {
        statuses: known.filter_map(|one| one.status).collect(),
        unknown: all
            .iter()
            .filter(inside)
            .filter(|one| one.status.is_none())
            .count(),
        durations,
        known: time,
        uptime: (time > 0.0005).then(|| up / time),
    }
}

/// From when to when, and how bad: two samples or more in a row that are not up, whatever is unknown
/// between them, up to the next one that is.
fn outages(all: &[Plain]) -> Vec<(f64, Option<f64>, f64)> {
    let mut found = Vec::new();
    let mut row: Vec<Plain> = Vec::new();
    for plain in all.iter().filter(|one| one.status.is_some()) {
        if plain.status != Some(1.0) {
            row.push(*plain);
            continue;
        }
        if row.len() > 1 {
            found.push((row[0].date, Some(plain.date), row[0].status.unwrap_or(1.0)));
        }
        row.clear();
    }
    if row.len() > 1 {
        found.push((row[0].date, None, row[0].status.unwrap_or(1.0)));
    }
    found
}

fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied()
}

fn assert_close(found: Option<f64>, expected: Option<f64>, off: f64, why: &str) {
    let is_close = match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= off * expected + 1e-6,
        (found, expected) => found == expected,
    };
    assert!(is_close, "{why}: {found:?} is not {expected:?}");
}

fn check_figures(view: &HistoryView, all: &[Plain], why: &str) {
    let counted = count(all, view.from, view.to);
    assert_eq!(view.count, counted.statuses.len() as f64, "{why}: count");
    assert_eq!(view.unknown, counted.unknown as f64, "{why}: unknown");
    assert_close(view.uptime, counted.uptime, 1e-6, &format!("{why}: uptime"));
    let off = (view.watched - counted.known).abs();
    assert!(off < 1.0, "{why}: watched {}", view.watched);
    for (found, share) in [(view.p50, 0.5), (view.p95, 0.95), (view.p99, 0.99)] {
        let expected = quantile(&counted.durations, share);
        assert_close(
            found,
            expected,
            OFF,
            &format!("{why}: {share} of durations"),
        );
    }
    let mut statuses = [0.0; 20];
    for status in &counted.statuses {
        statuses[((status * 20.0) as usize).min(19)] += 1.0;
    }
    assert_eq!(view.status_counts, statuses, "{why}: histogram of statuses");
    for bar in &view.duration_counts {
        // The edges are sums of powers of ten, and a little beside what they are meant to be.
        let within = |duration: &&f64| {
            let micros = (*duration * 1e6).round();
            ((bar.from * 1e6).round()..(bar.to * 1e6).round()).contains(&micros)
        };
        let expected = counted.durations.iter().filter(within).count();
        assert_eq!(bar.count, expected as f64, "{why}: {bar:?}");
    }
    let bars: f64 = view.duration_counts.iter().map(|bar| bar.count).sum();
    assert_eq!(bars, view.count, "{why}: every duration is in a bar");
}

fn check_incidents(view: &HistoryView, all: &[Plain], why: &str) {
    let mut expected = outages(all);
    expected
        .retain(|(from, until, _)| *from < view.to && until.is_none_or(|until| until > view.from));
    check_listed(view, &expected, why);
    let found = &view.marks;
    assert_eq!(found.len(), expected.len(), "{why}: {found:?} {expected:?}");
    let (mut down, mut degraded, mut longest) = (0.0, 0.0, 0.0_f64);
    for (found, (from, until, status)) in found.iter().zip(expected) {
        assert_close(Some(found.from), Some(from), 0.0, why);
        assert_close(found.until, until, 0.0, why);
        assert_eq!(f64::from(found.level), status * 4.0, "{why}: {found:?}");
        assert_eq!(found.count, 1, "{why}: {found:?}");
        let cause = found.cause.map(|number| &view.causes[number as usize]);
        assert_eq!(cause.map(String::as_str), Some("refused"), "{why}");
        if status < 0.5 {
            down += 1.0;
            longest = longest.max(until.unwrap_or(view.to.min(NOW)) - from);
        } else {
            degraded += 1.0;
        }
    }
    assert_eq!(
        (view.counts.down, view.counts.degraded),
        (down, degraded),
        "{why}"
    );
    assert_close(Some(view.counts.longest), Some(longest), 1e-6, why);
}

/// The newest incidents are listed, newest first.
fn check_listed(view: &HistoryView, expected: &[(f64, Option<f64>, f64)], why: &str) {
    let dates = |(from, until, _): &(f64, Option<f64>, f64)| (*from, *until);
    let expected: Vec<_> = expected.iter().rev().take(500).map(dates).collect();
    let listed = view.incidents.iter().map(|one| (one.from, one.until));
    assert_eq!(listed.collect::<Vec<_>>(), expected, "{why}");
}

fn check_part(part: &SpanPart, all: &[Plain], why: &str) {
    let why = format!("{why}, part {}", part.from);
    let counted = count(all, part.from, part.to);
    assert_eq!(part.count, counted.statuses.len() as f64, "{why}: count");
    assert_eq!(part.unknown, counted.unknown as f64, "{why}: unknown");
    assert_close(part.uptime, counted.uptime, 1e-6, &why);
    let least = counted.statuses.iter().copied().reduce(f64::min);
    let most = counted.statuses.iter().copied().reduce(f64::max);
    assert_eq!((part.lowest, part.highest), (least, most), "{why}");
    for (found, share) in [(part.p50, 0.5), (part.p95, 0.95), (part.p99, 0.99)] {
        assert_close(found, quantile(&counted.durations, share), OFF, &why);
    }
    let longest = counted.durations.last().copied();
    assert_close(part.longest, longest, 1e-6, &format!("{why}: longest"));
}

async fn check(stores: &[Arc<dyn Store>], all: &[Plain], (from, to): (f64, f64), why: &str) {
    let query = Query {
        path: "/a".into(),
        from,
        to,
        most: 400,
    };
    let asked = up_engine::ask_history_in_parts(stores, &query, 100).await;
    let (history, parts) = asked.expect("the store answers");
    let rate = WatchRate::every(None);
    let view = past::view(query, history, &parts, rate, (90.0, NOW));
    let why = format!("{why}, {from} to {to}");
    check_figures(&view, all, &why);
    check_incidents(&view, all, &why);
    let counted: f64 = view
        .parts
        .iter()
        .map(|part| part.count + part.unknown)
        .sum();
    assert_eq!(
        counted,
        view.count + view.unknown,
        "{why}: all are in a part"
    );
    for part in &view.parts {
        check_part(part, all, &why);
    }
}

fn spans(random: &mut fastrand::Rng) -> Vec<(f64, f64)> {
    let mut spans = vec![(NOON - 3.0 * DAY, NOON + DAY), (NOON - DAY, NOON)];
    for _ in 0..6 {
        let mut time = || {
            let time = NOON - random.f64() * 2.2 * DAY;
            let step = [0.001, 1.0, 300.0, 3_600.0][random.usize(0..4)];
            (time / step).round() * step
        };
        let (one, other) = (time(), time());
        if one != other {
            spans.push((one.min(other), one.max(other)));
        }
    }
    spans
}

/// Checks many spans of a history, before and after its days are rolled up.
async fn check_history(all: &[Plain], random: &mut fastrand::Rng, why: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a store");
    let mut records: Vec<_> = all.iter().map(record).collect();
    random.shuffle(&mut records);
    for some in records.chunks(500) {
        store.append(some.to_vec()).await.expect("kept");
    }
    let stores: Vec<Arc<dyn Store>> = vec![Arc::new(store.clone())];
    for span in spans(random) {
        check(&stores, all, span, &format!("{why}, samples")).await;
    }
    let years = Duration::from_hours(400 * 24);
    store.prune(NOON, years, years).await.expect("rolled up");
    for span in spans(random) {
        check(&stores, all, span, &format!("{why}, rolled up")).await;
    }
    store.close().await;
}

#[tokio::test]
async fn every_figure_is_what_a_plain_count_comes_to() {
    for seed in 0..25 {
        let mut random = fastrand::Rng::with_seed(seed);
        let all = samples(&mut random);
        check_history(&all, &mut random, &format!("seed {seed}")).await;
    }
}

/// More incidents than are listed: each of them is drawn.
#[tokio::test]
async fn every_one_of_eight_hundred_incidents_is_drawn() {
    let date = |number: u32| NOON - 2.0 * DAY + f64::from(number) * 50.0;
    // Two of four checks fail, up to an hour before noon.
    let all: Vec<_> = (0..3_384)
        .map(|number| Plain {
            date: date(number),
            status: Some([1.0, 0.0, 0.0, 1.0][number as usize % 4]),
            duration: 0.1,
        })
        .collect();
    assert!(outages(&all).len() > 800);
    let mut random = fastrand::Rng::with_seed(1);
    check_history(&all, &mut random, "many incidents").await;
}

/// An outage that lasts has lasted until now, also in a span that ends later.
#[tokio::test]
async fn an_outage_that_lasts_counts_up_to_now() {
    let all: Vec<_> = (0..40)
        .map(|number| Plain {
            date: NOON - 2_400.0 + f64::from(number) * 60.0,
            status: Some(if number < 30 { 1.0 } else { 0.0 }),
            duration: 0.1,
        })
        .collect();
    assert_eq!(outages(&all).len(), 1);
    let mut random = fastrand::Rng::with_seed(2);
    check_history(&all, &mut random, "it lasts").await;
}
