//! Percentiles of durations of every shape, from both stores: each is within 1 % of what the measured
//! durations say, before the days are rolled up and once nothing but rollups is left.

use std::sync::Arc;

use bson::doc;
use up_core::{Detail, Kind, Record, Sample, Status};
use up_history::mongo::{Feed, MongoStore};
use up_history::{HistoryPart, Percentiles, SpanCut, Store};
use up_tests::mongod::Mongod;

use crate::answers::{DAY, midnight};
use crate::site::{PATIENCE, append, collection, open, roll_up};

const HOUR: f64 = 3_600.0;
const DAYS: u32 = 12;

/// Every time of these tests is a multiple of it.
const ANY: f64 = 1.0;

/// The share of a measured duration by which a percentile may be off.
const OFF: f64 = 0.01;

/// The embedded store keeps microseconds.
const FINEST: f64 = 5.1e-7;

/// Draws a duration, in seconds, of a check at an hour of the day.
type Draw = fn(&mut fastrand::Rng, u32) -> f64;

const SHAPES: [(&str, Draw); 9] = [
    ("/constant", |_, _| 0.101_499),
    ("/zero", |_, _| 0.0),
    ("/tiny", |random, _| random.f64() * 1.2e-4),
    ("/bimodal", |random, _| {
        if random.u32(0..2) == 0 {
            0.019_999
        } else {
            2.000_5
        }
    }),
    ("/edges", |random, _| {
        0.199_499 + f64::from(random.u32(0..3)) / 1e6
    }),
    ("/timeouts", |random, _| match random.u32(0..30) {
        0 => 10.000_3,
        _ => 0.02 / (1.0 - random.f64()).powf(0.7).max(0.002),
    }),
    ("/nightly", |random, hour| {
        let usual = 0.08 + random.f64() * 0.05;
        if hour == 3 { 50.0 * usual } else { usual }
    }),
    ("/zeros_and_timeouts", |random, _| {
        if random.u32(0..20) == 0 { 10.0 } else { 0.0 }
    }),
    ("/single", |random, _| random.f64()),
];

/// Dates and durations of a path.
fn measured(random: &mut fastrand::Rng, path: &str, draw: Draw) -> Vec<(f64, f64)> {
    let begin = midnight() - f64::from(DAYS) * DAY;
    if path == "/single" {
        return vec![(begin + 2.5 * DAY, draw(random, 12))];
    }
    let count = DAYS * 288;
    let one = |number: u32| {
        let date = begin + f64::from(number) * 300.0 + f64::from(random.u32(0..250));
        (date, draw(random, number / 12 % 24))
    };
    (0..count).map(one).collect()
}

fn records(path: &str, measured: &[(f64, f64)]) -> Vec<Arc<Record>> {
    let one = |(date, duration): &(f64, f64)| {
        Arc::new(Record {
            path: path.into(),
            kind: Kind("http"),
            sample: Sample {
                status: Status::new(1.0),
                date: *date,
                duration: *duration,
                cause: None,
                detail: Detail::default(),
            },
        })
    };
    measured.iter().map(one).collect()
}

fn check_percentiles(found: &Percentiles, measured: &[(f64, f64)], span: (f64, f64), why: &str) {
    let within = measured
        .iter()
        .filter(|(date, _)| (span.0..span.1).contains(date));
    let mut sorted: Vec<f64> = within.map(|(_, duration)| *duration).collect();
    sorted.sort_by(f64::total_cmp);
    for (share, found) in [(0.5, found.p50), (0.95, found.p95), (0.99, found.p99)] {
        let rank = ((share * sorted.len() as f64).ceil() as usize).max(1);
        let exact = sorted.get(rank - 1).copied();
        let is_close = match (found, exact) {
            (Some(found), Some(exact)) => (found - exact).abs() <= OFF * exact + FINEST,
            (found, exact) => found == exact,
        };
        assert!(
            is_close,
            "{why}, {span:?}, {share}: {found:?} for {exact:?}"
        );
    }
}

/// Every part of these spans that begins and ends with a `width`, however they are cut.
async fn check(
    store: &dyn Store,
    (path, all): (&str, &[(f64, f64)]),
    spans: &[(f64, f64)],
    width: f64,
    why: &str,
) {
    let is_edge = |time: f64| (time / width).fract() == 0.0;
    for span in spans {
        for cut in [SpanCut::Whole, SpanCut::AtMost(13), SpanCut::AtMost(3)] {
            let parts = store.parts(path.into(), *span, cut).await.expect("parts");
            let is_told = |part: &&HistoryPart| is_edge(part.from) && is_edge(part.to);
            for part in parts.iter().filter(is_told) {
                let why = format!("{why} {path}");
                let span = (part.from, part.to);
                check_percentiles(&part.summary.durations, all, span, &why);
            }
        }
    }
}

#[tokio::test]
async fn percentiles_are_within_one_percent_of_what_was_measured() {
    let mongod = Mongod::start();
    let mut random = fastrand::Rng::with_seed(21);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let prepare = || Feed::prepare(&embedded, &mongod.uri(), "up", "agent").expect("a target");
    let mut feed = prepare();
    let mut paths = Vec::new();
    for (path, draw) in SHAPES {
        let measured = measured(&mut random, path, draw);
        for some in measured.chunks(1_000) {
            append(&embedded, records(path, some)).await;
        }
        paths.push((path, measured));
    }
    assert_eq!(prepare().drain(PATIENCE).await.left, 0);
    let mongo = MongoStore::open(&mongod.uri(), "up").expect("a target");
    let (begin, end) = (midnight() - f64::from(DAYS) * DAY, midnight());
    let whole = [
        (begin, end),
        (begin + DAY, begin + 4.0 * DAY),
        (begin + 2.0 * DAY, begin + 3.0 * DAY),
    ];
    let any = [
        (begin + 1.37 * DAY, end - 1.21 * DAY),
        (begin + 2.5 * HOUR, begin + 9.75 * HOUR),
    ];
    for (path, all) in &paths {
        for spans in [&whole[..], &any] {
            check(&embedded, (path, all), spans, ANY, "embedded, samples").await;
            check(&mongo, (path, all), spans, ANY, "MongoDB, samples").await;
        }
    }
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    for (path, all) in &paths {
        check(&mongo, (path, all), &any, ANY, "MongoDB, rolled up").await;
    }
    for name in ["statuses", "runs"] {
        let samples = collection(&mongod.uri(), name).await;
        samples.delete_many(doc! {}).await.expect("removed");
    }
    let hours = std::time::Duration::from_hours;
    let pruned = embedded.prune(end, hours(24), hours(400 * 24)).await;
    pruned.expect("pruned");
    for (path, all) in &paths {
        check(&embedded, (path, all), &whole, DAY, "embedded, rollups").await;
        check(&mongo, (path, all), &whole, HOUR, "MongoDB, rollups").await;
    }
}
