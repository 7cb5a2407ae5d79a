//! A mongod that is down, killed or frozen: no sample is lost or doubled, and nothing waits for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use up_history::mongo::{Feed, FeedState};
use up_tests::mongod::Mongod;
use up_tests::port::Port;

use crate::site::{
    append, check_exactly_once, feed, open, series, until, until_all_is_there, until_more,
};

fn in_trouble(state: &FeedState) -> bool {
    matches!(state, FeedState::Trouble { .. })
}

/// Records each change of a feed's state, without its figures.
fn listen(feed: &Feed) -> Arc<Mutex<Vec<bool>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (mut state, telling) = (feed.state(), Arc::clone(&heard));
    tokio::spawn(async move {
        while state.changed().await.is_ok() {
            let trouble = in_trouble(&state.borrow_and_update());
            let mut heard = telling.lock().expect("no panic while held");
            if heard.last() != Some(&trouble) {
                heard.push(trouble);
            }
        }
    });
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_a_batch() {
    const KILLS: u32 = 3;
    const BATCH: u32 = 10_000;
    let mut mongod = Mongod::start();
    let uri = mongod.uri();
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let feed = feed(&store, &uri);
    until_all_is_there(&feed).await;
    let heard = listen(&feed);
    for kill in 0..KILLS {
        append(&store, series("/a", kill * BATCH, (kill + 1) * BATCH)).await;
        // Some batches are written, most are not.
        until_more(&uri, u64::from(kill * BATCH) + 1_500).await;
        mongod.kill9();
        until(&feed, "it notices", in_trouble).await;
        mongod.start_again();
        until_all_is_there(&feed).await;
        check_exactly_once(&uri, "/a", (kill + 1) * BATCH).await;
    }
    let heard = heard.lock().expect("no panic while held").clone();
    let once_each = [false, true].repeat(KILLS as usize);
    assert!(
        heard.starts_with(&once_each) && !heard[heard.len() - 1],
        "each trouble and each recovery is told once: {heard:?}"
    );
}

#[tokio::test]
async fn up_itself_ends_while_the_database_is_down() {
    let mut mongod = Mongod::start();
    let uri = mongod.uri();
    let dir = tempfile::tempdir().expect("a folder");
    for run in 0..3 {
        let store = open(dir.path());
        let feed = feed(&store, &uri);
        append(&store, series("/a", run * 2_000, run * 2_000 + 1_000)).await;
        until_more(&uri, u64::from(run) * 2_000).await;
        mongod.kill9();
        append(
            &store,
            series("/a", run * 2_000 + 1_000, run * 2_000 + 2_000),
        )
        .await;
        // One run ends in order, another is dropped wherever it is.
        if run == 1 {
            drop(feed);
        } else {
            feed.stop().await;
        }
        store.close().await;
        mongod.start_again();
    }
    let store = open(dir.path());
    let last = feed(&store, &uri);
    until_all_is_there(&last).await;
    check_exactly_once(&uri, "/a", 6_000).await;
}

#[tokio::test]
async fn frozen_it_delays_nobody_and_goes_on_when_it_thaws() {
    let mut mongod = Mongod::start();
    let uri = mongod.uri();
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let feed = feed(&store, &uri);
    append(&store, series("/a", 0, 1_000)).await;
    until_all_is_there(&feed).await;
    mongod.freeze();
    let begin = Instant::now();
    for i in 0..50 {
        append(&store, series("/a", 1_000 + i * 100, 1_100 + i * 100)).await;
    }
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "writing waits for nobody"
    );
    until(&feed, "a frozen server is a trouble", in_trouble).await;
    mongod.thaw();
    until_all_is_there(&feed).await;
    // The frozen server executes what it was sent before: the same documents once more.
    sleep(Duration::from_secs(1)).await;
    check_exactly_once(&uri, "/a", 6_000).await;

    mongod.freeze();
    append(&store, series("/a", 6_000, 6_100)).await;
    let begin = Instant::now();
    feed.stop().await;
    assert!(begin.elapsed() < Duration::from_secs(5), "nor does the end");
    mongod.thaw();
}

#[tokio::test]
async fn down_at_the_start_a_one_shot_check_says_so_and_leaves_it_for_the_next() {
    let mut mongod = Mongod::start();
    let uri = mongod.uri();
    mongod.stop();
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let once = Feed::prepare(&store, &uri, "up", "agent").expect("a target");
    append(&store, series("/a", 0, 20)).await;
    let begin = Instant::now();
    let drained = once.drain(Duration::from_secs(30)).await;
    assert!(
        begin.elapsed() < Duration::from_secs(15),
        "it does not wait for the whole limit"
    );
    assert_eq!(drained.left, 20);
    let trouble = drained.trouble.expect("it is said");
    let host = format!("MongoDB 127.0.0.1:{}/up", mongod.port());
    assert!(trouble.starts_with(&host), "who: {trouble}");
    assert!(trouble.contains("refused"), "what: {trouble}");

    mongod.start_again();
    let once = Feed::prepare(&store, &uri, "up", "agent").expect("a target");
    append(&store, series("/a", 20, 40)).await;
    let drained = once.drain(Duration::from_secs(30)).await;
    assert_eq!((drained.left, drained.trouble), (0, None));
    check_exactly_once(&uri, "/a", 40).await;
}

#[tokio::test]
async fn what_accepts_and_never_answers_is_given_up_in_time() {
    let port = Port::claim();
    let silent = tokio::net::TcpListener::bind(port.address())
        .await
        .expect("a listener");
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    let uri = format!("mongodb://me:secret@127.0.0.1:{}", port.number());
    let once = Feed::prepare(&store, &uri, "up", "agent").expect("a target");
    append(&store, series("/a", 0, 1)).await;
    let begin = Instant::now();
    let drained = once.drain(Duration::from_mins(1)).await;
    assert!(
        begin.elapsed() < Duration::from_secs(25),
        "an attempt is bounded"
    );
    assert_eq!(drained.left, 1);
    let trouble = drained.trouble.expect("it is said");
    assert!(
        !trouble.contains("secret"),
        "and no more than that: {trouble}"
    );
    drop(silent);
}
