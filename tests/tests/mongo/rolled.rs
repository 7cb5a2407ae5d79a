//! The rollups of a MongoDB: they are made of whatever lies there, and no answer is ever wrong, whether
//! they are there, in part, or not.

use std::time::Duration;

use bson::{Document, doc};
use mongodb::Client;
use up_history::mongo::Feed;
use up_tests::mongod::Mongod;

use crate::answers::{DAY, answers, insert, midnight, originals};
use crate::site::{PATIENCE, append, collection, count, feed, open, record, roll_up, until_index};
use crate::users::Users;

fn days_of(count: u64) -> Document {
    doc! { "day": { "$exists": true }, "samples": { "$gte": count.cast_signed() } }
}

#[tokio::test]
async fn a_database_of_the_originals_is_rolled_up() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let begin = midnight() - 5.0 * DAY;
    for path in ["/R/a", "/R/b"] {
        insert(&uri, originals(path, begin, 5)).await;
    }
    let span = (begin - 3.0 * DAY, begin + 6.0 * DAY);
    let before = answers(&uri, span).await;
    assert_eq!(before.parts[0][0].summary.count, 5 * 1_440);

    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    roll_up(&mut feed, 0).await;
    assert_eq!(
        count(&uri, "runs", doc! {}).await,
        0,
        "samples may be on their way"
    );
    roll_up(&mut feed, 120).await;
    assert_eq!(count(&uri, "runs", doc! {}).await, 10);
    assert_eq!(count(&uri, "rollups", days_of(1_440)).await, 10);
    assert_eq!(answers(&uri, span).await, before);
    let statuses = collection(&uri, "statuses").await;
    statuses.delete_many(doc! {}).await.expect("removed");
    let after = answers(&uri, span).await;
    assert_eq!(after.parts, before.parts, "from the rollups");
    assert_eq!(after.overviews, before.overviews, "from the rollups");
    assert_eq!(after.extents, before.extents, "from the rollups");
    for (after, before) in after.series.iter().zip(&before.series) {
        assert_eq!(after.incidents, before.incidents, "from the runs");
        assert_eq!(after.points.len(), before.points.len(), "from the runs");
        assert_eq!(after, before, "from the runs");
    }
}

/// A sample that comes when its day is rolled up is in every answer from the moment that it is written.
#[tokio::test]
async fn late_samples_are_never_missing() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let begin = midnight() - 5.0 * DAY;
    insert(&uri, originals("/R/a", begin, 5)).await;
    let span = (begin - 3.0 * DAY, begin + 6.0 * DAY);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let prepare = || Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    let mut feed = prepare();
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    let before = answers(&uri, span).await;

    // Within a day, on one that has none, and of another path.
    let dates = [begin + 2.5 * DAY, begin - 1.5 * DAY, begin + 5.25 * DAY];
    let mut late: Vec<_> = dates.map(|date| record("/R/a", date, Some(0.0))).into();
    late.push(record("/R/new", begin + DAY, None));
    append(&embedded, late).await;
    assert_eq!(prepare().drain(PATIENCE).await.left, 0);
    let is_late = || doc! { "late": { "$exists": true } };
    assert_eq!(count(&uri, "rollups", is_late()).await, 4);
    let with = answers(&uri, span).await;
    assert_eq!(
        with.parts[0][0].summary.count,
        before.parts[0][0].summary.count + 3
    );
    assert_eq!(with.extents.len(), 2);
    assert_eq!(with.extents[1].unknown, 1);

    roll_up(&mut feed, 30).await;
    assert_eq!(
        count(&uri, "rollups", is_late()).await,
        4,
        "others may be on their way"
    );
    roll_up(&mut feed, 300).await;
    assert_eq!(count(&uri, "rollups", is_late()).await, 0);
    assert_eq!(count(&uri, "rollups", days_of(1)).await, 5 + 3);
    assert_eq!(answers(&uri, span).await, with);
    // What is there already changes nothing.
    roll_up(&mut feed, 500).await;
    assert_eq!(answers(&uri, span).await, with);
}

/// A day of one path at 30 s, as Up writes it.
#[tokio::test]
async fn rollups_take_little_beside_the_samples() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let mut random = fastrand::Rng::with_seed(13);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let begin = midnight() - DAY;
    let mut samples = Vec::new();
    for i in 0..2_880_u32 {
        let date = begin + f64::from(i) * 30.0 + random.f64() * 0.02;
        let status = f64::from(u8::from(i % 700 > 5));
        let mut record = (*record("/Example Status/PROD", date, Some(status))).clone();
        let spread = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
        record.sample.duration = 0.12 * (spread / 6.0).exp();
        samples.push(record.into());
    }
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    append(&embedded, samples).await;
    let writer = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    assert_eq!(writer.drain(PATIENCE).await.left, 0);
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    let client = Client::with_uri_str(&uri).await.expect("a client");
    let bytes = async |of: &str| {
        let database = client.database("up");
        let stats = database.run_command(doc! { "collStats": of }).await;
        let stats = stats.expect("figures");
        let size = |key: &str| stats.get_i32(key).map_or(0.0, f64::from);
        assert!(size("count") > 0.0, "{of}: {stats}");
        size("size")
    };
    let rolled = bytes("rollups").await + bytes("runs").await;
    let share = rolled / bytes("statuses").await;
    assert!(share <= 0.15, "{share} of statuses");
}

/// Neither of these reads a whole collection.
#[tokio::test]
async fn answers_are_found_by_indexes() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let begin = midnight() - 4.0 * DAY;
    for path in ["/R/a", "/R/b"] {
        insert(&uri, originals(path, begin, 4)).await;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let running = feed(&embedded, &uri);
    for (name, index) in [
        ("statuses", "up_path_date"),
        ("unknowns", "up_path_date"),
        ("rollups", "up_day"),
    ] {
        until_index(&uri, name, index).await;
    }
    running.stop().await;
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    roll_up(&mut feed, 100).await;
    roll_up(&mut feed, 220).await;
    let client = Client::with_uri_str(&uri).await.expect("a client");
    let database = client.database("up");
    let profile = database.run_command(doc! { "profile": 2 }).await;
    profile.expect("a log of all commands");
    answers(&uri, (begin + 0.3 * DAY, begin + 3.2 * DAY)).await;
    let log = database.collection::<Document>("system.profile");
    let read = doc! { "op": { "$in": ["query", "command"] }, "planSummary": { "$exists": true } };
    assert!(log.count_documents(read).await.expect("a count") > 20);
    let whole = doc! { "planSummary": "COLLSCAN", "ns": { "$ne": "up.system.profile" } };
    assert_eq!(log.find_one(whole).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_kill_in_the_middle_makes_no_answer_wrong() {
    let mut mongod = Mongod::start();
    let uri = mongod.uri();
    let mut random = fastrand::Rng::with_seed(12);
    let begin = midnight() - 12.0 * DAY;
    insert(&uri, originals("/R/a", begin, 12)).await;
    let span = (begin, begin + 12.0 * DAY);
    let before = answers(&uri, span).await;
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let prepare = || Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    roll_up(&mut prepare(), 0).await;
    for round in 0..6 {
        // Another process each time, which takes the turn of the one that was killed.
        let mut feed = prepare();
        let work = tokio::spawn(async move {
            let ahead = Duration::from_secs(120 + 100 * round);
            while let Ok(true) = feed.roll_up(ahead).await {}
        });
        tokio::time::sleep(Duration::from_millis(random.u64(5..80))).await;
        mongod.kill9();
        work.abort();
        mongod.start_again();
        assert_eq!(answers(&uri, span).await, before, "round {round}");
        // A day that is being made anew.
        let rollups = collection(&uri, "rollups").await;
        let one = doc! { "_id.path": "/R/a", "_id.day": { "$gte": 0 } };
        let note = doc! { "$currentDate": { "late": true } };
        rollups.update_many(one, note).await.expect("noted");
    }
    roll_up(&mut prepare(), 1_000).await;
    assert_eq!(answers(&uri, span).await, before);
    let settled = doc! { "day": { "$exists": true }, "late": { "$exists": false } };
    assert_eq!(count(&uri, "rollups", settled).await, 12);
}

/// Who may read all, and who may read samples only, and who may write these only.
#[tokio::test]
async fn users_with_fewer_rights_get_the_same_answers() {
    let mongod = Mongod::start_with(&["--auth"]);
    let users = Users::make(&mongod).await;
    let begin = midnight() - 4.0 * DAY;
    insert(&users.uri("root"), originals("/R/a", begin, 4)).await;
    let span = (begin, begin + 4.0 * DAY);
    let before = answers(&users.uri("reader"), span).await;
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let prepare = |user: &str| {
        let feed = Feed::prepare(&embedded, &users.uri(user), "up", "agent");
        feed.expect("a target")
    };
    assert!(
        prepare("reader").roll_up(Duration::ZERO).await.is_err(),
        "who may not write"
    );
    let mut feed = prepare("root");
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    for user in ["reader", "sampler"] {
        assert_eq!(answers(&users.uri(user), span).await, before, "{user}");
    }
    let feeding = prepare("writer");
    append(&embedded, vec![record("/R/b", begin, Some(1.0))]).await;
    let drained = feeding.drain(PATIENCE).await;
    assert_eq!(drained.left, 0, "{:?}", drained.trouble);
}
