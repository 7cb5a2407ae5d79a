//! What a target is given besides what is written now: its indexes, how long it keeps what Ups wrote,
//! and what was stored before it was a target.

use std::time::Duration;

use bson::{Bson, DateTime, Document, doc};
use futures_util::TryStreamExt;
use mongodb::Client;
use tokio::time::{Instant, sleep};
use up_core::{Kind, Note, Record};
use up_history::Embedded;
use up_history::mongo::{Agent, Feed, MongoRetention};
use up_tests::mongod::Mongod;

use crate::site::{
    NOON, PATIENCE, append, collection, count, feed, open, record, series, until_all_is_there,
};

/// The indexes of a collection: their names, and after how many seconds each removes documents.
async fn indexes(uri: &str, of: &str) -> Vec<(String, Option<u64>)> {
    let found = collection(uri, of).await.list_indexes().await;
    // A collection that is not there yet has no list.
    let Ok(found) = found else { return Vec::new() };
    let found: Vec<_> = found.try_collect().await.expect("indexes");
    let mut named: Vec<_> = found
        .into_iter()
        .map(|index| {
            let options = index.options.expect("options");
            let after = options.expire_after.map(|after| after.as_secs());
            (options.name.expect("a name"), after)
        })
        .collect();
    named.sort();
    named
}

async fn until_indexed(uri: &str, of: &str, expected: &[(&str, Option<u64>)]) {
    let late = Instant::now() + PATIENCE;
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, after)| ((*name).to_owned(), *after))
        .collect();
    loop {
        let found = indexes(uri, of).await;
        if found == expected {
            return;
        }
        assert!(Instant::now() < late, "{of}: {found:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

fn keeping(store: &Embedded, uri: &str, statuses: Option<u64>) -> Feed {
    let keep = MongoRetention {
        ours: Some(Duration::from_secs(100)),
        statuses: statuses.map(Duration::from_secs),
    };
    let agent = Agent {
        keep,
        ..Agent::from("agent")
    };
    Feed::spawn(store.clone(), uri, "up", agent).expect("a target")
}

#[tokio::test]
async fn indexes_are_named_and_only_our_documents_expire() {
    let mongod = Mongod::start_with(&["--setParameter", "ttlMonitorSleepSecs=1"]);
    let uri = mongod.uri();
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    // The original's, as old as ours.
    let old = doc! { "path": "/Old", "up": 1, "date": NOON - 1e8, "duration": 0.1 };
    collection(&uri, "statuses")
        .await
        .insert_one(old)
        .await
        .expect("written");
    let ours =
        doc! { "path": "/Ours", "up": 1.0, "date": NOON - 1e8, "at": DateTime::from_millis(0) };
    collection(&uri, "statuses")
        .await
        .insert_one(ours)
        .await
        .expect("written");

    let first = keeping(&store, &uri, None);
    let plain = [("_id_", None), ("up_path_date", None)];
    let expiring = |after| {
        [
            ("_id_", None),
            ("up_expire", Some(after)),
            ("up_path_date", None),
        ]
    };
    until_indexed(&uri, "unknowns", &expiring(100)).await;
    until_indexed(&uri, "agents", &[("_id_", None), ("up_expire", Some(100))]).await;
    let rollups = [
        ("_id_", None),
        ("up_again", None),
        ("up_agent_day", None),
        ("up_day", None),
        ("up_expire", Some(100)),
        ("up_late", None),
    ];
    until_indexed(&uri, "rollups", &rollups).await;
    until_indexed(&uri, "runs", &[("_id_", None), ("up_expire", Some(100))]).await;
    until_indexed(&uri, "annotations", &[("_id_", None), ("up_date", None)]).await;
    until_indexed(&uri, "statuses", &plain).await;
    assert_eq!(
        count(&uri, "statuses", doc! {}).await,
        2,
        "nothing was asked for"
    );
    first.stop().await;

    let second = keeping(&store, &uri, Some(90_000));
    until_indexed(&uri, "statuses", &expiring(90_000)).await;
    second.stop().await;
    // Another time takes the place of the one that is there.
    let third = keeping(&store, &uri, Some(80_000));
    until_indexed(&uri, "statuses", &expiring(80_000)).await;
    let late = Instant::now() + PATIENCE;
    while count(&uri, "statuses", doc! {}).await > 1 {
        assert!(Instant::now() < late, "ours is never removed");
        sleep(Duration::from_millis(100)).await;
    }
    let left = collection(&uri, "statuses").await.find_one(doc! {}).await;
    let left = left.expect("an answer").expect("one");
    assert_eq!(left.get("path"), Some(&Bson::from("/Old")));
    third.stop().await;
}

#[tokio::test]
async fn a_replica_set_acknowledges_by_its_majority() {
    let mongod = Mongod::start_with(&["--replSet", "rs"]);
    let host = format!("127.0.0.1:{}", mongod.port());
    let set = doc! { "_id": "rs", "members": [{ "_id": 0, "host": &host }] };
    let direct = format!("mongodb://{host}/?directConnection=true");
    let client = Client::with_uri_str(&direct).await.expect("a client");
    let admin = client.database("admin");
    admin
        .run_command(doc! { "replSetInitiate": set })
        .await
        .expect("a set");
    let uri = format!("mongodb://{host}/?replicaSet=rs");
    let database = Client::with_uri_str(&uri)
        .await
        .expect("a client")
        .database("up");
    database
        .run_command(doc! { "profile": 2 })
        .await
        .expect("a log of all commands");
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let feed = feed(&store, &uri);
    append(&store, series("/R", 0, 10)).await;
    until_all_is_there(&feed).await;
    let written = database
        .collection::<Document>("system.profile")
        .find_one(doc! { "ns": "up.statuses", "op": "insert" })
        .await;
    let written = written.expect("an answer").expect("one");
    let command = written.get_document("command").expect("a command");
    let concern = command.get_document("writeConcern").expect("a concern");
    assert_eq!(concern.get("w"), Some(&Bson::from("majority")), "{concern}");
    assert_eq!(concern.get("j"), Some(&Bson::from(true)), "{concern}");
    feed.stop().await;
}

/// What was stored before, in whole hours before noon.
fn before() -> Vec<std::sync::Arc<Record>> {
    let mut all = Vec::new();
    for path in ["/R/a", "/R/b"] {
        for i in 0..3_000_u32 {
            let date = NOON - 86_400.0 + f64::from(i) * 7.001_3;
            let status = (!i.is_multiple_of(100)).then_some(f64::from(i % 2));
            all.push(record(path, date, status));
        }
    }
    all
}

/// Pages of the backfill until nothing is left, or so many.
async fn fill(feed: &mut Feed, now: f64, most: usize) -> usize {
    let mut pages = 0;
    while pages < most && feed.backfill(now).await.expect("a page") {
        pages += 1;
    }
    pages
}

#[tokio::test]
async fn what_was_stored_before_is_brought_over_once() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    append(&store, before()).await;
    store
        .import_note(Note::new("long ago", NOON - 5_000.0))
        .await
        .expect("kept");
    let read = Record {
        kind: Kind::FLEET,
        ..(*record("/R/fleet/x", NOON - 100.0, Some(1.0))).clone()
    };
    append(&store, vec![read.into()]).await;
    // A third of it is there already: this file was once a target's, and the target was lost in part.
    // A feed that runs would begin the backfill by the clock of this machine.
    let prepare = || Feed::prepare(&store, &uri, "up", "agent").expect("a target");
    let there = prepare();
    append(&store, before().split_off(4_000)).await;
    let drained = there.drain(PATIENCE).await;
    assert_eq!(drained.left, 0, "{:?}", drained.trouble);

    let mut feed = prepare();
    assert_eq!(
        fill(&mut feed, NOON, 10).await,
        0,
        "checks may be under way"
    );
    let pages = fill(&mut feed, NOON + 121.0, 4).await;
    assert_eq!(pages, 4, "there is more");
    drop(feed);
    // After a restart it goes on.
    let mut feed = prepare();
    let pages = fill(&mut feed, NOON + 500.0, 1_000).await;
    assert!((3..200).contains(&pages), "{pages} pages");
    assert_eq!(fill(&mut feed, NOON + 900.0, 10).await, 0, "done");
    assert_eq!(fill(&mut prepare(), NOON + 900.0, 10).await, 0, "once");

    assert_eq!(count(&uri, "statuses", doc! {}).await, 2 * 2_970);
    assert_eq!(count(&uri, "unknowns", doc! {}).await, 2 * 30);
    assert_eq!(count(&uri, "annotations", doc! {}).await, 1);
    let statuses = collection(&uri, "statuses").await;
    let fleet = statuses
        .count_documents(doc! { "path": "/R/fleet/x" })
        .await;
    assert_eq!(
        fleet.expect("a number"),
        0,
        "what was read from a MongoDB is in one"
    );
    let one = statuses.find_one(doc! { "path": "/R/a", "up": 0.0 }).await;
    let one = one.expect("an answer").expect("one");
    assert_eq!(one.get("agent"), Some(&Bson::from("agent")));
    let cause = one.get_document("cause").expect("a cause");
    assert_eq!(cause.get("code"), Some(&Bson::from("timeout")));
}
