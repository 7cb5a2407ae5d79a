//! Metrics, against what the values come to one by one.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::*;
use crate::metric::{MetricPoint, MetricSeries};

const DAY: f64 = 86_400.0;
const HOUR: i64 = 3_600_000_000;
const FIVE_MINUTES: i64 = 300_000_000;

/// A value as it was measured: when, of which metric.
type Measured = (i64, &'static str, f64);

/// The record of a check that measured these values.
pub(super) fn measured(path: &str, date: f64, values: &[(&'static str, f64)]) -> Arc<Record> {
    let mut named = Detail::new();
    for (name, value) in values {
        named.put(*name, *value);
    }
    let mut detail = Detail::new();
    detail.put("values", named);
    let plain = record(path, date, Some(1.0), 0.1);
    let sample = Sample {
        detail,
        ..plain.sample.clone()
    };
    Arc::new(Record {
        sample,
        ..(*plain).clone()
    })
}

async fn ask(store: &Embedded, path: &str, span: (f64, f64), most: usize) -> Vec<MetricSeries> {
    let wanted = query(path, span.0, span.1, most);
    store.metrics(wanted).await.expect("the store answers")
}

/// What the file says about itself: the day of which nothing finer than hours is kept before it, and the
/// day before which nothing is kept.
fn kept_from(dir: &Path) -> (i64, i64) {
    let connection = Connection::open(dir.join(FILE)).expect("the file");
    let query = "SELECT marks.pruned, ifnull(retention.keep, 0) FROM marks, retention";
    connection
        .query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("the marks")
}

/// The parts of a span by brute force: of each metric when each part begins, and its values.
fn expected(
    all: &[Measured],
    (from, to): (f64, f64),
    most: usize,
    (pruned, keep): (i64, i64),
) -> BTreeMap<&'static str, BTreeMap<i64, Vec<f64>>> {
    let (from, to) = ((from * 1e6).round() as i64, (to * 1e6).round() as i64);
    let wide = (to - from) as f64 / (most as f64 - 1.0);
    let is_fine = wide <= (HOUR - FIVE_MINUTES) as f64 && to > pruned * 24 * HOUR;
    let grain = if is_fine { FIVE_MINUTES } else { HOUR };
    let width = (wide / grain as f64).ceil() as i64 * grain;
    let mut parts: BTreeMap<_, BTreeMap<_, Vec<f64>>> = BTreeMap::new();
    for (at, name, value) in all {
        let day = at / (24 * HOUR);
        let own = if day < pruned { HOUR } else { grain };
        let begin = at / own * own;
        if day >= keep && begin < to && begin >= from / own * own {
            let part = parts.entry(*name).or_default();
            part.entry(begin / width * width).or_default().push(*value);
        }
    }
    parts
}

fn check_points(name: &str, points: &[MetricPoint], parts: &BTreeMap<i64, Vec<f64>>) {
    let begins = points.iter().map(|point| (point.from * 1e6).round() as i64);
    assert!(
        begins.eq(parts.keys().copied()),
        "{name}: {points:?} {parts:?}"
    );
    for (point, values) in points.iter().zip(parts.values()) {
        let min = values.iter().copied().fold(f64::MAX, f64::min);
        let max = values.iter().copied().fold(f64::MIN, f64::max);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert_eq!(point.count, values.len() as u64, "{name} at {}", point.from);
        // Each time that a span is packed, it is rounded to three digits.
        let near = min.abs().max(max.abs()) * 0.015;
        for (found, wanted) in [(point.min, min), (point.mean, mean), (point.max, max)] {
            assert!(
                (found - wanted).abs() <= near,
                "{name}: {point:?}, not {wanted}"
            );
        }
    }
}

/// Random checks of some days, with gaps, metrics that come and go, late samples, prunings and restarts.
#[tokio::test]
async fn any_span_comes_to_what_its_values_do() {
    for seed in 0..2 {
        let mut random = fastrand::Rng::with_seed(seed);
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = Embedded::open(dir.path()).expect("a new store");
        let (mut all, mut now) = (Vec::<Measured>::new(), NOON);
        for _ in 0..60 {
            let mut records = Vec::new();
            let vanished = random.bool();
            for _ in 0..random.u32(1..200) {
                now += [1.0, 30.0, 60.0, 400.0][random.usize(0..4)];
                let is_late = random.u32(0..20) == 0;
                let date = if is_late {
                    now - random.f64() * 3.0 * DAY
                } else {
                    now
                };
                let mut values = vec![
                    ("steady", 42.0),
                    ("wild", random.f64() * 10_f64.powi(random.i32(-3..3))),
                    ("below", -random.f64()),
                ];
                values.truncate(if vanished { 1 } else { 3 });
                let at = (date * 1e6).round() as i64;
                all.extend(values.iter().map(|(name, value)| (at, *name, *value)));
                records.push(measured("/a", date, &values));
                records.push(record("/b", date, Some(1.0), 0.1));
            }
            store.append(records).await.expect("kept");
            match random.u32(0..6) {
                0 => now += random.f64() * DAY,
                1 => {
                    let (raw, keep) = (Duration::from_hours(48), Duration::from_hours(24 * 5));
                    store.prune(now, raw, keep).await.expect("pruned");
                }
                2 => {
                    store.close().await;
                    store = Embedded::open(dir.path()).expect("the same store");
                }
                _ => {}
            }
            let marks = kept_from(dir.path());
            // A late sample of before `keep` is there until the next pruning.
            all.retain(|(at, ..)| at / (24 * HOUR) >= marks.1 || at / (24 * HOUR) >= marks.0);
            let first = all.iter().map(|one| one.0).min().unwrap_or_default() as f64 / 1e6;
            for _ in 0..10 {
                let from = first.max(marks.1 as f64 * DAY) + random.f64() * (now - first);
                let span = (from, from + 1.0 + random.f64() * (now - from + 600.0));
                let most = random.usize(2..500);
                let wanted = expected(&all, span, most, marks);
                let found = ask(&store, "/a", span, most).await;
                let names = found.iter().map(|series| &series.name["values.".len()..]);
                let mut names: Vec<_> = names.collect();
                names.sort_unstable();
                assert!(
                    names.iter().eq(wanted.keys()),
                    "{names:?} {:?}",
                    wanted.keys()
                );
                for series in &found {
                    assert!(
                        series.points.len() <= most,
                        "{} of {most}",
                        series.points.len()
                    );
                    let name = &series.name["values.".len()..];
                    check_points(name, &series.points, &wanted[name]);
                }
            }
        }
        assert!(kept_from(dir.path()).1 > 0, "something was removed");
        assert!(ask(&store, "/b", (0.0, 4e9), 100).await.is_empty());
    }
}

#[tokio::test]
async fn a_series_has_the_newest_unit_limits_and_value() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for (minute, unit, warn) in [(0.0, "ms", "10"), (1.0, "s", "20:30")] {
        let mut figure = Detail::new();
        figure.put("value", minute + 1.0);
        figure.put("unit", unit);
        figure.put("warn", warn);
        figure.put("max", 99.0);
        let mut figures = Detail::new();
        figures.put("rta", figure);
        let mut record = (*record("/a", NOON + 60.0 * minute, Some(1.0), 0.1)).clone();
        record.sample.detail.put("perfdata", figures);
        store.append(vec![Arc::new(record)]).await.expect("kept");
    }
    let found = ask(&store, "/a", (NOON, NOON + 600.0), 100).await;
    let [series] = &found[..] else {
        panic!("one metric: {found:?}")
    };
    assert_eq!(
        (&*series.name, &*series.unit, series.last),
        ("perfdata.rta", "s", 2.0)
    );
    let edges: Vec<f64> = series
        .limits
        .warn
        .iter()
        .flat_map(up_core::Range::edges)
        .collect();
    assert_eq!(edges, [20.0, 30.0]);
    assert_eq!((series.limits.crit, series.limits.max), (None, Some(99.0)));
    let whole = series.whole().expect("values");
    assert_eq!(
        (whole.count, whole.min, whole.mean, whole.max),
        (2, 1.0, 1.5, 2.0)
    );
}

/// A plugin that gives its figures new names each time fills no more than its share of the file.
#[tokio::test]
async fn a_path_has_few_metrics_at_a_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let check = |number: u32, date: f64| {
        let mut named = Detail::new();
        for place in 0..10 {
            named.put(format!("process {}", number * 10 + place), 1.0);
        }
        let mut record = (*record("/a", date, Some(1.0), 0.1)).clone();
        record.sample.detail.put("values", named);
        Arc::new(record)
    };
    let records = (0..20).map(|number| check(number, NOON + f64::from(number)));
    store.append(records.collect()).await.expect("kept");
    let names = async |span| {
        let found = ask(&store, "/a", span, 100).await;
        found
            .into_iter()
            .map(|series| series.name)
            .collect::<Vec<_>>()
    };
    let first_day = names((NOON, NOON + DAY)).await;
    assert_eq!(first_day.len(), up_core::metric::MAX_METRICS);
    assert_eq!(
        first_day.last().map(String::as_str),
        Some("values.process 31")
    );
    // Those of two days ago have ended, so that there is room for others.
    let later = NOON + 2.0 * DAY;
    store.append(vec![check(90, later)]).await.expect("kept");
    assert_eq!(names((later, later + DAY)).await.len(), 10);
    let both = names((NOON, later + DAY)).await;
    assert_eq!(both.len(), up_core::metric::MAX_METRICS, "the newest ones");
    assert!(both.contains(&"values.process 909".to_owned()), "{both:?}");
}

/// Whatever becomes of a pack, only its own time is missing.
#[tokio::test]
async fn a_damaged_pack_costs_its_own_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for minute in 0..180 {
        let date = NOON + 60.0 * f64::from(minute);
        store
            .append(vec![measured("/a", date, &[("x", 5.0)])])
            .await
            .expect("kept");
    }
    let counts = async || -> Vec<u64> {
        let found = ask(&store, "/a", (NOON, NOON + 3.0 * 3_600.0), 100).await;
        let points = found.iter().flat_map(|series| &series.points);
        points.map(|point| point.count).collect()
    };
    assert_eq!(counts().await, [5; 36]);
    let connection = Connection::open(dir.path().join(FILE)).expect("the file");
    let spoil = |table: &str| {
        let packs = format!("SELECT min(id) FROM {table}");
        let spoilt = connection.execute(
            &format!("UPDATE {table} SET pack = x'0102030405' WHERE id = ({packs})"),
            [],
        );
        assert_eq!(spoilt.expect("spoilt"), 1, "{table}");
    };
    spoil("metrics_5min");
    let expected: Vec<u64> = std::iter::once(60).chain([5; 24]).collect();
    assert_eq!(counts().await, expected, "the hour is there as a whole");
    spoil("metrics_hour");
    assert_eq!(counts().await, [5; 24]);
    let late = measured("/a", NOON + 30.0, &[("x", 5.0)]);
    store.append(vec![late]).await.expect("kept");
    store
        .prune(NOON, Duration::from_hours(24), Duration::from_hours(24))
        .await
        .expect("folded");
    assert_eq!(counts().await.len(), 25, "the pack is begun anew");
    assert_eq!(
        everything(&store, "/a").await.count,
        181,
        "samples are not concerned"
    );
}

/// A path that is forgotten takes the names of its metrics with it.
#[tokio::test]
async fn nothing_is_left_after_keep() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for day in 0..12 {
        let path = if day < 3 { "/old" } else { "/new" };
        let date = NOON + f64::from(day) * DAY;
        store
            .append(vec![measured(path, date, &[("x", 5.0)])])
            .await
            .expect("kept");
    }
    let (raw, keep) = (Duration::from_hours(48), Duration::from_hours(96));
    for _ in 0..12 {
        store
            .prune(NOON + 11.0 * DAY, raw, keep)
            .await
            .expect("pruned");
    }
    let connection = Connection::open(dir.path().join(FILE)).expect("the file");
    let count = |table: &str| -> i64 {
        let query = format!("SELECT count(*) FROM {table}");
        connection
            .query_row(&query, [], |row| row.get(0))
            .expect("a number")
    };
    assert_eq!(count("metrics"), 1);
    assert_eq!(count("paths"), 1);
    let packs = (count("metrics_5min"), count("metrics_hour"));
    assert!(packs.0 <= 3 && packs.1 <= 5, "{packs:?}");
    assert_eq!(ask(&store, "/old", (0.0, 4e9), 100).await, []);
    let again = measured("/old", NOON + 11.5 * DAY, &[("x", 7.0)]);
    store.append(vec![again]).await.expect("kept");
    let found = ask(&store, "/old", (0.0, 4e9), 100).await;
    assert_eq!(found.len(), 1);
    assert!((found[0].last - 7.0).abs() < 1e-9);
}
