//! Parts of a span and the overview: whatever is asked, they come to what a plain count of all samples
//! comes to.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::percentiles::{KnownDurations, check_percentiles};
use super::rollups::{Kept, history, records};
use super::*;
use crate::answer::{HistoryPart, STATUS_PARTS, SpanCut};

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3_600.0;

/// Midnight before [`NOON`].
const MIDNIGHT: f64 = NOON - DAY / 2.0;

/// A part, as it is counted.
#[derive(Default)]
struct Counted {
    unknown: u64,
    statuses: Vec<f64>,
    durations: Vec<f64>,
    spread: KnownDurations,
    known: f64,
    up: f64,
}

/// Which part a time belongs to.
fn part_number(cut: &SpanCut, width: f64, time: f64) -> i64 {
    let local = |zone: &TimeZone| {
        let hour = (time / HOUR).floor() as i64 * 3_600;
        let instant = jiff::Timestamp::from_second(hour).expect("a time");
        instant.to_zoned(zone.clone())
    };
    let weekday = |zone: &TimeZone| i64::from(local(zone).weekday().to_monday_zero_offset());
    match cut {
        SpanCut::Whole => 0,
        SpanCut::AtMost(_) => (time / width).floor() as i64,
        SpanCut::Days(zone) => {
            let midnight = local(zone).date().to_zoned(TimeZone::UTC).expect("a date");
            midnight.timestamp().as_second() / 86_400
        }
        SpanCut::HoursOfDay(zone) => local(zone).hour().into(),
        SpanCut::Weekdays(zone) => weekday(zone),
        SpanCut::HoursOfWeek(zone) => 24 * weekday(zone) + i64::from(local(zone).hour()),
        SpanCut::Months(zone) => i64::from(local(zone).month()) - 1,
    }
}

fn count(kept: &Kept, (from, to): (f64, f64), cut: &SpanCut, width: f64) -> BTreeMap<i64, Counted> {
    let mut sorted = kept.clone();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut parts: BTreeMap<i64, Counted> = BTreeMap::new();
    for (index, (date, status, duration)) in sorted.iter().copied().enumerate() {
        if (from..to).contains(&date) {
            let part = parts.entry(part_number(cut, width, date)).or_default();
            match status {
                Some(status) => {
                    part.statuses.push(status);
                    part.durations.push(duration);
                }
                None => part.unknown += 1,
            }
        }
        let Some(status) = status else { continue };
        let next = sorted.get(index + 1).map_or(f64::INFINITY, |next| next.0);
        let end = next.min(date + 300.0).min(to);
        let mut at = date.max(from);
        while at < end {
            // Every part begins at a multiple of its width, or of an hour.
            let step = if matches!(cut, SpanCut::AtMost(_)) {
                width
            } else {
                HOUR
            };
            let until = end.min(((at / step).floor() + 1.0) * step);
            let part = parts.entry(part_number(cut, width, at)).or_default();
            part.known += until - at;
            part.up += status * (until - at);
            at = until;
        }
    }
    parts
}

fn check_part(found: &HistoryPart, counted: &Counted, why: &str) {
    let summary = &found.summary;
    let sum: f64 = counted.statuses.iter().sum();
    let number = counted.statuses.len() as f64;
    assert_eq!(summary.count, counted.statuses.len() as u64, "{why}");
    assert_eq!(summary.unknown, counted.unknown, "{why}");
    let close = |found: Option<f64>, expected: f64, off: f64| match found {
        Some(found) => (found - expected).abs() <= off * expected.abs().max(1e-3),
        None => expected.is_nan(),
    };
    let mean = sum / number;
    let squares = counted
        .statuses
        .iter()
        .map(|s| (s - mean).powi(2))
        .sum::<f64>();
    assert!(close(summary.mean, mean, 1e-6), "{why}");
    let deviation = (squares / number).sqrt();
    assert!(
        close(summary.deviation, deviation, 1e-3),
        "{why}: {found:?}"
    );
    assert!(
        (summary.known - counted.known).abs() < 0.01,
        "{why}: {} {found:?}",
        counted.known
    );
    if counted.known > 0.01 {
        assert!(
            close(summary.uptime, counted.up / counted.known, 1e-4),
            "{why}: {found:?}"
        );
    }
    let ends = |values: &[f64]| {
        let end = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick);
        (end(f64::min), end(f64::max))
    };
    assert_eq!(
        (summary.lowest, summary.highest),
        ends(&counted.statuses),
        "{why}"
    );
    assert_eq!(summary.longest, ends(&counted.durations).1, "{why}");
    let mean = counted.durations.iter().sum::<f64>() / number;
    assert!(close(summary.mean_duration, mean, 1e-6), "{why}");
    let mut parts = [0; STATUS_PARTS];
    for status in &counted.statuses {
        parts[((status * 20.0).floor() as usize).min(19)] += 1;
    }
    assert_eq!(summary.statuses, parts, "{why}");
    check_percentiles(&summary.durations, &counted.spread, why);
    let is_exact = counted.spread.is_exact();
    let durations = &counted.durations;
    let counted: u64 = found.durations.iter().map(|one| one.count).sum();
    assert_eq!(counted, summary.count, "{why}");
    if is_exact {
        for one in &found.durations {
            let within = |duration: &&f64| (one.from - 1e-9..one.to - 1e-9).contains(*duration);
            let exact = durations.iter().filter(within).count();
            assert_eq!(one.count, exact as u64, "{why}: {one:?}");
        }
    }
}

/// Notes how the durations of each part are spread: those of a part of a day of before `gone` as those of
/// the day.
fn spread(
    parts: &mut BTreeMap<i64, Counted>,
    kept: &Kept,
    (from, to): (f64, f64),
    (cut, width): (&SpanCut, f64),
    gone: f64,
) {
    // Known durations by the number of their hour, and of their day.
    let mut hours: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    let mut days: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    let number = |date: f64, width: f64| (date / width).floor() as i64;
    for (date, _, duration) in kept.iter().filter(|(_, status, _)| status.is_some()) {
        if *date < gone {
            days.entry(number(*date, DAY)).or_default().push(*duration);
        }
        if (from..to).contains(date) {
            hours
                .entry(number(*date, HOUR))
                .or_default()
                .push(*duration);
        }
    }
    let is_by_hour = matches!(cut, SpanCut::HoursOfDay(_) | SpanCut::HoursOfWeek(_));
    for (hour, durations) in hours {
        let begin = hour as f64 * HOUR;
        let part = part_number(cut, width, begin.max(from));
        let midnight = (begin / DAY).floor() * DAY;
        let is_whole = midnight >= from
            && midnight + DAY <= to
            && !is_by_hour
            && (0..24)
                .all(|more| part_number(cut, width, midnight + f64::from(more) * HOUR) == part);
        let spread = &mut parts.entry(part).or_default().spread;
        if begin >= gone || is_whole {
            spread.add(&durations);
        } else {
            spread.add_hour(durations, &days[&number(begin, DAY)]);
        }
    }
}

/// Checks all parts of a span. Samples of before `gone` are gone.
async fn check(
    store: &Embedded,
    kept: &Kept,
    span: (f64, f64),
    cut: SpanCut,
    width: f64,
    gone: f64,
) {
    let why = format!("{span:?} {cut:?}");
    let found = store.parts("/a".into(), span, cut.clone()).await;
    let found = found.expect("an answer");
    let mut counted = count(kept, span, &cut, width);
    if width == 0.0 || width >= HOUR {
        spread(&mut counted, kept, span, (&cut, width), gone);
    } else {
        for part in counted.values_mut() {
            part.spread.add(&part.durations);
        }
    }
    let numbers: Vec<i64> = found.iter().map(|part| part.number).collect();
    assert_eq!(
        numbers,
        counted.keys().copied().collect::<Vec<_>>(),
        "{why}"
    );
    for part in &found {
        assert!(part.from >= span.0 && part.to <= span.1, "{why}: {part:?}");
        check_part(
            part,
            &counted[&part.number],
            &format!("{why}, {}", part.number),
        );
    }
}

fn zones() -> Vec<TimeZone> {
    let names = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"];
    names
        .map(|name| TimeZone::get(name).expect("a zone"))
        .into()
}

/// Each way to cut by a calendar.
fn cuts(zone: &TimeZone) -> Vec<SpanCut> {
    let zone = || zone.clone();
    vec![
        SpanCut::Days(zone()),
        SpanCut::HoursOfDay(zone()),
        SpanCut::Weekdays(zone()),
        SpanCut::HoursOfWeek(zone()),
        SpanCut::Months(zone()),
    ]
}

#[tokio::test]
async fn parts_come_to_what_all_samples_come_to() {
    for (seed, step) in [(1, 900.0), (2, 200.0)] {
        let mut random = fastrand::Rng::with_seed(seed);
        let dir = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(dir.path()).expect("a new store");
        let days = if seed == 1 { 40 } else { 8 };
        let kept = history(&mut random, days, step);
        let (late, on_time): (Kept, Kept) = kept.iter().partition(|_| random.u32(0..50) == 0);
        for part in [on_time, late] {
            for part in part.chunks(500) {
                store.append(records(part)).await.expect("kept");
            }
        }
        let from = NOON - random.f64() * DAY * f64::from(days);
        let from = (from * 1e3).round() / 1e3;
        for zone in zones() {
            for cut in cuts(&zone) {
                check(&store, &kept, (from, NOON), cut.clone(), 0.0, 0.0).await;
                check(&store, &kept, (0.0, 4e9), cut, 0.0, 0.0).await;
            }
        }
        check(&store, &kept, (from, NOON + DAY), SpanCut::Whole, 0.0, 0.0).await;
        for (length, most, width) in [
            (0.2 * DAY, 100, 300.0),
            (0.5 * DAY, 30, 1_800.0),
            (DAY * 1.01, 30, HOUR),
            (7.3 * DAY, 200, HOUR),
            (7.3 * DAY, 3, 4.0 * DAY),
        ] {
            let begin = ((NOON + 0.05 * DAY - length) * 1e3).round() / 1e3;
            let span = (begin, begin + length);
            check(&store, &kept, span, SpanCut::AtMost(most), width, 0.0).await;
        }
    }
}

/// Once the samples are gone, parts of whole hours are what they were, but for percentiles of hours, which
/// are spread as their day.
#[tokio::test]
async fn parts_are_there_when_the_samples_are_gone() {
    let mut random = fastrand::Rng::with_seed(3);
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    // Long enough to be read in two halves.
    let kept = history(&mut random, 75, 240.0);
    for part in kept.chunks(1_000) {
        store.append(records(part)).await.expect("kept");
    }
    let days = |days: u64| Duration::from_secs(days * 86_400);
    store.prune(NOON, days(5), days(99)).await.expect("pruned");
    let from = MIDNIGHT - 70.0 * DAY;
    // What stood into the span from before it is gone with the samples.
    let kept: Kept = (kept.into_iter())
        .filter(|(date, ..)| *date >= from)
        .collect();
    let gone = MIDNIGHT - 5.0 * DAY;
    for zone in &zones()[..3] {
        for cut in cuts(zone) {
            check(&store, &kept, (from, NOON), cut, 0.0, gone).await;
        }
    }
    for (most, width) in [(1_700, HOUR), (300, 8.0 * HOUR), (80, DAY), (20, 4.0 * DAY)] {
        let cut = SpanCut::AtMost(most);
        check(&store, &kept, (from, NOON), cut, width, gone).await;
    }
    check(&store, &kept, (from, NOON), SpanCut::Whole, 0.0, gone).await;
}

#[tokio::test]
async fn the_overview_comes_to_what_all_samples_come_to() {
    let mut random = fastrand::Rng::with_seed(4);
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let mut all: BTreeMap<&str, Kept> = BTreeMap::new();
    for path in ["/a", "/a/b", "/c"] {
        let mut kept = history(&mut random, 12, 400.0);
        if path == "/c" {
            kept.retain(|(date, ..)| *date < MIDNIGHT - 3.0 * DAY);
        }
        let (late, on_time): (Kept, Kept) = kept.iter().partition(|_| random.u32(0..50) == 0);
        let late = if path == "/a/b" { late } else { Kept::new() };
        for part in [&on_time, &late] {
            let one =
                |(at, status, duration): &(f64, _, f64)| record(path, *at, *status, *duration);
            for part in part.chunks(500) {
                store
                    .append(part.iter().map(one).collect())
                    .await
                    .expect("kept");
            }
        }
        all.insert(path, on_time.into_iter().chain(late).collect());
    }
    for round in 0..20 {
        let mut time = || (NOON - random.f64() * 13.0 * DAY).round();
        let (one, other) = (time(), time());
        let span = match round {
            0 => (0.0, 4e9),
            1 => (MIDNIGHT - 5.0 * DAY, MIDNIGHT),
            2 => (NOON, NOON),
            _ => (one.min(other), one.max(other)),
        };
        let found = store.overview(span.0, span.1).await.expect("an answer");
        let mut expected = Vec::new();
        for (path, kept) in &all {
            let mut counted = count(kept, span, &SpanCut::Whole, 0.0);
            let counted = counted.remove(&0).unwrap_or_default();
            let within = kept
                .iter()
                .filter(|(date, ..)| (span.0..span.1).contains(date));
            if let Some(last) = within.max_by(|a, b| a.0.total_cmp(&b.0)) {
                expected.push((path, counted, *last));
            }
        }
        assert_eq!(found.len(), expected.len(), "{span:?}: {found:?}");
        for (found, (path, counted, last)) in found.iter().zip(expected) {
            assert_eq!(&found.path, path);
            assert_eq!(
                found.count,
                counted.statuses.len() as u64,
                "{span:?} {found:?}"
            );
            assert_eq!(found.unknown, counted.unknown, "{span:?} {found:?}");
            assert_eq!((found.last, found.status), (last.0, last.1), "{span:?}");
            let number = counted.statuses.len() as f64;
            let mean = counted.statuses.iter().sum::<f64>() / number;
            let squares = counted.statuses.iter().map(|s| (s - mean).powi(2));
            let deviation = (squares.sum::<f64>() / number).sqrt();
            let uptime = counted.up / counted.known;
            let is_close = match found.uptime {
                Some(found) => (found - uptime).abs() < 1e-4,
                None => counted.known < 0.01,
            };
            assert!(is_close, "{span:?}: {uptime} {found:?}");
            if found.count > 0 {
                let off = (found.deviation.expect("some") - deviation).abs();
                assert!(off < 1e-6, "{span:?}");
            }
        }
    }
}
