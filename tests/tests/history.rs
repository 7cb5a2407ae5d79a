//! The history as a person meets it: a file that cannot be used, one that is moved or damaged, two
//! Ups, clocks, and the store that has the answer.

use std::fs;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use serde_json::Value;
use up_core::{Cause, CauseCode, Detail, Kind, Record, Sample, Status};
use up_history::Embedded;
use up_tests::mongod::Mongod;
use up_tests::nginx::Nginx;
use up_tests::port::Port;
use up_tests::up::{Up, eventually};

const DAY: f64 = 86_400.0;

/// A one-shot check.
const NO_ARGUMENTS: [&str; 0] = [];

/// One source that is checked every second.
fn site(nginx: &Nginx, parts: &str) -> String {
    let url = nginx.url("/ok");
    format!(
        "name = \"Site\"\ninterval = \"1s\"\n[[source]]\ntype = \"http\"\nname = \"web\"\n\
         url = {url:?}\n{parts}"
    )
}

fn mongo_sink(uri: &str) -> String {
    format!("[[sink]]\ntype = \"mongo\"\nuri = {uri:?}\n")
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("it is after 1970").as_secs_f64()
}

/// Puts samples of `/Site/web` into the history, at these ages in seconds.
async fn keep(up: &Up, ages: impl IntoIterator<Item = f64>) {
    let up_at_all_times = ages.into_iter().map(|age| ("/Site/web", age, 1.0));
    keep_all(up, up_at_all_times).await;
}

/// Puts samples into the history: path, age in seconds, status.
async fn keep_all(up: &Up, samples: impl IntoIterator<Item = (&'static str, f64, f64)>) {
    let store = Embedded::open(&up.data()).expect("a history");
    let now = now();
    let record = |(path, age, status): (&str, f64, f64)| {
        Arc::new(Record {
            path: path.into(),
            kind: Kind("http"),
            sample: Sample {
                status: Status::new(status),
                date: now - age,
                duration: 0.1,
                cause: (status < 1.0).then(|| Cause::new(CauseCode::Refused, "refused")),
                detail: Detail::default(),
            },
        })
    };
    let records = samples.into_iter().map(record).collect();
    store.append(records).await.expect("kept");
    store.close().await;
}

fn history(up: &Up, since: &str) -> Value {
    let run = up.run(["history", "/Site/web", "--json", "--since", since]);
    assert_eq!(run.code, Some(0), "{run:?}");
    serde_json::from_str(&run.out).expect("JSON")
}

#[test]
fn a_history_that_cannot_be_opened_is_said_at_once_and_can_be_moved_away() {
    let nginx = Nginx::start();
    let port = Port::claim();
    let uri = format!("mongodb://127.0.0.1:{}", port.number());
    let up = Up::with(site(&nginx, &mongo_sink(&uri)));
    fs::create_dir(up.data()).expect("a folder");
    fs::write(up.data().join("history.db"), "somebody's notes").expect("a file");
    let mut watch = up.start(["watch"]);
    watch.err_until("is not a history of Up");
    watch.err_until("is not being written: it is fed from the embedded history");
    fs::rename(up.data().join("history.db"), up.dir().join("moved")).expect("moved");
    watch.err_until("over: ");
    eventually("samples are kept again", || {
        let file = up.data().join("history.db-wal");
        fs::metadata(file).is_ok_and(|log| log.len() > 50_000)
    });
    watch.end(Signal::TERM);
    let text = fs::read_to_string(up.dir().join("moved")).expect("it is left as it was");
    assert_eq!(text, "somebody's notes");
}

#[test]
fn a_history_that_is_moved_while_up_runs_is_noticed() {
    let nginx = Nginx::start();
    let up = Up::with(site(&nginx, ""));
    let mut watch = up.start(["watch"]);
    eventually("samples are kept", || {
        up.data().join("history.db").exists() && history(&up, "1h")["count"].as_u64() > Some(1)
    });
    fs::rename(up.data().join("history.db"), up.dir().join("moved.db")).expect("moved");
    watch.err_until("was moved or replaced while Up ran");
    eventually("a new one is begun", || {
        up.data().join("history.db").exists() && history(&up, "1h")["count"].as_u64() > Some(0)
    });
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let other = Up::new();
    fs::create_dir(other.data()).expect("a folder");
    fs::rename(up.dir().join("moved.db"), other.data().join("history.db")).expect("moved");
    let count = history(&other, "1h")["count"].as_u64();
    assert!(count > Some(1), "the moved one is whole: {count:?}");
}

#[test]
fn two_ups_over_one_folder_are_said() {
    let nginx = Nginx::start();
    let up = Up::with(site(&nginx, ""));
    let mut first = up.start(["watch"]);
    first.out_until("Site: ");
    let mut second = up.start(["watch"]);
    second.err_until("Another Up runs over");
    second.end(Signal::TERM);
    first.end(Signal::TERM);
    assert!(
        !first.err_rest().iter().any(|line| line.contains("Another")),
        "the first one has the folder"
    );
}

#[tokio::test]
async fn a_damaged_history_is_set_aside_under_a_name_that_is_said() {
    let up = Up::new();
    keep(&up, [60.0]).await;
    let file = up.data().join("history.db");
    let mut torn = fs::read(&file).expect("its bytes");
    torn[100] = 0xff;
    fs::write(&file, &torn).expect("written");
    let run = up.run(["history", "/Site/web"]);
    assert_eq!(run.code, Some(2), "what it had cannot be said: {run:?}");
    let aside = up.data().join("history.damaged-1.db");
    assert!(run.err.contains(&aside.display().to_string()), "{run:?}");
    assert!(fs::read(aside).expect("set aside") == torn, "as it was");
    assert_eq!(history(&up, "1h")["count"], 0, "a new one has begun");
}

#[tokio::test]
async fn an_answer_that_could_not_be_had_is_an_error() {
    let nginx = Nginx::start();
    let port = Port::claim();
    let uri = format!("mongodb://127.0.0.1:{}", port.number());
    let up = Up::with(site(&nginx, &mongo_sink(&uri)));
    let run = up.run(["history", "/Site/web"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{run:?}");
    assert!(run.err.contains("no server answers"), "{run:?}");
    let run = up.run(["history", "/Site/web", "--csv"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    // What the embedded history has is an answer.
    keep(&up, [60.0]).await;
    let run = up.run(["history", "/Site/web"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("from the embedded history"), "{run:?}");
    assert!(run.err.contains("no server answers"), "{run:?}");
}

#[tokio::test]
async fn the_store_that_has_the_span_answers() {
    let nginx = Nginx::start();
    let mongod = Mongod::start();
    let up = Up::with(site(&nginx, &mongo_sink(&mongod.uri())));
    keep(&up, (1..=100).map(|minute| f64::from(minute) * 60.0)).await;
    let run = up.run(["history", "/Site/web"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.out
            .contains("over 100 samples, from the embedded history"),
        "{run:?}"
    );
    assert!(run.err.contains("has less of this: 0 of 100"), "{run:?}");
    let csv = up.run(["history", "/Site/web", "--csv"]);
    assert_eq!(csv.out.lines().count(), 101, "{csv:?}");
    // What is checked now goes to both, and the MongoDB has the last minute.
    assert_eq!(up.run(NO_ARGUMENTS).code, Some(0));
    assert_eq!(
        history(&up, "30s")["store"],
        format!("MongoDB 127.0.0.1:{}/up", mongod.port()),
    );
}

#[tokio::test]
async fn a_one_shot_check_removes_what_is_too_old() {
    let nginx = Nginx::start();
    let parts = "[[sink]]\ntype = \"history\"\n[history]\nraw = \"1d\"\nkeep = \"10d\"\n";
    let up = Up::with(site(&nginx, parts));
    keep(&up, [5.0 * DAY, 4.0 * DAY, 3.0 * DAY]).await;
    let points = || {
        let samples = history(&up, "30d")["samples"].as_array().map(Vec::len);
        samples.expect("samples")
    };
    assert_eq!(points(), 3);
    assert_eq!(up.run(NO_ARGUMENTS).code, Some(0));
    assert_eq!(points(), 1, "only that of now");
    assert_eq!(history(&up, "30d")["count"], 4, "rollups are kept longer");
}

#[test]
fn a_mongodb_that_acknowledges_nothing_is_refused() {
    let nginx = Nginx::start();
    let up = Up::with(site(&nginx, &mongo_sink("mongodb://127.0.0.1/?w=0")));
    let run = up.run(["validate"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.err.contains("w=0") && run.err.contains("w=majority"),
        "{run:?}"
    );
}

#[tokio::test]
async fn the_history_as_a_whole_can_be_asked() {
    let up = Up::new();
    // Two incidents: of `/S/a` 50 to 40 minutes ago, of `/S/b` since 20 minutes.
    let minutes = (0..=60).rev();
    let samples = minutes.flat_map(|minute| {
        let status = |is_down: bool| if is_down { 0.0 } else { 1.0 };
        let age = f64::from(minute) * 60.0 + 1.0;
        [
            ("/S/a", age, status((41..=50).contains(&minute))),
            ("/S/b", age, status(minute <= 20)),
        ]
    });
    keep_all(&up, samples).await;
    let old = (1..=3).map(|day| ("/S/old", f64::from(day) * DAY, 1.0));
    keep_all(&up, old).await;
    let run = |arguments: &[&str]| {
        let run = up.run(["history"].iter().chain(arguments));
        assert_eq!(run.code, Some(0), "{arguments:?}: {run:?}");
        run.out
    };
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&run(&[arguments, &["--json"]].concat())).expect("JSON")
    };
    assert_eq!(run(&["paths"]).lines().count(), 3);
    assert!(run(&["paths"]).ends_with("   3  /S/old\n"), "the third");
    assert_eq!(json(&["paths"])["paths"][2]["path"], "/S/old");

    let listed = run(&["incidents"]);
    let lines: Vec<&str> = listed.lines().collect();
    let [newest, oldest] = lines[..] else {
        panic!("two incidents: {listed}")
    };
    assert!(newest.ends_with(" to now /S/b: DOWN — refused"), "{listed}");
    assert!(oldest.contains("(10 min) /S/a: DOWN — refused"), "{listed}");
    let found = json(&["incidents", "/S/a"]);
    let found = found["incidents"].as_array().expect("a list");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["path"], &found[0]["level"]),
        (&"/S/a".into(), &0.into())
    );
    let ends = found[0]["until"].as_f64().zip(found[0]["from"].as_f64());
    let length = ends.map(|(until, from)| (until - from).round());
    assert_eq!(length, Some(600.0));
    assert_eq!(
        run(&["incidents", "/S", "--since", "30m"]).lines().count(),
        1
    );
    assert_eq!(run(&["incidents", "/S/ol"]), "");

    run(&["rebuild"]);
    let status = json(&["status"]);
    assert_eq!(status["paths"], 3);
    assert!(status["bytes"].as_u64() > Some(10_000), "{status}");
    assert!(
        status["first"].as_f64() < status["last"].as_f64(),
        "{status}"
    );
    assert_eq!(status["rolled_up"][0], status["rolled_up"][1], "{status}");
    assert!(run(&["status"]).contains("rollups: "), "for a person");
    assert_eq!(up.run(["history"]).code, Some(2), "a path or a command");
}

#[tokio::test]
async fn a_path_has_its_windows_and_incidents() {
    let up = Up::new();
    // Down at the end of both days: for ten minutes, and for nearly fifteen before a gap.
    let day = |begin: f64| {
        (0..1_440).map(move |minute| {
            let age = begin * DAY + f64::from(minute) * 60.0 + 30.0;
            ("/S/a", age, if minute < 10 { 0.0 } else { 1.0 })
        })
    };
    keep_all(&up, day(9.0).chain(day(0.0))).await;
    let run = up.run(["history", "/S/a"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let lines: Vec<&str> = run.out.lines().rev().take(7).collect();
    let [all, older, d30, d7, h24, _before, incident] = lines[..] else {
        panic!("{run:?}")
    };
    assert!(all.starts_with("/S/a: 99.3"), "{all}");
    for (line, name, count) in [
        (h24, " 24 h: 99.3", 1_440),
        (d7, "  7 d: 99.3", 1_440),
        (d30, " 30 d: 99.1", 2_880),
    ] {
        assert!(line.starts_with(name), "{line}");
        let end = format!(", p50 0.1s, p95 0.1s, p99 0.1s over {count} samples");
        assert!(line.ends_with(&end), "{line}");
    }
    assert_eq!(older, " 90 d to 365 d: nothing older");
    assert!(
        incident.ends_with(" to now incident: DOWN — refused"),
        "{incident}"
    );
    let json = up.run(["history", "/S/a", "--json"]);
    let json: Value = serde_json::from_str(&json.out).expect("JSON");
    let windows = json["windows"].as_array().expect("a list");
    assert_eq!(windows.len(), 5);
    assert_eq!(windows[0]["seconds"], DAY);
    assert_eq!(windows[4]["count"], 2_880);
    let p99 = windows[4]["p99"].as_f64().expect("a number");
    assert!((p99 - 0.1).abs() < 0.001, "{json}");
}

#[tokio::test]
async fn one_agent_can_be_asked_about() {
    let nginx = Nginx::start();
    let mongod = Mongod::start();
    let agent = |name: &str, parts: &str| {
        let sink = mongo_sink(&mongod.uri());
        Up::with(format!(
            "agent = {name:?}\n{}",
            site(&nginx, &format!("{sink}{parts}"))
        ))
    };
    // Both write the same path; the second one has another source, too.
    let more = format!(
        "[[source]]\ntype = \"http\"\nname = \"more\"\nurl = {:?}\n",
        nginx.url("/ok")
    );
    let ups = [agent("one", ""), agent("two", &more)];
    for (up, checks) in ups.iter().zip([1, 2]) {
        for _ in 0..checks {
            assert_eq!(up.run(NO_ARGUMENTS).code, Some(0));
        }
    }
    let count = |up: &Up, of: &[&str]| {
        let run = up.run(["history", "/Site/web", "--json"].iter().chain(of));
        assert_eq!(run.code, Some(0), "{run:?}");
        let json: Value = serde_json::from_str(&run.out).expect("JSON");
        (json["count"].as_u64(), json["windows"][4]["count"].as_u64())
    };
    let [one, _] = &ups;
    let both = |count| (Some(count), Some(count));
    assert_eq!(count(one, &[]), both(3));
    assert_eq!(count(one, &["--agent", "one"]), both(1));
    assert_eq!(count(one, &["--agent", "two"]), both(2));
    assert_eq!(count(one, &["--agent", "nobody"]), both(0));
    let lines = |of: &[&str]| {
        let run = one.run(["history"].iter().chain(of));
        assert_eq!(run.code, Some(0), "{of:?}: {run:?}");
        run.out.lines().count()
    };
    assert_eq!(lines(&["paths", "--agent", "two"]), 3);
    assert_eq!(lines(&["paths", "--agent", "one"]), 2);
    assert_eq!(lines(&["export", "--agent", "two"]), 7, "and a header");
    assert_eq!(lines(&["incidents", "--agent", "two"]), 0);
    // Without a MongoDB, there is nobody else.
    let alone = Up::new();
    let run = alone.run(["history", "/Site/web", "--agent", "two"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("nothing of the agent"), "{run:?}");
}

#[tokio::test]
async fn the_status_says_what_a_mongodb_lacks() {
    let nginx = Nginx::start();
    let port = Port::claim();
    let host = format!("127.0.0.1:{}", port.number());
    let up = Up::with(site(&nginx, &mongo_sink(&format!("mongodb://{host}"))));
    // The tree and its source are checked once, and wait.
    assert_eq!(up.run(NO_ARGUMENTS).code, Some(0));
    let run = up.run(["history", "status"]);
    let expected = format!("MongoDB {host}/up: 2 rows behind, the oldest of ");
    for part in [&*expected, "\n  rollups: not known: no server answers"] {
        assert!(run.out.contains(part), "{run:?}");
    }
    let run = up.run(["history", "status", "--json"]);
    let status: Value = serde_json::from_str(&run.out).expect("JSON");
    let target = &status["targets"][0];
    let since = target["since"].as_f64().expect("a date");
    assert!((0.0..60.0).contains(&(now() - since)), "{status}");
    assert_eq!(
        (&target["lag"], &target["backfill"]),
        (&2.into(), &Value::Null)
    );
}
