//! What a feed writes, and to which targets.

use std::time::Duration;

use bson::{Bson, doc};
use futures_util::TryStreamExt;
use up_core::Note;
use up_history::mongo::{Drained, Feed};
use up_tests::mongod::Mongod;

use crate::site::{
    NOON, PATIENCE, append, check_exactly_once, collection, count, feed, open, record, series,
    until_all_is_there,
};

/// Our database can be read by the original Up, which expects `up`, `date` and `duration` of every
/// document in `statuses` to be numbers, and averages them.
#[tokio::test]
async fn documents_are_the_originals_with_fields_added() {
    let mongod = Mongod::start();
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    append(&store, series("/before", 0, 5)).await;
    let feed = feed(&store, &mongod.uri());
    let samples = vec![
        record("/Site", NOON + 0.5, Some(1.0)),
        record("/Site", NOON + 1.5, Some(0.0)),
        record("/Site", NOON + 2.5, Some(1.0 / 3.0)),
        record("/Site", NOON + 3.5, None),
    ];
    append(&store, samples).await;
    let (message, date) = ("a remark".to_owned(), NOON + 4.25);
    store
        .import_note(Note::new(message, date))
        .await
        .expect("kept");
    until_all_is_there(&feed).await;

    let uri = mongod.uri();
    let statuses = collection(&uri, "statuses").await;
    let found = statuses
        .find(doc! {})
        .sort(doc! { "date": 1 })
        .await
        .expect("an answer");
    let found: Vec<_> = found.try_collect().await.expect("documents");
    assert_eq!(
        found.len(),
        3,
        "unknowns, and what was there before, are not among them"
    );
    for (document, up) in found.iter().zip([1.0, 0.0, 1.0 / 3.0]) {
        assert_eq!(document.get("path"), Some(&Bson::from("/Site")));
        assert_eq!(document.get("up"), Some(&Bson::from(up)));
        assert_eq!(document.get("duration"), Some(&Bson::from(0.125)));
        let date = document.get_f64("date").expect("a double");
        let at = document.get_datetime("at").expect("a BSON date");
        assert_eq!(at.timestamp_millis(), (date * 1e3) as i64);
        assert_eq!(document.get("agent"), Some(&Bson::from("agent")));
    }
    assert!(found[0].get("cause").is_none(), "what is up needs no cause");
    let cause = found[1].get_document("cause").expect("a cause");
    assert_eq!(
        cause,
        &doc! { "text": "no answer in 10 s", "code": "timeout" }
    );

    let unknowns = collection(&uri, "unknowns").await;
    let unknown = unknowns
        .find_one(doc! {})
        .await
        .expect("an answer")
        .expect("one");
    assert_eq!(unknown.get("up"), Some(&Bson::Null));
    assert_eq!(unknown.get("date"), Some(&Bson::from(NOON + 3.5)));

    let notes = collection(&uri, "annotations").await;
    let note = notes
        .find_one(doc! {})
        .await
        .expect("an answer")
        .expect("one");
    assert_eq!(note.get("message"), Some(&Bson::from("a remark")));
    assert_eq!(note.get("date"), Some(&Bson::from(NOON + 4.25)));
    feed.stop().await;
}

#[tokio::test]
async fn two_targets_are_fed_and_one_that_is_down_hinders_nobody() {
    let (first, mut second) = (Mongod::start(), Mongod::start());
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let one = feed(&store, &first.uri());
    let other = feed(&store, &second.uri());
    append(&store, series("/a", 0, 100)).await;
    until_all_is_there(&one).await;
    until_all_is_there(&other).await;
    second.kill9();
    append(&store, series("/a", 100, 200)).await;
    until_all_is_there(&one).await;
    check_exactly_once(&first.uri(), "/a", 200).await;
    second.start_again();
    until_all_is_there(&other).await;
    check_exactly_once(&second.uri(), "/a", 200).await;
}

/// A running Up, and a one-shot check of the same configuration beside it: two processes with one
/// store and one target.
#[tokio::test]
async fn two_processes_feed_one_target() {
    let mongod = Mongod::start();
    let dir = tempfile::tempdir().expect("a folder");
    let (running, checking) = (open(dir.path()), open(dir.path()));
    let feed = feed(&running, &mongod.uri());
    for round in 0..5 {
        let once = Feed::prepare(&checking, &mongod.uri(), "up", "agent").expect("a target");
        append(&running, series("/running", round * 500, round * 500 + 500)).await;
        append(
            &checking,
            series("/checking", round * 500, round * 500 + 500),
        )
        .await;
        let drained = once.drain(PATIENCE).await;
        assert_eq!(
            drained,
            Drained {
                left: 0,
                trouble: None
            }
        );
    }
    until_all_is_there(&feed).await;
    check_exactly_once(&mongod.uri(), "/running", 2_500).await;
    check_exactly_once(&mongod.uri(), "/checking", 2_500).await;
}

/// After a reload, the new feed of a target that stays starts before the old one ends.
#[tokio::test]
async fn a_feed_takes_over_without_a_gap() {
    let mongod = Mongod::start();
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let mut now = feed(&store, &mongod.uri());
    for round in 0..10 {
        append(&store, series("/a", round * 50, round * 50 + 50)).await;
        let next = feed(&store, &mongod.uri());
        tokio::spawn(now.stop());
        now = next;
    }
    until_all_is_there(&now).await;
    check_exactly_once(&mongod.uri(), "/a", 500).await;
    now.stop().await;
    append(&store, series("/a", 500, 600)).await;
    let later = feed(&store, &mongod.uri());
    until_all_is_there(&later).await;
    check_exactly_once(&mongod.uri(), "/a", 500).await;
}

#[tokio::test]
async fn history_is_indexed() {
    let mongod = Mongod::start();
    let dir = tempfile::tempdir().expect("a folder");
    let feed = feed(&open(dir.path()), &mongod.uri());
    until_all_is_there(&feed).await;
    for (name, index) in [
        ("statuses", "up_path_date"),
        ("unknowns", "up_path_date"),
        ("annotations", "up_date"),
    ] {
        let collection = collection(&mongod.uri(), name).await;
        let indexed = async {
            while !collection
                .list_index_names()
                .await
                .is_ok_and(|names| names.iter().any(|name| name == index))
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, indexed).await;
        assert!(waited.is_ok(), "{name} has {index}");
    }
    assert_eq!(count(&mongod.uri(), "statuses", doc! {}).await, 0);
}
