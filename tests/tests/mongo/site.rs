//! Shared by the tests of this suite: generated samples, an embedded store, and a separate client
//! of the database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bson::{Document, doc};
use mongodb::{Client, Collection};
use tokio::time::{Instant, sleep, timeout};
use up_core::{Cause, CauseCode, Detail, Kind, Record, Sample, Status};
use up_history::Embedded;
use up_history::mongo::{Feed, FeedState, MongoStore};

/// A time limit longer than anything here takes, including the start of a mongod and every
/// back-off.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

pub(crate) const NOON: f64 = 1_795_348_800.0;

pub(crate) fn record(path: &str, date: f64, status: Option<f64>) -> Arc<Record> {
    let cause = (status != Some(1.0)).then(|| Cause::new(CauseCode::Timeout, "no answer in 10 s"));
    let sample = Sample {
        status: status.and_then(Status::new),
        date,
        duration: 0.125,
        cause,
        detail: Detail::default(),
    };
    let kind = Kind("http");
    let path = path.into();
    Arc::new(Record { path, kind, sample })
}

/// The samples `from..to` of one path, a second apart. Every tenth is down.
pub(crate) fn series(path: &str, from: u32, to: u32) -> Vec<Arc<Record>> {
    let one = |i: u32| {
        let status = if i.is_multiple_of(10) { 0.0 } else { 1.0 };
        record(path, NOON + f64::from(i), Some(status))
    };
    (from..to).map(one).collect()
}

pub(crate) fn open(dir: &Path) -> Embedded {
    Embedded::open(dir).expect("a store")
}

pub(crate) async fn append(store: &Embedded, records: Vec<Arc<Record>>) {
    store.append(records).await.expect("kept");
}

pub(crate) fn feed(store: &Embedded, uri: &str) -> Feed {
    Feed::spawn(store.clone(), uri, "up", "agent").expect("a target")
}

/// Waits until the state of a feed meets a condition.
pub(crate) async fn until(feed: &Feed, what: &str, is_it: impl Fn(&FeedState) -> bool) {
    let mut state = feed.state();
    let waited = timeout(PATIENCE, state.wait_for(is_it)).await;
    let last = feed.state().borrow().clone();
    waited
        .unwrap_or_else(|_| panic!("{what}: {last:?}"))
        .expect("the feed lives");
}

pub(crate) async fn until_all_is_there(feed: &Feed) {
    // The state may still be that before the last append, for longer on a busy machine.
    sleep(Duration::from_secs(2)).await;
    until(feed, "nothing waits", |s| {
        matches!(s, FeedState::Ok { lag: 0, .. })
    })
    .await;
}

/// Waits until a store has received all that an embedded one has for it.
pub(crate) async fn until_delivered(embedded: &Embedded, mongo: &MongoStore) {
    let late = Instant::now() + PATIENCE;
    let lag = async || {
        let lags = embedded.lags(vec![mongo.key().to_owned()]).await;
        lags.expect("a number")[0].rows
    };
    while lag().await > 0 {
        assert!(Instant::now() < late, "{} rows are left", lag().await);
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a collection has an index.
pub(crate) async fn until_index(uri: &str, of: &str, index: &str) {
    let late = Instant::now() + PATIENCE;
    let collection = collection(uri, of).await;
    let has_it = async || {
        let names = collection.list_index_names().await;
        names.is_ok_and(|names| names.iter().any(|name| name == index))
    };
    while !has_it().await {
        assert!(Instant::now() < late, "{of} has {index}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Makes rollups until nothing is left to do, as if the server's clock were ahead by so many seconds.
pub(crate) async fn roll_up(feed: &mut Feed, seconds: u64) {
    let ahead = Duration::from_secs(seconds);
    let mut steps = 0;
    while feed.roll_up(ahead).await.expect("a step") {
        steps += 1;
        assert!(steps < 10_000, "it ends");
    }
}

/// A collection of the database, through another client.
pub(crate) async fn collection(uri: &str, name: &str) -> Collection<Document> {
    let client = Client::with_uri_str(uri).await.expect("a client");
    client.database("up").collection(name)
}

pub(crate) async fn count(uri: &str, name: &str, filter: Document) -> u64 {
    let collection = collection(uri, name).await;
    collection.count_documents(filter).await.expect("a count")
}

/// Waits until there are more documents than `than`.
pub(crate) async fn until_more(uri: &str, than: u64) {
    let end = Instant::now() + PATIENCE;
    while count(uri, "statuses", doc! {}).await <= than {
        assert!(Instant::now() < end, "more than {than} documents");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Checks that each of these samples is there exactly once.
pub(crate) async fn check_exactly_once(uri: &str, path: &str, samples: u32) {
    let statuses = collection(uri, "statuses").await;
    let dates = statuses
        .distinct("date", doc! { "path": path })
        .await
        .expect("dates");
    let all = count(uri, "statuses", doc! { "path": path }).await;
    assert_eq!(
        all,
        u64::from(samples),
        "{path}: none is missing, none is there twice"
    );
    assert_eq!(
        dates.len() as u64,
        all,
        "{path}: each has a date of its own"
    );
}
