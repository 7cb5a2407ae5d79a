//! What a replica set announces, and what happens when a member is lost.

use std::time::{Duration, Instant};

use bson::{Document, doc};
use up_tests::mongod::ReplicaSet;
use up_tests::up::{Up, eventually};

use crate::site::{agent, database, insert, now, word};

/// A viewer that looks by itself only every ten minutes.
fn slow_viewer(uri: &str) -> Up {
    Up::with(format!(
        r#"name = "Desk"
        agent = "viewer"
        interval = "10m"
        timeout = "10s"
        [alert]
        retry = "10m"
        [[source]]
        type = "mongo"
        name = "Fleet"
        uri = {uri:?}
        [[sink]]
        type = "stdout"
        "#
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_set_announces_what_changes() {
    let mut set = ReplicaSet::start(1).await;
    let database = database(&set.uri()).await;
    let one = |up: f64| doc! { "path": "/Site/x", "up": up, "date": now(), "agent": "a" };
    insert(&database, "statuses", vec![one(1.0)]).await;
    let viewer = slow_viewer(&set.uri());
    eventually("the viewer sees it", || {
        word(&viewer, "/Desk/Fleet/a/Site/x").as_deref() == Some("UP")
    });
    let mut watch = viewer.start(["watch"]);
    watch.out_until("Desk: ");
    // The stream may not be open yet: the change is written until it is heard.
    let told = "/Desk/Fleet/a/Site/x: DOWN";
    let late = Instant::now() + Duration::from_mins(1);
    while !watch.out_now().iter().any(|line| line.contains(told)) {
        assert!(Instant::now() < late, "the change is not announced");
        insert(&database, "statuses", vec![one(0.0)]).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // It listens now: a change is shown soon.
    let start = Instant::now();
    insert(&database, "statuses", vec![one(1.0)]).await;
    watch.out_until("/Desk/Fleet/a/Site/x: UP");
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "{:?}",
        start.elapsed()
    );
    // The member goes, and comes back: the stream is opened again.
    let member = set.kill_primary().await;
    set.start_again(member);
    set.wait_for_write().await;
    let late = Instant::now() + Duration::from_secs(90);
    while !watch.out_now().iter().any(|line| line.contains(told)) {
        assert!(
            Instant::now() < late,
            "nothing is announced after the restart"
        );
        insert(&database, "statuses", vec![one(0.0)]).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    watch.end(rustix::process::Signal::TERM);
}

/// Each sample that an agent's own history has is once in the database.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_primary_loses_and_doubles_nothing() {
    let mut set = ReplicaSet::start(3).await;
    let (up, mut watch) = agent(&set.uri(), "a");
    let database = database(&set.uri()).await;
    let statuses = database.collection::<Document>("statuses");
    let count = async || statuses.count_documents(doc! {}).await.unwrap_or_default();
    let more_than = async |least: u64| {
        let late = Instant::now() + Duration::from_mins(2);
        while count().await <= least {
            assert!(Instant::now() < late, "no more than {least} samples came");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    more_than(6).await;
    let member = set.kill_primary().await;
    let before = count().await;
    more_than(before + 9).await;
    set.start_again(member);
    set.wait_for_write().await;
    watch.end(rustix::process::Signal::TERM);
    let kept = |path: &str| -> Vec<i64> {
        let config = "name = \"Site\"\nagent = \"a\"\n[[source]]\ntype = \"command\"\nname = \"x\"\ncommand = [\"true\"]";
        up.write("alone.toml", config);
        let csv = up.run(["-c", "alone.toml", "history", path, "--csv"]).out;
        let dates = csv
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').next()?.parse().ok());
        dates.map(|date: f64| (date * 1e3).round() as i64).collect()
    };
    for path in ["/Site/steady", "/Site/flag", "/Site"] {
        let own = kept(path);
        assert!(own.len() > 5, "{path}: {own:?}");
        let late = Instant::now() + Duration::from_mins(1);
        // What was not acknowledged when it ended waits for the next start.
        let _again = up.start(["watch"]);
        loop {
            let mut dates = Vec::new();
            let mut found = statuses.find(doc! { "path": path }).await.expect("found");
            while found.advance().await.expect("read") {
                let date = found.current().get_f64("date").expect("a date");
                dates.push((date * 1e3).round() as i64);
            }
            dates.sort_unstable();
            let all = dates.len();
            dates.dedup();
            assert_eq!(all, dates.len(), "{path}: a sample is there twice");
            if own.iter().all(|date| dates.binary_search(date).is_ok()) {
                break;
            }
            assert!(
                Instant::now() < late,
                "{path}: {own:?} are not all in {dates:?}"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
