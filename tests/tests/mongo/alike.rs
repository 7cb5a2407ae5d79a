//! The differential test: both stores get the same random history, and every answer is compared. The
//! embedded store answers from packed runs and rollups, the MongoDB from its documents.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bson::doc;
use up_core::{Cause, CauseCode, Detail, Kind, Record, Sample, Status};
use up_history::mongo::{Feed, MongoStore};
use up_history::{
    DurationDetail, HistorySummary, IncidentFilter, IncidentQuery, KeptIncident, Query, Series,
    SpanCut, Store,
};
use up_tests::mongod::Mongod;

use crate::site::{NOON, PATIENCE, append, count, open, roll_up};

const DAY: f64 = 86_400.0;
const DAYS: f64 = 9.0;

/// Days of samples: steady or not, with gaps, outages, unknown ones and causes. Some come late, and
/// some in no order.
fn history(random: &mut fastrand::Rng, path: &str) -> Vec<Arc<Record>> {
    let mut records = Vec::new();
    let mut at = NOON - DAYS * DAY;
    let mut status = Some(1.0);
    while at < NOON {
        at += match random.u32(0..400) {
            0 => random.f64() * 30_000.0,
            1..10 => 5.0,
            _ => 290.0 + random.f64() * 20.0,
        };
        if random.u32(0..12) == 0 {
            status = [None, Some(0.0), Some(0.5), Some(1.0)][random.usize(0..4)];
        }
        let cause = (status != Some(1.0)).then(|| {
            let code = [CauseCode::Timeout, CauseCode::Refused][random.usize(0..2)];
            Cause::new(code, format!("cause {}", random.u32(0..5)))
        });
        records.push(Arc::new(Record {
            path: path.into(),
            kind: Kind("http"),
            sample: Sample {
                status: status.and_then(Status::new),
                // As finely as the embedded store keeps them.
                date: (at * 1e3).round() / 1e3,
                duration: f64::from(random.u32(100..1_000)) / 1e4,
                cause,
                detail: Detail::default(),
            },
        }));
    }
    for _ in 0..records.len() / 20 {
        let (one, other) = (
            random.usize(0..records.len()),
            random.usize(0..records.len()),
        );
        records.swap(one, other);
    }
    records
}

fn is_close(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-7,
        (one, other) => one == other,
    }
}

fn check_series(ours: Series, theirs: Series, query: &Query) {
    assert!(is_close(ours.uptime, theirs.uptime), "{query:?}");
    let without = |series: Series| Series {
        uptime: None,
        ..series
    };
    assert_eq!(without(ours), without(theirs), "{query:?}");
}

fn check_summary(ours: &HistorySummary, theirs: &HistorySummary, span: (f64, f64)) {
    assert!(
        is_close(ours.uptime, theirs.uptime)
            && is_close(ours.mean, theirs.mean)
            && is_close(ours.deviation, theirs.deviation),
        "{span:?}: {ours:?}, {theirs:?}"
    );
    let exact = |summary: &HistorySummary| HistorySummary {
        uptime: None,
        mean: None,
        deviation: None,
        ..*summary
    };
    assert_eq!(exact(ours), exact(theirs), "{span:?}");
}

/// Spans cut in each way, and the overview.
async fn check_parts(embedded: &dyn Store, mongo: &dyn Store, path: &str, span: (f64, f64)) {
    let zone = || jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone");
    let cuts = [
        SpanCut::Whole,
        SpanCut::AtMost(200),
        SpanCut::AtMost(7),
        SpanCut::Days(zone()),
        SpanCut::HoursOfDay(zone()),
        SpanCut::Weekdays(zone()),
        SpanCut::HoursOfWeek(zone()),
        SpanCut::Months(zone()),
    ];
    for cut in cuts {
        let ours = embedded.parts(path.into(), span, cut.clone()).await;
        let theirs = mongo.parts(path.into(), span, cut.clone()).await;
        let (ours, theirs) = (ours.expect("parts"), theirs.expect("parts"));
        assert_eq!(ours.len(), theirs.len(), "{span:?}, {cut:?}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let of = |part: &up_history::HistoryPart| (part.number, part.from, part.to);
            assert_eq!(of(ours), of(theirs), "{cut:?}");
            check_summary(&ours.summary, &theirs.summary, (ours.from, ours.to));
            assert_eq!(ours.durations, theirs.durations, "{cut:?}");
        }
    }
    let ours = embedded
        .overview(span.0, span.1)
        .await
        .expect("an overview");
    let theirs = mongo.overview(span.0, span.1).await.expect("an overview");
    assert_eq!(ours.len(), theirs.len(), "{span:?}");
    for (mut ours, theirs) in ours.into_iter().zip(theirs) {
        assert!(is_close(ours.uptime, theirs.uptime), "{span:?}");
        assert!(is_close(ours.deviation, theirs.deviation), "{span:?}");
        (ours.uptime, ours.deviation) = (theirs.uptime, theirs.deviation);
        assert_eq!(ours, theirs, "{span:?}");
    }
}

/// All incidents, and the newest ones that filters leave.
async fn check_incidents(
    embedded: &dyn Store,
    mongo: &dyn Store,
    path: &str,
    (from, to): (f64, f64),
) {
    let filter = |word: &str, (shortest, longest)| IncidentFilter {
        path: path.into(),
        words: vec![word.into()],
        levels: Vec::new(),
        shortest,
        longest,
        now: NOON,
        acknowledgements: Vec::new(),
    };
    let page = |limit, filter: Option<IncidentFilter>| IncidentQuery {
        path: path.into(),
        from,
        to,
        limit,
        filter: filter.map(Arc::new),
    };
    let any = (0.0, f64::INFINITY);
    for query in [
        page(1_000, None),
        page(3, Some(filter("cause 1", any))),
        page(3, Some(filter("refused", (600.0, 3_600.0)))),
        page(1_000, Some(filter("time", (0.0, 1_200.0)))),
    ] {
        let ours = embedded.incidents(query.clone()).await.expect("incidents");
        let theirs = mongo.incidents(query.clone()).await.expect("incidents");
        assert_eq!(ours, theirs, "{query:?}");
        let wants = |one: &KeptIncident| query.filter.as_ref().is_none_or(|f| f.wants(one));
        assert!(ours.newest.iter().all(wants), "{query:?}");
    }
}

/// Every answer of both stores about these paths and spans.
async fn check_all(embedded: &dyn Store, mongo: &dyn Store, paths: &[&str], spans: &[(f64, f64)]) {
    for path in paths {
        for (from, to) in spans {
            for most in [5, 300, 1_000_000] {
                let query = Query {
                    path: (*path).into(),
                    from: *from,
                    to: *to,
                    most,
                };
                let ours = embedded.series(query.clone()).await.expect("a series");
                let theirs = mongo.series(query.clone()).await.expect("a series");
                check_series(ours, theirs, &query);
            }
        }
        for span in spans {
            check_parts(embedded, mongo, path, *span).await;
            check_incidents(embedded, mongo, path, *span).await;
        }
        for detail in [DurationDetail::Spread, DurationDetail::Sums] {
            let ours = embedded.summaries((*path).into(), spans.to_vec(), detail);
            let ours = ours.await.expect("summaries");
            let theirs = mongo.summaries((*path).into(), spans.to_vec(), detail);
            let theirs = theirs.await.expect("summaries");
            for ((ours, theirs), span) in ours.iter().zip(&theirs).zip(spans) {
                check_summary(ours, theirs, *span);
            }
        }
    }
    assert_eq!(embedded.paths().await.expect("paths"), paths);
    assert_eq!(mongo.paths().await.expect("paths"), paths);
    let ours = embedded.extents().await.expect("extents");
    assert_eq!(ours, mongo.extents().await.expect("extents"));
}

/// So many seconds the clock of the server has to be ahead for the history to be over.
pub(crate) fn ahead() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let over = NOON + 2.0 * DAY - now.expect("after 1970").as_secs_f64();
    // `as` saturates.
    over.max(0.0) as u64
}

#[tokio::test]
async fn a_random_history_is_answered_alike() {
    let mongod = Mongod::start();
    let mut random = fastrand::Rng::with_seed(10);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let prepare = || Feed::prepare(&embedded, &mongod.uri(), "up", "agent").expect("a target");
    let mut feed = prepare();
    let paths = ["/a", "/a/b", "/c"];
    let mut early = Vec::new();
    let mut late = Vec::new();
    for path in paths {
        for part in history(&mut random, path).chunks(300) {
            // Some days have late samples then, and one path is not there at all.
            let half = if path != "/c" && random.u32(0..3) > 0 {
                &mut early
            } else {
                &mut late
            };
            half.push(part.to_vec());
        }
    }
    let mut time = || {
        let time = NOON + DAY - random.f64() * DAY * (DAYS + 2.0);
        let unit = [DAY, 3_600.0, 300.0, 1e-3][random.usize(0..4)];
        (time / unit).round() * unit
    };
    let mut spans = vec![(0.0, 4e9), (NOON, NOON)];
    for _ in 0..8 {
        let (one, other) = (time(), time());
        spans.push((one.min(other), one.max(other)));
    }
    let mongo = MongoStore::open(&mongod.uri(), "up").expect("a target");
    let deliver = async |parts: Vec<Vec<Arc<Record>>>| {
        for part in parts {
            append(&embedded, part).await;
        }
        assert_eq!(prepare().drain(PATIENCE).await.left, 0);
    };
    deliver(early).await;
    // Not rolled up, all of it, in part, and all of it again.
    check_all(&embedded, &mongo, &paths[..2], &spans[..4]).await;
    roll_up(&mut feed, ahead()).await;
    roll_up(&mut feed, ahead() + 120).await;
    check_all(&embedded, &mongo, &paths[..2], &spans[..4]).await;
    deliver(late).await;
    check_all(&embedded, &mongo, &paths, &spans[..6]).await;
    roll_up(&mut feed, ahead() + 300).await;
    let is_late = doc! { "late": { "$exists": true } };
    assert_eq!(count(&mongod.uri(), "rollups", is_late).await, 0);
    check_all(&embedded, &mongo, &paths, &spans).await;
}
