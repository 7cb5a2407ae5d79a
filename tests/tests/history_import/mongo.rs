//! A MongoDB that the original wrote: its documents, without an index.

use bson::{Bson, Document, doc};
use mongodb::{Client, Database};
use rustix::process::Signal;
use up_tests::mongod::Mongod;
use up_tests::up::{Up, eventually};

use crate::{days_ago, json, run};

async fn database(mongod: &Mongod) -> Database {
    let client = Client::with_uri_str(mongod.uri()).await.expect("a URI");
    client.database("up")
}

async fn insert(database: &Database, collection: &str, documents: Vec<Document>) {
    let collection = database.collection::<Document>(collection);
    collection.insert_many(documents).await.expect("written");
}

/// As the original writes a check: the sources, and the trees above them. 1 is an integer.
fn round(date: f64, is_up: bool) -> Vec<Document> {
    let one = |path: &str, up: Bson, after: f64| {
        doc! { "path": path, "up": up, "date": date + after, "duration": 0.0625 }
    };
    let up: Bson = if is_up { 1.into() } else { 0.into() };
    vec![
        one("/Site", if is_up { 1.0 } else { 0.5 }.into(), 0.0),
        one("/Site/ok", 1.into(), 0.001),
        one("/Site/other", up, 0.002),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_original_is_imported_once() {
    let mongod = Mongod::start();
    let database = database(&mongod).await;
    let begin = days_ago(3.0);
    let rounds = 10_000_u32;
    for part in 0..10 {
        let rounds = (0..rounds / 10).map(|i| part * rounds / 10 + i);
        let rounds = rounds.flat_map(|i| round(begin + 20.0 * f64::from(i), i / 100 != 3));
        insert(&database, "statuses", rounds.collect()).await;
    }
    let date = |date: Bson| doc! { "path": "/Site/odd", "up": 1, "date": date };
    let odd = vec![
        date("today".into()),
        date(9e12.into()),
        date(f64::NAN.into()),
        doc! { "path": 7, "up": 1, "date": begin },
        doc! { "path": "x".repeat(3 << 20), "up": 1, "date": begin },
        doc! { "path": "/Site/odd", "up": "down", "date": begin },
    ];
    insert(&database, "statuses", odd).await;
    let notes = vec![
        doc! { "message": "first note", "date": begin + 1.5 },
        doc! { "message": 7, "date": begin },
    ];
    insert(&database, "annotations", notes).await;

    let mut up = Up::new();
    let uri = mongod.uri();
    let samples = 3 * u64::from(rounds);
    let first = up.run(["history", "import", &uri]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert_eq!(
        first.out,
        format!("added {samples} samples of 3 paths; 0 were there already\n")
    );
    assert!(first.err.contains("left out 6 documents"), "{}", first.err);
    assert_eq!(
        run(&up, &["history", "import", &uri]),
        format!("added 0 samples of 3 paths; {samples} were there already\n")
    );
    let found = json(&up, &["--json", "history", "/Site/other", "--since", "10d"]);
    assert_eq!(found["count"], rounds);
    assert_eq!(
        found["incidents"].as_array().map(Vec::len),
        Some(1),
        "{}",
        found["incidents"]
    );
    let notes: Vec<_> = found["notes"].as_array().expect("notes").iter().collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(notes[0]["message"], "first note");
    // From where a password may stand, of which no message has any.
    up.env("OLD_UP", &uri);
    up.write("old.uri", format!("{uri}\n"));
    for at in ["env=OLD_UP", "file=old.uri"] {
        assert_eq!(
            run(&up, &["history", "import", "--uri", at]),
            format!("added 0 samples of 3 paths; {samples} were there already\n")
        );
    }
    for (at, why) in [
        ("env=NO_OLD_UP", "NO_OLD_UP is not set"),
        ("mongodb://me:hunter2@h", "is not one of env=NAME"),
    ] {
        let refused = up.run(["history", "import", "--uri", at]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains(why), "{}", refused.err);
        assert!(!refused.err.contains("hunter2"), "{}", refused.err);
    }
    // Below a path of one's own, and from another database.
    let below = run(&up, &["history", "import", &uri, "--path", "/Old"]);
    assert!(
        below.starts_with(&format!("added {samples} samples")),
        "{below}"
    );
    assert!(run(&up, &["history", "paths"]).contains("  /Old/Site/ok\n"));
    let other = run(&up, &["history", "import", &uri, "--database", "other"]);
    assert_eq!(other, "added 0 samples of 0 paths; 0 were there already\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_stopped_is_taken_up_again() {
    let mongod = Mongod::start();
    let database = database(&mongod).await;
    let begin = days_ago(3.0);
    for part in 0..20_u32 {
        let rounds = (0..1_000).map(|i| part * 1_000 + i);
        let rounds = rounds.flat_map(|i| round(begin + 10.0 * f64::from(i), true));
        insert(&database, "statuses", rounds.collect()).await;
    }
    let up = Up::new();
    let uri = mongod.uri();
    let mut running = up.start(["history", "import", &uri]);
    // The first samples are in.
    eventually("something was added", || {
        up.data().join("history.db").exists()
    });
    let code = running.end(Signal::INT);
    assert!(matches!(code, Some(0 | 2)), "{code:?}");
    let done = up.run(["history", "import", &uri]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let count = |path| json(&up, &["--json", "history", path, "--since", "10d"])["count"].clone();
    for path in ["/Site", "/Site/ok", "/Site/other"] {
        assert_eq!(count(path), 20_000, "{path}");
    }
}

#[test]
fn a_database_that_cannot_be_read_is_refused() {
    let mut mongod = Mongod::start();
    let uri = mongod.uri();
    let sink = format!(
        "[[source]]\ntype = \"command\"\nname = \"c\"\ncommand = [\"true\"]\n[[sink]]\ntype = \"mongo\"\nuri = {uri:?}"
    );
    let up = Up::with(sink);
    let refused = up.run(["history", "import", &uri]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.err.contains("is a sink of this Up"),
        "{}",
        refused.err
    );
    mongod.kill9();
    let up = Up::new();
    let gone = up.run(["history", "import", &uri]);
    assert_eq!(gone.code, Some(2), "{gone:?}");
    assert!(gone.err.contains("MongoDB 127.0.0.1"), "{}", gone.err);
    let wrong = up.run(["history", "import", "mongodb://me:secret/x@h"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(!wrong.err.contains("secret"), "{}", wrong.err);
}
