//! What is imported comes to the same rollups as what was recorded, and is not counted twice.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use up_core::{Kind, Record, Sample, Status};
use up_history::import::{ImportRequest, ImportedSample, stage};
use up_history::{DurationDetail, Embedded, HistorySummary, Point, Store};

use crate::{DAY, csv, days_ago, rows};

fn staged(file: &Path, path: &str) -> Vec<ImportedSample> {
    let request = ImportRequest {
        file,
        path: Some(path),
        now: up_engine::clock::now(),
    };
    let mut staged = stage(&request, &mut |_| {}).expect("a good file");
    staged.sort(0.0).expect("room for a temporary file");
    let mut all = Vec::new();
    loop {
        let step = staged.next_step().expect("they are there");
        if step.is_empty() {
            return all;
        }
        all.extend(step);
    }
}

fn record(sample: &ImportedSample) -> Arc<Record> {
    let Point {
        date,
        status,
        duration,
        ..
    } = sample.point;
    Arc::new(Record {
        path: Arc::clone(&sample.path),
        kind: Kind("http"),
        sample: Sample {
            status: status.and_then(Status::new),
            date,
            duration,
            cause: None,
            detail: up_core::Detail::new(),
        },
    })
}

async fn summaries(store: &Embedded, begin: f64) -> Vec<HistorySummary> {
    let spans = (0..6).map(|day| (begin + DAY * f64::from(day), begin + DAY * 7.0));
    let odd = [
        (begin + 5_000.0, begin + 2.3 * DAY),
        (0.0, begin + 400.0 * DAY),
    ];
    store
        .summaries(
            "/A".into(),
            spans.chain(odd).collect(),
            DurationDetail::Spread,
        )
        .await
        .expect("an answer")
}

/// Uptime is a sum of fractions, whose last digit depends on the order.
fn same(found: &[HistorySummary], expected: &[HistorySummary]) {
    for (found, expected) in found.iter().zip(expected) {
        let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-7,
            (a, b) => a == b,
        };
        assert!(
            close(found.uptime, expected.uptime),
            "{found:?} {expected:?}"
        );
        assert!(close(found.mean, expected.mean), "{found:?} {expected:?}");
        assert!(
            close(found.deviation, expected.deviation),
            "{found:?} {expected:?}"
        );
        let found = HistorySummary {
            uptime: expected.uptime,
            mean: expected.mean,
            deviation: expected.deviation,
            ..*found
        };
        assert_eq!(&found, expected);
    }
}

#[tokio::test]
async fn rollups_of_imported_samples_are_those_of_recorded_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = fastrand::Rng::with_seed(13);
    let begin = days_ago(6.0);
    let file = folder.path().join("f.csv");
    let rows = rows(begin, 7_000, &mut random);
    std::fs::write(&file, csv(&rows)).expect("a file");
    let all = staged(&file, "/A");
    assert!(all.is_sorted_by_key(|sample| sample.point.date as i64));
    let recorded = Embedded::open(&folder.path().join("recorded")).expect("a store");
    let records: Vec<_> = all.iter().map(record).collect();
    for records in records.chunks(500) {
        recorded.append(records.to_vec()).await.expect("kept");
    }
    while recorded.roll_up_step().await.expect("rolled up") {}
    let expected = summaries(&recorded, begin).await;
    assert_eq!(expected[7].count + expected[7].unknown, 7_000);

    // Imported: alone, and around samples that were recorded and rolled up before.
    for recorded in [0, 3_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Embedded::open(folder.path()).expect("a store");
        let from = 2_000;
        for records in records[from..from + recorded].chunks(500) {
            store.append(records.to_vec()).await.expect("kept");
        }
        while store.roll_up_step().await.expect("rolled up") {}
        let (mut added, mut present) = (0, 0);
        for step in all.chunks(900) {
            let step = store.import(step.to_vec()).await.expect("kept");
            added += step.added;
            present += step.present;
        }
        assert_eq!((added, present), (7_000 - recorded as u64, recorded as u64));
        same(&summaries(&store, begin).await, &expected);
        while store.roll_up_step().await.expect("rolled up") {}
        same(&summaries(&store, begin).await, &expected);
        store.rebuild(|_| {}).await.expect("made anew");
        same(&summaries(&store, begin).await, &expected);
    }
}

#[tokio::test]
async fn an_import_is_not_doubled_when_its_samples_were_removed_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = fastrand::Rng::with_seed(14);
    let begin = days_ago(6.0);
    let file = folder.path().join("f.csv");
    std::fs::write(&file, csv(&rows(begin, 7_000, &mut random))).expect("a file");
    let all = staged(&file, "/A");
    let store = Embedded::open(folder.path()).expect("a store");
    store.import(all.clone()).await.expect("kept");
    while store.roll_up_step().await.expect("rolled up") {}
    let expected = summaries(&store, begin).await;
    // Samples are removed only when as many later days have been recorded.
    for day in 0..4 {
        let mut sample = all[0].clone();
        sample.path = "/R".into();
        sample.point.date = days_ago(f64::from(day));
        store.append(vec![record(&sample)]).await.expect("kept");
    }
    let day = Duration::from_hours(24);
    let now = up_engine::clock::now();
    store.prune(now, 2 * day, 400 * day).await.expect("pruned");
    let pruned = store.pruned_before().await.expect("a mark");
    assert!(pruned > begin, "samples were removed");
    let step = store.import(all.clone()).await.expect("an answer");
    assert_eq!((step.added, step.present + step.rolled_up), (0, 7_000));
    assert!(step.rolled_up > 2_000, "{step:?}");
    let whole = summaries(&store, begin).await;
    same(&whole[7..], &expected[7..]);
    // Another path has no rollups there: its samples are added to them.
    let other: Vec<_> = all
        .iter()
        .map(|sample| ImportedSample {
            path: "/B".into(),
            ..sample.clone()
        })
        .collect();
    let step = store.import(other.clone()).await.expect("kept");
    assert_eq!((step.added, step.rolled_up), (7_000, 0));
    let step = store.import(other).await.expect("an answer");
    assert_eq!((step.added, step.present), (0, 7_000));
}
