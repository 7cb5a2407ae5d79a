//! What a person is told of the work that goes on behind the history.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bson::{Document, doc};
use up_history::mongo::{BackfillProgress, Feed, MongoStore};
use up_history::{BackgroundTask, BackgroundWork, Store};
use up_tests::mongod::Mongod;

use crate::site::{append, collection, open, record, roll_up};

fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs_f64()
}

#[tokio::test]
async fn rollups_are_said_to_be_made_until_all_paths_have_them() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let store = MongoStore::open(&uri, "up").expect("a target");
    let work = async || store.background_work().await.expect("an answer");
    // More paths than one step takes.
    let begin = now() - 2.0 * 86_400.0;
    let one = |number: u32| {
        doc! { "path": format!("/R/{number}"), "up": 1.0, "date": begin, "duration": 0.1 }
    };
    let documents: Vec<Document> = (0..60).map(one).collect();
    let statuses = collection(&uri, "statuses").await;
    statuses.insert_many(documents).await.expect("written");
    assert_eq!(work().await, [], "nobody makes rollups");

    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    // First, writers are told up to when samples will be rolled up, and given time to follow.
    roll_up(&mut feed, 0).await;
    assert_eq!(work().await, [], "nothing is rolled up yet");
    let more = feed.roll_up(Duration::from_mins(2)).await.expect("a step");
    assert!(more, "one step is not enough");
    let expected = BackgroundWork {
        task: BackgroundTask::RollUp,
        done: 50,
        all: 60,
    };
    assert_eq!(work().await, [expected]);
    roll_up(&mut feed, 120).await;
    assert_eq!(work().await, [], "it is done");
}

/// How far a history has been copied to a new MongoDB, at first and at the end. `age`: of its samples,
/// in seconds.
async fn copied(age: f64) -> [Option<(u64, u64)>; 2] {
    let mongod = Mongod::start();
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let begun = now();
    let records = ["/a", "/b", "/c"].map(|path| record(path, begun - age, Some(1.0)));
    append(&embedded, records.into()).await;
    let uri = mongod.uri();
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    let store = MongoStore::open(&uri, "up").expect("a target");
    let progress = async || {
        let read = BackfillProgress::read(&embedded, store.key()).await;
        read.expect("read").map(|found| (found.done, found.all))
    };
    feed.backfill(begun).await.expect("begun");
    let first = progress().await;
    while feed.backfill(begun + 200.0).await.expect("a page") {}
    [first, progress().await]
}

#[tokio::test]
async fn only_what_is_older_than_the_target_is_said_to_be_copied() {
    assert_eq!(copied(3_600.0).await, [Some((0, 3)), Some((3, 3))]);
    assert_eq!(copied(1.0).await, [Some((3, 3)), Some((3, 3))], "no gap");
}
