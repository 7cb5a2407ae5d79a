//! The history of a node of a fleet is that of the MongoDB that it is read from.

use bson::{Document, doc};
use serde_json::Value as Json;
use up_tests::mongod::Mongod;
use up_tests::up::{Up, eventually};

use crate::site::{agent, database, insert, now, viewer};

/// `up history PATH --json`.
fn history(up: &Up, path: &str) -> Json {
    let run = up.run(["--json", "history", path]);
    assert_eq!(run.code, Some(0), "{path}: {}", run.err);
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.out))
}

#[test]
fn the_history_of_a_node_is_that_of_its_agent() {
    let mongod = Mongod::start();
    let (a, _a) = agent(&mongod.uri(), "a");
    let (_b_site, _b) = agent(&mongod.uri(), "b");
    std::fs::remove_file(a.dir().join("flag")).expect("the file is there");
    let viewer = viewer(&mongod.uri(), "");
    let fell = |agent: &str| {
        let found = history(&viewer, &format!("/Desk/Fleet/{agent}/Site/flag"));
        let incidents = found["incidents"].as_array().expect("a list").len();
        (found["count"].as_u64().unwrap_or_default() > 5, incidents)
    };
    eventually("the outage of a is in its history", || {
        fell("a") == (true, 1)
    });
    eventually("b has a history without an outage", || {
        fell("b") == (true, 0)
    });
    let found = history(&viewer, "/Desk/Fleet/a/Site/flag");
    assert!(
        found["store"]
            .as_str()
            .is_some_and(|name| name.starts_with("MongoDB")),
        "{found}"
    );
    assert_eq!(found["path"], "/Desk/Fleet/a/Site/flag");
    let cause = &found["incidents"][0]["cause"]["text"];
    assert!(
        cause.as_str().is_some_and(|text| text.contains("exit")),
        "{found}"
    );
    // The agent's tree has samples of its own.
    assert!(history(&viewer, "/Desk/Fleet/a/Site")["count"].as_u64() > Some(0));
    // The source itself, and what it says of an agent, are in the viewer's own history.
    for path in ["/Desk/Fleet", "/Desk/Fleet/a", "/Desk/Fleet/a/agent"] {
        assert_eq!(
            history(&viewer, path)["store"],
            "the embedded history",
            "{path}"
        );
    }
    let incidents = viewer.run(["--json", "history", "incidents", "/Desk/Fleet/a"]);
    let incidents: Json = serde_json::from_str(&incidents.out).expect("JSON");
    let paths: Vec<_> = incidents["incidents"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert!(
        paths
            .iter()
            .any(|one| one["path"] == "/Desk/Fleet/a/Site/flag"),
        "{incidents}"
    );
    assert!(
        paths
            .iter()
            .all(|one| one["path"] != "/Desk/Fleet/b/Site/flag"),
        "{incidents}"
    );
    let export = viewer
        .run(["history", "export", "/Desk/Fleet/b/Site/flag"])
        .out;
    assert!(export.contains("\n/Desk/Fleet/b/Site/flag,"), "{export}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_cannot_be_had_is_an_error() {
    let mut mongod = Mongod::start();
    let database = database(&mongod.uri()).await;
    let one = |agent: Option<&str>, up: f64, ago: f64| -> Document {
        let mut document = doc! { "path": "/R/a", "up": up, "date": now() - ago, "duration": 0.5 };
        document.extend(agent.map(|name| ("agent".to_owned(), name.into())));
        document
    };
    let documents = vec![
        one(None, 1.0, 60.0),
        one(None, 0.5, 30.0),
        one(Some("x/1"), 0.0, 20.0),
    ];
    insert(&database, "statuses", documents).await;
    let viewer = viewer(&mongod.uri(), "");
    let samples = |path: &str| history(&viewer, path)["count"].as_u64();
    assert_eq!(
        samples("/Desk/Fleet/no agent/R/a"),
        Some(2),
        "the original's"
    );
    assert_eq!(
        samples("/Desk/Fleet/x∕1/R/a"),
        Some(1),
        "a slash in the name"
    );
    assert_eq!(
        samples("/Desk/Fleet/y/R/a"),
        Some(0),
        "another agent's path"
    );
    mongod.kill9();
    let run = viewer.run(["history", "/Desk/Fleet/no agent/R/a"]);
    assert_eq!(run.code, Some(2), "{}", run.out);
    assert!(run.err.contains("MongoDB 127.0.0.1"), "{}", run.err);
}
