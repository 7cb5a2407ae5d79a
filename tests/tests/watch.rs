//! `up watch`: changes, reloads, histories and its end, as a person sees them.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use bson::{Document, doc};
use futures_util::TryStreamExt;
use rustix::process::Signal;
use serde_json::{Value, json};
use up_tests::daemon::PATIENCE;
use up_tests::mongod::Mongod;
use up_tests::nginx::Nginx;
use up_tests::port::Port;
use up_tests::up::{Up, eventually};

/// An up.toml with these parts and short intervals.
fn site(parts: &[&str]) -> String {
    const HEAD: &str = "name = \"Site\"\ninterval = \"1s\"\ntimeout = \"2s\"\n\
                        [alert]\nretry = \"200ms\"\n";
    [&[HEAD], parts].concat().concat()
}

fn http(name: &str, url: &str) -> String {
    format!("[[source]]\ntype = \"http\"\nname = {name:?}\nurl = {url:?}\n")
}

/// The samples of a path in the embedded history, read without a configuration.
fn samples(up: &Up, path: &str) -> Vec<Value> {
    let mut reader = Up::new();
    let data = up.data();
    reader.env(
        "UP_DATA_DIR",
        data.to_str().expect("a temporary path is UTF-8"),
    );
    let text = reader.run(["history", path, "--json"]).out;
    let document: Value = serde_json::from_str(&text).expect("JSON");
    document["samples"].as_array().expect("samples").clone()
}

#[test]
fn an_outage_and_its_end_are_told_once() {
    let mut nginx = Nginx::start();
    let up = Up::with(site(&[&http("web", &nginx.url("/ok"))]));
    let mut watch = up.start(["watch", "-v"]);
    assert!(watch.out_until("Site: ").starts_with("Site: UP"));
    assert!(watch.out_until("web: ").starts_with("    web: UP"));
    nginx.stop();
    let down = watch.out_until("/Site/web");
    assert!(
        down.contains(" /Site/web: DOWN — connection refused"),
        "{down}"
    );
    nginx.start_again();
    let again = watch.out_until("/Site/web");
    assert!(again.contains(" /Site/web: UP again after "), "{again}");
    assert_eq!(watch.end(Signal::TERM), Some(0), "SIGTERM ends it cleanly");
    assert_eq!(watch.out_now(), [""; 0], "each was told once");
    let statuses: BTreeSet<_> = samples(&up, "/Site/web")
        .iter()
        .map(|s| s["status"].to_string())
        .collect();
    assert_eq!(
        statuses,
        ["0.0".to_owned(), "1.0".to_owned()].into(),
        "what was seen is kept"
    );
    assert!(
        !samples(&up, "/Site").is_empty(),
        "trees have a history too"
    );
}

/// A server that reports when it got its first request.
fn ear() -> (String, Receiver<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    let (sender, asked) = channel();
    // The thread ends with the test program.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Only the first request is waited for.
            let _ = sender.send(Instant::now());
            // The client may be gone. Unread bytes at the end would reset the connection.
            let _ = stream.read(&mut [0; 2_000]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
    });
    (url, asked)
}

#[test]
fn a_changed_file_is_taken_up_within_two_seconds() {
    let ((first_url, first), (next_url, next)) = (ear(), ear());
    let up = Up::with(site(&[&http("a", &first_url)]));
    let started = Instant::now();
    let watch = up.start(["watch"]);
    let asked = |ear: &Receiver<Instant>| ear.recv_timeout(PATIENCE).expect("it is asked");
    // The time from the start of the program to its first request is the control. A slow machine
    // slows both, and this time is longer than that from a new file to its first request.
    let control = asked(&first) - started;
    watch.out_until("Site: UP");
    let changed = Instant::now();
    up.write(
        "up.toml",
        site(&[&http("a", &first_url), &http("b", &next_url)]),
    );
    let taken_up = asked(&next) - changed;
    let allowed = Duration::from_secs(2) + 10 * control;
    assert!(
        taken_up < allowed,
        "{taken_up:?}, the control took {control:?}"
    );
}

#[test]
fn changes_in_json_are_one_object_a_line() {
    let mut nginx = Nginx::start();
    let up = Up::with(site(&[&http("web", &nginx.url("/ok"))]));
    let mut watch = up.start(["--note", "deploy 42", "watch", "--json"]);
    let read = |line: String| -> Value { serde_json::from_str(&line).expect("JSON") };
    // A note reaches the output on its own path, before the tree or after it.
    let start = [(); 2].map(|()| read(watch.out_until("{")));
    let first = |event: &str| {
        let found = start.iter().find(|object| object["event"] == event);
        found.unwrap_or_else(|| panic!("no {event} in {start:?}"))
    };
    assert_eq!(first("note")["message"], "deploy 42");
    assert_eq!(first("tree")["root"]["children"][0]["path"], "/Site/web");
    nginx.stop();
    let down = read(watch.out_until("/Site/web"));
    let expected = json!({
        "schema": 1, "event": "change", "path": "/Site/web", "word": "DOWN", "status": 0.0,
        "from": 4, "to": 0, "date": down["date"], "since": down["since"], "cause": down["cause"],
        // It was up when it was checked first.
        "since_at_least": true,
    });
    assert_eq!(down, expected);
    assert_eq!(down["cause"]["code"], "refused", "{down}");
    let (since, date) = (down["since"].as_f64(), down["date"].as_f64());
    assert!(since < date && since > Some(1.7e9), "Unix seconds: {down}");
    nginx.start_again();
    let again = read(watch.out_until("/Site/web"));
    assert_eq!((&again["to"], &again["cause"]), (&json!(4), &Value::Null));
    assert_eq!(watch.end(Signal::TERM), Some(0));
    for line in watch.out_now() {
        read(line);
    }
}

#[test]
fn sigint_ends_it_cleanly_too() {
    let nginx = Nginx::start();
    let up = Up::with(site(&[&http("web", &nginx.url("/ok"))]));
    let mut watch = up.start(["watch"]);
    watch.out_until("Site: UP");
    assert_eq!(watch.end(Signal::INT), Some(0));
}

#[test]
fn a_changed_file_is_taken_up_and_a_broken_one_is_not() {
    let nginx = Nginx::start();
    let (a, b) = (http("a", &nginx.url("/ok")), http("b", &nginx.url("/ok")));
    let gone = Port::claim();
    let c = http("c", &format!("http://{}/", gone.address()));
    let up = Up::with(site(&[&a, &c]));
    let mut watch = up.start(["watch"]);
    watch.out_until("/Site/c: DOWN");
    up.write("up.toml", site(&[&a, &b, &c]));
    eventually("b has been asked", || !samples(&up, "/Site/b").is_empty());

    up.write("up.toml", site(&[&a, "[[source]]\ntype = \"htpp\"\n"]));
    let error = watch.err_until("up.toml:");
    assert!(error.contains("htpp"), "{error}");
    let before = samples(&up, "/Site/b").len();
    eventually("the last good one goes on", || {
        samples(&up, "/Site/b").len() > before + 1
    });

    // As editors do: a new file replaces the old one.
    up.write("new.toml", site(&[&a, &c]));
    std::fs::rename(up.dir().join("new.toml"), up.dir().join("up.toml")).expect("it can be moved");
    watch.err_until("over: ");
    let asked = samples(&up, "/Site/a").len();
    eventually("a goes on", || samples(&up, "/Site/a").len() > asked);
    let asked = samples(&up, "/Site/b").len();
    let also = samples(&up, "/Site/a").len();
    eventually("a goes on", || samples(&up, "/Site/a").len() > also + 1);
    assert_eq!(
        samples(&up, "/Site/b").len(),
        asked,
        "b is not asked any more"
    );
    // Another rhythm is no other source.
    let slower = site(&[&a, &c]).replace("interval = \"1s\"", "interval = \"2s\"");
    for rhythm in [
        slower.replace("timeout = \"2s\"", "timeout = \"1s\""),
        site(&[&a, &c]),
    ] {
        up.write("up.toml", rhythm);
        let asked = samples(&up, "/Site/c").len();
        eventually("c goes on", || samples(&up, "/Site/c").len() > asked + 2);
    }
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let told: Vec<_> = watch.out_now();
    assert_eq!(
        told, [""; 0],
        "c's verdict outlived every reload, so it was told once"
    );
}

/// The documents of a path in a database, by date.
async fn stored(uri: &str, database: &str, path: &str) -> Vec<Document> {
    let client = mongodb::Client::with_uri_str(uri).await.expect("a client");
    let statuses = client.database(database).collection::<Document>("statuses");
    let found = statuses
        .find(doc! { "path": path })
        .sort(doc! { "date": 1 })
        .await;
    found
        .expect("an answer")
        .try_collect()
        .await
        .expect("documents")
}

#[tokio::test(flavor = "multi_thread")]
async fn mongodb_killed_and_brought_back_has_every_sample_exactly_once() {
    let (nginx, mut mongod) = (Nginx::start(), Mongod::start());
    let sink = format!("[[sink]]\ntype = \"mongo\"\nuri = {:?}\n", mongod.uri());
    let sources: String = (0..20)
        .map(|i| http(&format!("s{i}"), &nginx.url("/ok")))
        .collect();
    let up = Up::with(site(&[&sources, &sink]));
    let mut watch = up.start(["watch"]);
    eventually("it is fed", || samples(&up, "/Site/s0").len() > 2);
    mongod.kill9();
    let trouble = watch.err_until("MongoDB");
    assert!(!trouble.contains("mongodb://"), "no URI is told: {trouble}");
    let before = samples(&up, "/Site/s7").len();
    eventually("checks go on", || {
        samples(&up, "/Site/s7").len() > before + 3
    });
    mongod.start_again();
    watch.err_until("over: ");
    assert_eq!(watch.err_now(), [""; 0], "said once, over once");
    let before = samples(&up, "/Site/s7").len();
    eventually("checks go on", || {
        samples(&up, "/Site/s7").len() > before + 1
    });
    assert_eq!(watch.end(Signal::TERM), Some(0));
    // The last samples may still be in the outbox, from which the next Up writes them.
    up.run(["note", "the end"]);
    for path in ["/Site", "/Site/s0", "/Site/s7", "/Site/s19"] {
        let kept = samples(&up, path);
        let there = stored(&mongod.uri(), "up", path).await;
        let date = |date: f64| (date * 1_000.0).round() as i64;
        let kept: Vec<_> = kept
            .iter()
            .map(|s| date(s["date"].as_f64().expect("a date")))
            .collect();
        let there: Vec<_> = there
            .iter()
            .map(|d| date(d.get_f64("date").expect("a date")))
            .collect();
        assert!(!kept.is_empty());
        assert_eq!(there, kept, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_mongodbs_and_stdout_at_once() {
    let (nginx, one, two) = (Nginx::start(), Mongod::start(), Mongod::start());
    let sinks = format!(
        "[[sink]]\ntype = \"stdout\"\n[[sink]]\ntype = \"mongo\"\nuri = {:?}\n\
         [[sink]]\ntype = \"mongo\"\nuri = {:?}\ndatabase = \"other\"\n",
        one.uri(),
        two.uri()
    );
    let up = Up::with(site(&[&http("web", &nginx.url("/404")), &sinks]));
    let outcome = up.run(["-v", "--note", "deploy 42"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.err, "");
    assert!(
        outcome.out.starts_with("deploy 42\n\nSite: DOWN"),
        "{}",
        outcome.out
    );
    for (uri, database) in [(one.uri(), "up"), (two.uri(), "other")] {
        let root = stored(&uri, database, "/Site").await;
        let leaf = stored(&uri, database, "/Site/web").await;
        assert_eq!((root.len(), leaf.len()), (1, 1), "{database}");
        assert_eq!(leaf[0].get_f64("up").ok(), Some(0.0));
        let cause = leaf[0].get_document("cause").expect("a cause");
        assert_eq!(cause.get_str("code").ok(), Some("http_status"));
        let client = mongodb::Client::with_uri_str(&uri).await.expect("a client");
        let notes = client
            .database(database)
            .collection::<Document>("annotations");
        let note = notes
            .find_one(doc! {})
            .await
            .expect("an answer")
            .expect("a note");
        assert_eq!(note.get_str("message").ok(), Some("deploy 42"));
    }
}

#[test]
fn a_mongodb_that_is_down_is_said_once_and_changes_no_status() {
    let (nginx, nobody) = (Nginx::start(), Port::claim());
    let sink = format!(
        "[[sink]]\ntype = \"stdout\"\n[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://me:hunter2@{}\"\n",
        nobody.address()
    );
    let up = Up::with(site(&[&http("web", &nginx.url("/ok")), &sink]));
    let outcome = up.run([""; 0]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.starts_with("Site: UP"));
    let told: Vec<_> = outcome
        .err
        .lines()
        .filter(|line| line.contains("MongoDB"))
        .collect();
    assert_eq!(told.len(), 1, "{}", outcome.err);
    assert!(!outcome.err.contains("hunter2"), "{}", outcome.err);
}
