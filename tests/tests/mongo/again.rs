//! What a person may ask of the rollups: how far they are, and to make them anew.

use std::sync::{Arc, Mutex};

use bson::doc;
use mongodb::Client;
use up_history::mongo::{Feed, MongoRetention, MongoStore};
use up_history::{IncidentQuery, Store as _};
use up_tests::mongod::Mongod;

use crate::answers::{DAY, insert, midnight, originals};
use crate::site::{collection, open, roll_up};

#[tokio::test]
async fn a_tree_is_rolled_up_again() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let begin = midnight() - 2.0 * DAY;
    for path in ["/R/a", "/R/a/b", "/R/a2"] {
        insert(&uri, originals(path, begin, 2)).await;
    }
    let store = MongoStore::open(&uri, "up").expect("a target");
    assert_eq!(store.rollups().await.expect("an answer"), None);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let mut feed = Feed::prepare(&embedded, &uri, "up", "desk").expect("a target");
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    let status = store.rollups().await.expect("an answer").expect("rollups");
    assert_eq!((status.done, status.all), (3, 3));
    assert_eq!((&*status.agent, status.late, status.again), ("desk", 0, 0));
    assert!(status.until > Some(begin + 2.0 * DAY));
    assert!(!status.is_counted, "there is no index");

    let rollups = collection(&uri, "rollups").await;
    let wrong = doc! { "$set": { "count": 1_i64 } };
    let days = doc! { "day": { "$exists": true } };
    rollups.update_many(days, wrong).await.expect("changed");
    // The one that made them has ended.
    let over = doc! { "$set": { "turn": 0_i64 } };
    let progress = doc! { "_id": "progress" };
    rollups.update_one(progress, over).await.expect("changed");
    let last = Arc::new(Mutex::new(None));
    let told = Arc::clone(&last);
    let report = move |progress| *told.lock().expect("a number") = Some(progress);
    let keep = MongoRetention::default();
    let done = store.rebuild(("laptop", keep), Some("/R/a"), report).await;
    done.expect("rebuilt");
    let progress = last.lock().expect("a number").expect("told");
    let expected = (4, 4);
    assert_eq!(
        (progress.done, progress.all),
        expected,
        "not those of /R/a2"
    );
    let overview = store.overview(begin, begin + 2.0 * DAY).await;
    let counts = overview.expect("an overview").into_iter().take(2);
    let counts: Vec<_> = counts.map(|path| (path.path, path.count)).collect();
    let expected = [("/R/a", 2_880), ("/R/a/b", 2_880)];
    let expected = expected.map(|(path, count)| (path.to_owned(), count));
    assert_eq!(counts, expected);
    let status = store.rollups().await.expect("an answer").expect("rollups");
    assert_eq!((&*status.agent, status.again), ("laptop", 0));
}

/// What lies behind a long time without samples is found by one question, not by one a day.
#[tokio::test]
async fn an_empty_stretch_costs_a_question() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let begin = midnight() - 4_000.0 * DAY;
    for days in [0.0, 1_500.0, 3_999.0] {
        insert(&uri, originals("/R/a", begin + days * DAY, 1)).await;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    let client = Client::with_uri_str(&uri).await.expect("a client");
    let database = client.database("up");
    let profile = database.run_command(doc! { "profile": 2 }).await;
    profile.expect("a log of all commands");
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    let store = MongoStore::open(&uri, "up").expect("a target");
    let page = IncidentQuery {
        path: "/R/a".into(),
        from: 0.0,
        to: 4e9,
        limit: 10,
        filter: None,
    };
    let incidents = store.incidents(page).await;
    assert!(incidents.expect("incidents").more > 10);
    let extent = store.extent("/R/a".into(), (0.0, 4e9)).await;
    let extent = extent.expect("an extent").expect("samples");
    assert_eq!(extent.count, 3 * 1_440);
    let log = database.collection::<bson::Document>("system.profile");
    let asked = log.count_documents(doc! {}).await.expect("a count");
    assert!(asked < 200, "{asked} questions");
}
