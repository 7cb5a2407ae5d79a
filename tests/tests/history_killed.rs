//! `up watch` and its mongod are killed (SIGKILL) at moments from a seed. Whatever the moment is, the
//! embedded history opens, it has every sample that a commit had shown, and the MongoDB has each sample
//! of it exactly once.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use bson::{Document, doc};
use mongodb::Client;
use rusqlite::{Connection, OpenFlags};
use rustix::process::Signal;
use serde_json::Value;
use up_history::{Embedded, Query, Store};
use up_tests::mongod::Mongod;
use up_tests::nginx::Nginx;
use up_tests::up::{Up, eventually};

const SEED: u64 = 11;
/// How often each of the two is killed.
const KILLS: usize = 25;
/// The longest time in milliseconds from a start to a kill: some commits, and some writes to the MongoDB.
const LIFE: u64 = 2_500;
const SOURCES: usize = 10;

/// A path, and a date in milliseconds.
type StoredDates = BTreeSet<(String, i64)>;

/// Sources that are checked every second.
fn site(nginx: &Nginx, mongod: &Mongod) -> Up {
    let mut text = String::from("name = \"Site\"\ninterval = \"1s\"\n");
    for number in 0..SOURCES {
        let url = nginx.url("/ok");
        let source = format!("type = \"http\"\nname = \"web {number}\"\nurl = {url:?}\n");
        writeln!(text, "[[source]]\n{source}").expect("a text");
    }
    let uri = mongod.uri();
    writeln!(text, "[[sink]]\ntype = \"mongo\"\nuri = {uri:?}").expect("a text");
    Up::with(text)
}

/// What commits have put into the history so far, as another process sees it.
fn committed(up: &Up) -> StoredDates {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    // A start that was killed early has made no file.
    let Ok(file) = Connection::open_with_flags(up.data().join("history.db"), flags) else {
        return StoredDates::new();
    };
    let select = "SELECT paths.path, at FROM recent JOIN paths ON paths.id = recent.path";
    // Nor the tables.
    let Ok(mut select) = file.prepare(select) else {
        return StoredDates::new();
    };
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)));
    let rows = rows.expect("rows").map(|row| row.expect("a row"));
    rows.map(|(path, at)| (path, (at + 500) / 1_000)).collect()
}

/// All that the embedded history has, each once.
async fn embedded(up: &Up) -> StoredDates {
    let store = Embedded::open(&up.data()).expect("it opens");
    assert!(
        store.troubles().borrow().is_empty(),
        "{:?}",
        store.troubles()
    );
    let mut kept = StoredDates::new();
    for path in store.paths().await.expect("paths") {
        let query = Query {
            path: path.clone(),
            from: 0.0,
            to: 4e9,
            most: usize::MAX,
        };
        let series = store.series(query).await.expect("a series");
        assert_eq!(series.damaged, 0);
        for point in series.points {
            let is_new = kept.insert((path.clone(), (point.date * 1e3).round() as i64));
            assert!(is_new, "{path} is checked twice in one millisecond");
        }
    }
    store.close().await;
    kept
}

/// All that the MongoDB has, each once.
async fn replicated(mongod: &Mongod) -> StoredDates {
    let client = Client::with_uri_str(mongod.uri()).await.expect("a client");
    let database = client.database("up");
    let mut kept = StoredDates::new();
    for name in ["statuses", "unknowns"] {
        let mut found = database
            .collection::<Document>(name)
            .find(doc! {})
            .await
            .expect("documents");
        while found.advance().await.expect("the next one") {
            let found = found.deserialize_current().expect("a document");
            let path = found.get_str("path").expect("a path").to_owned();
            let date = found.get_f64("date").expect("a date");
            let is_new = kept.insert((path.clone(), (date * 1e3).round() as i64));
            assert!(is_new, "{path} at {date} is there twice");
        }
    }
    kept
}

/// Lets Up bring over what waits, ends it in order, and compares.
async fn check(up: &Up, mongod: &Mongod, seen: &StoredDates) {
    let waiting = || {
        let run = up.run(["history", "status", "--json"]);
        let status: Value = serde_json::from_str(&run.out).expect("JSON");
        status["targets"][0]["lag"].as_u64()
    };
    let mut watch = up.start(["watch"]);
    eventually("nothing waits for the MongoDB", || waiting() == Some(0));
    assert_eq!(watch.end(Signal::TERM), Some(0), "{:?}", watch.err_now());
    let kept = embedded(up).await;
    let lost: Vec<_> = seen.difference(&kept).collect();
    assert!(lost.is_empty(), "committed, and lost: {lost:?}");
    let there = replicated(mongod).await;
    let lacking: Vec<_> = kept.difference(&there).collect();
    // What came in the last second may wait for the next start.
    let waiting = waiting().expect("a number");
    assert!(
        lacking.len() as u64 <= waiting,
        "the MongoDB lacks {lacking:?}, but {waiting} rows wait for it"
    );
    let foreign: Vec<_> = there.difference(&kept).collect();
    assert!(foreign.is_empty(), "only the MongoDB has {foreign:?}");
    assert!(kept.len() > KILLS, "{} samples", kept.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn up_is_killed_at_any_moment() {
    let mut random = fastrand::Rng::with_seed(SEED);
    let (nginx, mongod) = (Nginx::start(), Mongod::start());
    let up = site(&nginx, &mongod);
    let mut seen = StoredDates::new();
    for _ in 0..KILLS {
        let mut watch = up.start(["watch"]);
        tokio::time::sleep(Duration::from_millis(random.u64(..LIFE))).await;
        seen.extend(committed(&up));
        watch.end(Signal::KILL);
    }
    assert!(
        seen.len() > SOURCES,
        "only {} samples were seen",
        seen.len()
    );
    check(&up, &mongod, &seen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mongod_is_killed_at_any_moment() {
    let mut random = fastrand::Rng::with_seed(SEED + 1);
    let (nginx, mut mongod) = (Nginx::start(), Mongod::start());
    let up = site(&nginx, &mongod);
    let mut watch = up.start(["watch"]);
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random.u64(..LIFE / 4))).await;
        mongod.kill9();
        mongod.start_again();
    }
    let seen = committed(&up);
    // Some starts find both sides as a kill left them.
    watch.end(Signal::KILL);
    assert!(seen.len() > KILLS, "only {} samples were seen", seen.len());
    check(&up, &mongod, &seen).await;
}
