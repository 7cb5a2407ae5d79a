//! Late samples of writers that know nothing of rollups: each is in every answer soon, and none of what
//! was removed is missing.

use bson::oid::ObjectId;
use bson::{Document, doc};
use up_history::Embedded;
use up_history::mongo::Feed;
use up_tests::mongod::Mongod;

use crate::answers::{DAY, answers, insert, midnight, originals};
use crate::site::{PATIENCE, append, collection, count, feed, open, record, roll_up, until_index};
use crate::users::Users;

/// A sample as the original writes it.
fn original(path: &str, date: f64) -> Document {
    doc! { "path": path, "up": 0, "date": date, "duration": 0.5 }
}

/// The same, with the `_id` that it had when it was written on time.
fn restored(path: &str, date: f64, up: Option<f64>) -> Document {
    let mut id = ObjectId::new().bytes();
    id[..4].copy_from_slice(&(date as u32).to_be_bytes());
    let id = ObjectId::from_bytes(id);
    doc! { "_id": id, "path": path, "up": up, "date": date, "duration": 0.5 }
}

async fn write(uri: &str, name: &str, documents: Vec<Document>) {
    let collection = collection(uri, name).await;
    collection.insert_many(documents).await.expect("written");
}

/// Makes the indexes.
async fn make_indexes(embedded: &Embedded, uri: &str) {
    let running = feed(embedded, uri);
    for name in ["statuses", "unknowns"] {
        until_index(uri, name, "up_path_date").await;
    }
    running.stop().await;
}

#[tokio::test]
async fn late_samples_of_other_programs_are_found() {
    let mongod = Mongod::start_with(&["--auth"]);
    let users = Users::make(&mongod).await;
    let (uri, sampler) = (users.uri("root"), users.uri("sampler"));
    let begin = midnight() - 5.0 * DAY;
    insert(&uri, originals("/R/a", begin, 5)).await;
    let span = (begin - 3.0 * DAY, begin + 6.0 * DAY);
    let (mine, other) = (tempfile::tempdir(), tempfile::tempdir());
    let (mine, other) = (mine.expect("a folder"), other.expect("a folder"));
    let embedded = open(mine.path());
    make_indexes(&embedded, &uri).await;
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;

    // What a driver gives an `_id` is found at the next look.
    let late = [
        original("/R/a", begin + 2.5 * DAY),
        original("/R/a", begin - 1.5 * DAY),
        original("/R/new", begin + DAY),
    ];
    write(&uri, "statuses", late.into()).await;
    let truth = answers(&sampler, span).await;
    assert_ne!(answers(&uri, span).await, truth, "it is not known of yet");
    roll_up(&mut feed, 240).await;
    assert_eq!(answers(&uri, span).await, truth);
    assert_eq!(
        count(&uri, "rollups", doc! { "day": { "$exists": true } }).await,
        7
    );

    // All others are found when days are counted.
    let text = doc! { "_id": "one", "path": "/R/a", "up": 0.5, "date": begin + 3.5 * DAY };
    let documents = vec![
        restored("/R/a", begin + 0.25 * DAY, Some(0.0)),
        restored("/R/a", begin - 2.5 * DAY, Some(1.0)),
        // No sample: no status is 7.
        restored("/R/a", begin + 4.25 * DAY, Some(7.0)),
        text,
    ];
    write(&uri, "statuses", documents).await;
    let unknown = restored("/R/a", begin + 1.25 * DAY, None);
    write(&uri, "unknowns", vec![unknown]).await;
    let embedded = open(other.path());
    let poor = Feed::prepare(&embedded, &users.uri("writer"), "up", "other").expect("a target");
    let late = ["/R/a", "/R/b"].map(|path| record(path, begin + 4.75 * DAY, Some(0.0)));
    append(&embedded, late.into()).await;
    assert_eq!(poor.drain(PATIENCE).await.left, 0);
    let truth = answers(&sampler, span).await;
    roll_up(&mut feed, 300).await;
    assert_ne!(
        answers(&uri, span).await,
        truth,
        "days are counted once a day"
    );
    // A list of dates stops nothing.
    let dates = vec![begin + 4.25 * DAY, 1.0];
    let list = doc! { "path": "/R/a", "up": 1, "date": dates };
    write(&uri, "statuses", vec![list.clone()]).await;
    roll_up(&mut feed, 90_000).await;
    let statuses = collection(&uri, "statuses").await;
    statuses.delete_one(list).await.expect("removed");
    assert_eq!(answers(&uri, span).await, truth);
    let is_late = doc! { "late": { "$exists": true } };
    assert_eq!(count(&uri, "rollups", is_late.clone()).await, 0);

    // Nothing is noted of what is known, nor of what has been removed.
    statuses.delete_many(doc! {}).await.expect("removed");
    let rolled = answers(&uri, span).await;
    assert_eq!(rolled.parts, truth.parts);
    roll_up(&mut feed, 200_000).await;
    assert_eq!(answers(&uri, span).await, rolled);
    assert_eq!(count(&uri, "rollups", is_late).await, 0);
}
