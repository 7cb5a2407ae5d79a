//! An export is whole, from whichever store it comes, and each path has the uptime of its own store.

use up_core::{Detail, Kind, Sample, Status};
use up_history::{Embedded, HistorySummary, Point};

use super::*;

mod incident_pages;
mod long_view;

const NOON: f64 = 1_795_348_800.0;

/// A store that does not answer.
fn away(dir: &Path) -> Arc<dyn Store> {
    let store = Embedded::open(dir).expect("a store");
    let _closing = store.close();
    Arc::new(store)
}

fn record(date: f64, status: f64) -> Arc<Record> {
    record_of("/a", date, status)
}

fn record_of(path: &str, date: f64, status: f64) -> Arc<Record> {
    Arc::new(Record {
        path: path.into(),
        kind: Kind("http"),
        sample: Sample {
            status: Status::new(status),
            date,
            duration: 0.1,
            cause: None,
            detail: Detail::default(),
        },
    })
}

async fn exported(stores: &[Arc<dyn Store>], from: f64, to: f64) -> (Vec<f64>, usize) {
    let query = Query {
        path: "/a".into(),
        from,
        to,
        most: 1,
    };
    let (mut dates, mut largest) = (Vec::new(), 0);
    let take = |points: &[Point]| {
        largest = largest.max(points.len());
        dates.extend(points.iter().map(|point| point.date));
        Ok(())
    };
    export_history(stores, &query, take)
        .await
        .expect("exported");
    (dates, largest)
}

#[tokio::test]
async fn an_export_has_every_sample_once() {
    let dirs = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let store = Embedded::open(dirs[0].path()).expect("a store");
    // Years apart, then a day full of them, then very many of one moment.
    let dense = (0..86_400).map(|i| NOON + f64::from(i) + 0.25);
    let moment = std::iter::repeat_n(NOON + 90_000.5, 30_000);
    let expected: Vec<f64> = [3_600.0, NOON - 7e7]
        .into_iter()
        .chain(dense)
        .chain(moment)
        .collect();
    let records = expected.iter().map(|date| record(*date, 1.0)).collect();
    store.append(records).await.expect("kept");
    let stores: Vec<Arc<dyn Store>> = vec![away(dirs[1].path()), Arc::new(store)];
    let (dates, largest) = exported(&stores, 0.0, NOON + 1e6).await;
    assert_eq!(dates.len(), expected.len());
    assert!(dates == expected, "every sample once, oldest first");
    assert!(largest <= 30_000, "{largest} were held at a time");
    let (dates, _) = exported(&stores, NOON + 0.25, NOON + 10.25).await;
    assert_eq!(dates.len(), 10, "from is in, to is out");
}

#[tokio::test]
async fn an_export_as_json_is_one_object_with_every_sample() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(dir.path()).expect("a store");
    let check = async |stores: &[Arc<dyn Store>], expected: &[f64]| {
        let query = Query {
            path: "/a".into(),
            from: NOON,
            to: NOON + 600.0,
            most: 0,
        };
        let mut out = Vec::new();
        export_json(stores, &query, &mut out)
            .await
            .expect("exported");
        let found: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(
            (&found["schema"], &found["path"]),
            (&1.into(), &"/a".into())
        );
        let samples = found["samples"].as_array().expect("samples");
        let dates: Vec<f64> = samples
            .iter()
            .filter_map(|sample| sample["date"].as_f64())
            .collect();
        assert_eq!(dates, expected);
    };
    let dates = [NOON, NOON + 60.0, NOON + 120.0];
    let records = dates.iter().map(|date| record(*date, 1.0)).collect();
    store.append(records).await.expect("kept");
    check(&[Arc::new(store)], &dates).await;
    let empty = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(empty.path()).expect("a store");
    check(&[Arc::new(store)], &[]).await;
}

#[tokio::test]
async fn many_paths_have_their_uptimes_in_the_order_of_the_question() {
    let dirs = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let store = Embedded::open(dirs[0].path()).expect("a store");
    // Down in the first hour of two, each minute; and never down.
    let records = (0..120).flat_map(|minute| {
        let date = NOON + f64::from(minute) * 60.0;
        let up = if minute < 60 { 0.0 } else { 1.0 };
        [record_of("/a", date, up), record_of("/b", date, 1.0)]
    });
    store.append(records.collect()).await.expect("kept");
    let stores: Vec<Arc<dyn Store>> = vec![away(dirs[1].path()), Arc::new(store)];
    let there = HistoryRoutes::new(stores[1..].to_vec(), None);
    let all = HistoryRoutes::new(stores, None);
    let paths = ["/b", "/gone", "/a"].map(str::to_owned).to_vec();
    let uptimes = ask_uptimes(&all, paths, NOON + 7_200.0, &[7_200.0, 3_600.0]);
    let found = uptimes.await.expect("answered");
    let figures = |windows: &Vec<HistorySummary>| {
        let figures = windows.iter().map(|window| (window.uptime, window.known));
        figures.collect::<Vec<_>>()
    };
    let (hour, nothing) = ((Some(1.0), 3_600.0), (None, 0.0));
    let expected = [
        vec![(Some(1.0), 7_200.0), hour],
        vec![nothing, nothing],
        vec![(Some(0.5), 7_200.0), hour],
    ];
    assert_eq!(found.iter().map(figures).collect::<Vec<_>>(), expected);
    // Nobody knows what the store that does not answer has of it.
    let paths = vec!["/gone".to_owned()];
    let gone = ask_uptimes(&all, paths, NOON, &[3_600.0]).await;
    assert!(gone.is_err());
    let paths = vec!["/gone".to_owned()];
    let gone = ask_uptimes(&there, paths, NOON, &[3_600.0]).await;
    assert_eq!(gone.expect("answered"), [vec![HistorySummary::default()]]);
}
