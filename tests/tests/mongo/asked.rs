//! Reading the history from a MongoDB: documents of the original Up, our own, and whether both
//! stores agree.

use std::time::Duration;

use bson::{Bson, Document, doc};
use tokio::time::Instant;
use up_core::{CauseCode, Note};
use up_history::mongo::MongoStore;
use up_history::{KeptCause, Point, Query, Series, Store, StoreErrorCode};
use up_tests::mongod::Mongod;

use crate::site::{NOON, append, collection, feed, open, record, until_delivered};

fn query(path: &str, from: f64, to: f64, most: usize) -> Query {
    let path = path.to_owned();
    Query {
        path,
        from,
        to,
        most,
    }
}

fn store(uri: &str) -> MongoStore {
    MongoStore::open(uri, "up").expect("a target")
}

/// Documents that the original Up wrote, in MongoDB's extended JSON.
fn golden(collection: &str) -> Vec<Document> {
    let text = include_str!("../../golden/mongo_documents.json");
    let all: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let all = all[collection].as_array().expect("documents").clone();
    all.iter().map(document).collect()
}

fn document(json: &serde_json::Value) -> Document {
    let fields = json.as_object().expect("an object").iter();
    fields
        .map(|(key, value)| (key.clone(), bson(value)))
        .collect()
}

fn bson(json: &serde_json::Value) -> Bson {
    if let Some(text) = json.as_str() {
        return text.into();
    }
    let (kind, text) = json
        .as_object()
        .and_then(|o| o.iter().next())
        .expect("a typed value");
    let text = text.as_str().expect("text");
    match kind.as_str() {
        "$oid" => bson::oid::ObjectId::parse_str(text).expect("an id").into(),
        "$numberDouble" => text.parse::<f64>().expect("a double").into(),
        "$numberInt" => text.parse::<i32>().expect("an integer").into(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_database_of_the_original_reads_as_it_is() {
    let mongod = Mongod::start();
    for name in ["statuses", "annotations"] {
        let collection = collection(&mongod.uri(), name).await;
        collection.insert_many(golden(name)).await.expect("written");
    }
    let store = store(&mongod.uri());
    let series = async |path| {
        store
            .series(query(path, 0.0, 4e9, 100))
            .await
            .expect("a series")
    };
    let point = |date, status, duration| Point {
        date,
        status: Some(status),
        duration,
        cause: None,
    };
    let mixed = series("/Site/Mixed").await;
    let third = 0.333_333_333_333_333_3;
    let expected = point(1_795_331_460.156_552, third, 0.003_852_844_238_281_25);
    assert_eq!(mixed.points, [expected]);
    assert_eq!((mixed.count, mixed.uptime), (1, Some(third)));
    let integer = series("/Site/Mixed/404").await;
    let expected = point(1_795_331_460.158_117_5, 0.0, 0.001_386_165_618_896_484_4);
    assert_eq!(integer.points, [expected], "0 as an integer");
    assert_eq!(series("/Site/None").await, Series::default());
    let notes = store.notes(None, (0.0, 4e9)).await.expect("notes");
    let (message, date) = ("first note".to_owned(), 1_795_331_460.140_281_2);
    assert_eq!(notes, [Note::new(message, date)]);
    let paths = store.paths().await.expect("paths");
    assert_eq!(paths.len(), 9);
    assert_eq!(
        paths[..3],
        ["/Site", "/Site/Good", "/Site/Good/ok"],
        "sorted"
    );
}

#[tokio::test]
async fn what_others_left_there_does_no_harm() {
    let mongod = Mongod::start();
    let statuses = collection(&mongod.uri(), "statuses").await;
    let odd = [
        doc! { "path": "/a", "up": "yes", "date": 1.0, "duration": 1.0 },
        doc! { "path": "/a", "up": 1, "date": "today", "duration": 1.0 },
        doc! { "path": "/a", "up": 7, "date": 1.0, "duration": 1.0 },
        doc! { "path": "/a", "up": f64::NAN, "date": 1.0, "duration": 1.0 },
        doc! { "path": "/a", "date": 1.0 },
        doc! { "path": 5, "up": 1, "date": 1.0 },
        doc! { "path": "/a", "up": 1_i64, "date": 2, "cause": "a word" },
        doc! { "path": "/a", "up": 0, "date": 3, "cause": { "code": "newer", "text": "t" } },
    ];
    statuses.insert_many(odd).await.expect("written");
    let store = store(&mongod.uri());
    for most in [0, 1, 100] {
        let series = store
            .series(query("/a", 0.0, 10.0, most))
            .await
            .expect("a series");
        assert_eq!(
            (series.count, series.uptime),
            // Up for a second, then down for seven.
            (2, Some(0.125)),
            "{most} at most"
        );
        assert!(series.points.len() <= most);
    }
    let series = store
        .series(query("/a", 0.0, 10.0, 100))
        .await
        .expect("a series");
    let cause = KeptCause::new(None, "t");
    assert_eq!(series.points[1].cause, Some(cause), "a newer Up's code");
    assert_eq!(store.paths().await.expect("paths"), ["/a"]);
}

/// The same samples give the same answer in both stores, downsampled or not.
#[tokio::test]
async fn both_stores_answer_alike() {
    let mongod = Mongod::start();
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let _feed = feed(&embedded, &mongod.uri());
    let samples = (0..5_000_u32).map(|i| {
        let status = match i % 97 {
            13 => None,
            14 => Some(0.0),
            15..20 => Some(f64::from(i % 4) / 4.0),
            _ => Some(1.0),
        };
        record("/a", NOON + f64::from(i) * 7.77, status)
    });
    append(&embedded, samples.collect()).await;
    let (message, date) = ("a remark".to_owned(), NOON);
    embedded
        .import_note(Note::new(message, date))
        .await
        .expect("kept");
    let mongo = store(&mongod.uri());
    until_delivered(&embedded, &mongo).await;
    for (from, to, most) in [
        (0.0, 4e9, 10_000),
        (0.0, 4e9, 5_000),
        (0.0, 4e9, 4_999),
        (0.0, 4e9, 400),
        (0.0, 4e9, 3),
        (NOON + 777.0, NOON + 20_000.0, 100),
        (NOON + 7.77, NOON + 15.54, 100),
        (5.0, 1.0, 100),
    ] {
        let query = query("/a", from, to, most);
        let ours = embedded.series(query.clone()).await.expect("a series");
        let theirs = mongo.series(query.clone()).await.expect("a series");
        assert_eq!(ours.points, theirs.points, "{query:?}");
        assert_eq!(
            (ours.count, ours.thinned),
            (theirs.count, theirs.thinned),
            "{query:?}"
        );
        let difference = ours.uptime.unwrap_or(-1.0) - theirs.uptime.unwrap_or(-1.0);
        assert!(difference.abs() < 1e-12, "{query:?}: {difference}");
        assert_eq!(ours.unknown, theirs.unknown, "{query:?}");
        assert_eq!(ours.durations, theirs.durations, "{query:?}");
        assert_eq!(ours.incidents, theirs.incidents, "{query:?}");
    }
    let cause = mongo
        .series(query("/a", 0.0, 4e9, 10_000))
        .await
        .expect("a series");
    let cause = cause.points[14].cause.as_ref().expect("a cause");
    assert_eq!(cause.code, Some(CauseCode::Timeout));
    assert_eq!(embedded.paths().await.ok(), mongo.paths().await.ok());
    let notes = async |store: &dyn Store| store.notes(None, (0.0, 4e9)).await.expect("notes");
    assert_eq!(notes(&embedded).await, notes(&mongo).await);
}

#[tokio::test]
async fn a_question_is_answered_in_time_or_not_at_all() {
    let mut mongod = Mongod::start();
    let store = store(&mongod.uri());
    assert_eq!(
        store.name(),
        format!("MongoDB 127.0.0.1:{}/up", mongod.port())
    );
    store.paths().await.expect("an answer");
    mongod.freeze();
    let begin = Instant::now();
    let error = store.paths().await.expect_err("no answer");
    assert_eq!(error.code, StoreErrorCode::Unavailable, "{error}");
    assert!(begin.elapsed() < Duration::from_secs(20), "{error}");
    mongod.thaw();
    mongod.kill9();
    let error = store.notes(None, (0.0, 1.0)).await.expect_err("no answer");
    assert_eq!(error.code, StoreErrorCode::Unavailable, "{error}");
    mongod.start_again();
    store.paths().await.expect("it answers again");
}
