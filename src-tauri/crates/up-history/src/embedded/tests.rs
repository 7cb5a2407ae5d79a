//! The embedded store as its users see it, on real files.

use up_core::{Cause, CauseCode, Detail, Kind, Level, Sample, Status};

use super::*;
use crate::answer::{KeptIncident, Percentiles};
use crate::sample::{KeptCause, Point, Query};
use crate::store::{IncidentPage, Series, Store};

mod file;
mod incidents;
mod metric_size;
mod metrics;
mod notes;
mod parts;
mod percentiles;
mod retention;
mod rollup_days;
mod rollup_size;
mod rollups;
mod safety;
mod thinned;
mod upkeep;

const NOON: f64 = 1_795_348_800.0;

/// Takes from a new file what the versions since 9 added.
const AS_VERSION_8: &str = "
ALTER TABLE acknowledgements DROP COLUMN person;
DROP INDEX outbox_notes;
ALTER TABLE outbox DROP COLUMN note_path;
ALTER TABLE outbox DROP COLUMN note_removed;
DROP TABLE notes;
CREATE TABLE notes(date INTEGER NOT NULL, message TEXT NOT NULL, PRIMARY KEY(date, message)) WITHOUT ROWID;
";

fn record(path: &str, date: f64, status: Option<f64>, duration: f64) -> Arc<Record> {
    let cause = (status != Some(1.0)).then(|| Cause::new(CauseCode::Refused, "connection refused"));
    let sample = Sample {
        status: status.and_then(Status::new),
        date,
        duration,
        cause,
        detail: Detail::default(),
    };
    Arc::new(Record {
        path: path.into(),
        kind: Kind("http"),
        sample,
    })
}

fn query(path: &str, from: f64, to: f64, most: usize) -> Query {
    Query {
        path: path.into(),
        from,
        to,
        most,
    }
}

async fn everything(store: &Embedded, path: &str) -> Series {
    let all = query(path, 0.0, 4e9, usize::MAX);
    store.series(all).await.expect("the store answers")
}

#[tokio::test]
async fn what_is_appended_comes_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    // Out of order, and across an hour's border.
    let records = vec![
        record("/Site/b", NOON + 1.0, Some(1.0), 0.1),
        record("/Site/a", NOON + 3600.25, Some(0.0), 9.5),
        record("/Site/a", NOON + 1.5, Some(1.0), 0.012_345),
        record("/Site/a", NOON + 2.5, None, 0.0),
        record("/Site/a", NOON + 3.0, Some(0.777_777), 0.2),
    ];
    store.append(records).await.expect("kept");
    let refused = KeptCause::new(Some(CauseCode::Refused), "connection refused");
    let cause = Some(refused);
    let point = |date, status, duration, cause: &Option<KeptCause>| Point {
        date,
        status,
        duration,
        cause: cause.clone(),
    };
    let found = everything(&store, "/Site/a").await;
    let p50 = found.durations.p50.expect("a median");
    assert!((p50 - 0.2).abs() <= 0.01 * 0.2, "{p50}");
    let expected = Series {
        points: vec![
            point(NOON + 1.5, Some(1.0), 0.0123, &None),
            point(NOON + 2.5, None, 0.0, &cause),
            point(NOON + 3.0, Some(0.777_777), 0.2, &cause),
            point(NOON + 3600.25, Some(0.0), 9.5, &cause),
        ],
        count: 3,
        unknown: 1,
        // The first stands for a second, until the unknown one; the others for five minutes each.
        uptime: Some((1.0 + 0.777_777 * 300.0) / 601.0),
        durations: Percentiles {
            p50: Some(p50),
            p95: Some(9.5),
            p99: Some(9.5),
        },
        incidents: vec![KeptIncident {
            from: NOON + 3.0,
            until: None,
            level: Level::MostlyUp,
            cause: cause.clone(),
        }],
        thinned: false,
        damaged: 0,
    };
    assert_eq!(found, expected);
    store.close().await;

    let store = Embedded::open(dir.path()).expect("the same store again");
    assert_eq!(
        everything(&store, "/Site/a").await,
        expected,
        "after a restart"
    );
    assert_eq!(everything(&store, "/Site/c").await, Series::default());
    assert_eq!(store.paths().await.expect("paths"), ["/Site/a", "/Site/b"]);
    let part = store
        .series(query("/Site/a", NOON + 2.5, NOON + 3600.25, 9))
        .await;
    let dates: Vec<_> = part
        .expect("a part")
        .points
        .iter()
        .map(|p| p.date)
        .collect();
    assert_eq!(dates, [NOON + 2.5, NOON + 3.0], "from is in, to is out");
}

#[tokio::test]
async fn any_sample_is_taken_and_any_question_answered() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for date in [f64::NAN, f64::INFINITY, -1e300, 0.0, 1e300] {
        let record = record("/odd", date, Some(1.0), date);
        store.append(vec![record]).await.expect("kept");
    }
    for (from, to) in [
        (f64::NAN, f64::NAN),
        (5.0, 1.0),
        (-1e300, 1e300),
        (NOON, NOON),
    ] {
        for most in [0, 1, 3, usize::MAX] {
            let series = store.series(query("/odd", from, to, most)).await;
            assert!(series.expect("an answer").points.len() <= most);
        }
    }
}

#[tokio::test]
async fn thinning_loses_no_outage_and_counts_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    let mut records = Vec::new();
    for i in 0..10_000_u32 {
        let status = if i == 4_321 { 0.0 } else { 1.0 };
        let duration = if i == 8_765 { 7.0 } else { 0.1 };
        let date = NOON + f64::from(i) * 30.0;
        records.push(record("/Site/a", date, Some(status), duration));
        records.push(record("/Site/b", date, Some(1.0), 0.1));
    }
    store.append(records).await.expect("kept");
    // Far wider than what there is: the spans follow what is there.
    let series = store
        .series(query("/Site/a", 0.0, 4e9, 400))
        .await
        .expect("a series");
    assert!(series.thinned, "10,000 are more than 400");
    assert!(
        (150..=400).contains(&series.points.len()),
        "{}",
        series.points.len()
    );
    assert_eq!(series.count, 10_000);
    // 30 s of all the time for which samples stand: the last one stands for five minutes.
    let up = 1.0 - 30.0 / (9_999.0 * 30.0 + 300.0);
    let uptime = series.uptime.expect("an uptime");
    assert!((uptime - up).abs() < 1e-12, "{uptime}");
    let has = |date: f64| {
        series
            .points
            .iter()
            .any(|p| p.date.to_bits() == date.to_bits())
    };
    assert!(has(NOON + 4_321.0 * 30.0), "the outage is there");
    assert!(has(NOON + 8_765.0 * 30.0), "the slow answer is there");
    assert!(
        has(NOON) && has(NOON + 9_999.0 * 30.0),
        "both ends are there"
    );
    assert!(
        series.points.is_sorted_by(|a, b| a.date < b.date),
        "oldest first, none twice"
    );
}

#[tokio::test]
async fn notes_and_small_values_are_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a new store");
    for i in 0..1_100 {
        let note = Note::new(format!("note {i}"), NOON + f64::from(i));
        store.import_note(note).await.expect("kept");
    }
    let notes = store
        .notes(None, (NOON, NOON + 1_050.0))
        .await
        .expect("notes");
    assert_eq!(notes.len(), 1_000, "the newest thousand");
    assert_eq!(notes[0].message(), "note 50", "oldest first");
    assert_eq!(
        notes[999].message(),
        "note 1049",
        "up to, but without, the end"
    );

    assert_eq!(store.state_get("mood").await.expect("nothing"), None);
    store.state_set("mood", "optimist").await.expect("kept");
    store.state_set("mood", "pessimist").await.expect("kept");
    let mood = store.state_get("mood").await.expect("something");
    assert_eq!(mood.as_deref(), Some("pessimist"));
}
