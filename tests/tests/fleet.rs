//! `type = "mongo"` and `up agents`: several agents write to a real mongod, and another Up shows all
//! of them in one tree.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bson::oid::ObjectId;
use bson::{Bson, Document, doc};
use mongodb::{Client, Database};
use rustix::process::Signal;
use serde_json::Value as Json;
use up_core::{CheckResult, Component, Status, Value};
use up_tests::check_source::{check_source, verdict};
use up_tests::hook::Hook;
use up_tests::mongod::Mongod;
use up_tests::up::{RunningUp, Up, eventually};

const TIMEOUT: Duration = Duration::from_secs(20);

fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs_f64()
}

/// An agent with two sources, one of which is up while the file `flag` is there.
fn agent(mongod: &Mongod, name: &str) -> (Up, RunningUp) {
    let up = Up::with(format!(
        r#"name = "Site"
        agent = {name:?}
        interval = "1s"
        [alert]
        retry = "1s"
        [[source]]
        type = "command"
        name = "steady"
        command = ["true"]
        [[source]]
        type = "command"
        name = "flag"
        command = ["sh", "-c", "test -e flag || exit 2"]
        [[sink]]
        type = "mongo"
        uri = {:?}
        [[sink]]
        type = "stdout"
        "#,
        mongod.uri()
    ));
    up.write("flag", "");
    let running = up.start(["watch"]);
    (up, running)
}

fn viewer(mongod: &Mongod, more: &str) -> Up {
    Up::with(format!(
        r#"name = "Desk"
        agent = "viewer"
        interval = "1s"
        [alert]
        retry = "1s"
        [[source]]
        type = "mongo"
        name = "Fleet"
        uri = {:?}
        [[sink]]
        type = "stdout"
        {more}"#,
        mongod.uri()
    ))
}

/// The word of the node at a path, from a one-shot check.
fn word(up: &Up, path: &str) -> Option<String> {
    fn find(node: &Json, path: &str) -> Option<String> {
        if node["path"] == path {
            return node["word"].as_str().map(str::to_owned);
        }
        node["children"]
            .as_array()?
            .iter()
            .find_map(|child| find(child, path))
    }
    let out = up.run(["--json"]).out;
    find(&serde_json::from_str::<Json>(&out).ok()?["root"], path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_is_one_tree_and_a_silent_agent_one_notice() {
    let mut mongod = Mongod::start();
    let (flagged, _b) = agent(&mongod, "b");
    let (_a, mut a) = agent(&mongod, "a");
    let (_site, _c) = agent(&mongod, "c");
    let hook = Hook::start(&[]);
    let webhook = format!("[[sink]]\ntype = \"webhook\"\nurl = {:?}", hook.url());
    // A viewer that writes to the same MongoDB must not read what it wrote.
    let sink = format!("[[sink]]\ntype = \"mongo\"\nuri = {:?}", mongod.uri());
    let viewer = viewer(&mongod, &format!("{webhook}\n{sink}"));
    for path in ["a/Site/steady", "b/Site/flag", "c/Site/flag"] {
        eventually(path, || {
            word(&viewer, &format!("/Desk/Fleet/{path}")).as_deref() == Some("UP")
        });
    }
    let watch = viewer.start(["watch"]);
    watch.out_until("Desk: ");

    // A source of one agent falls, and recovers.
    std::fs::remove_file(flagged.dir().join("flag")).expect("the file is there");
    let line = watch.out_until("/Desk/Fleet/b/Site/flag: ");
    assert!(line.contains(": DOWN — the command"), "{line}");
    assert!(hook.next().body.contains("/Desk/Fleet/b/Site/flag"));
    flagged.write("flag", "");
    watch.out_until("/Desk/Fleet/b/Site/flag: UP");
    assert!(hook.next().body.contains("\"recovered\""));

    // An agent is killed: one line, one notice.
    a.end(Signal::KILL);
    let line = watch.out_until("/Desk/Fleet/a/");
    let told = "/Desk/Fleet/a/agent: DOWN — agent a is silent: it has written nothing for longer than 15 s";
    assert!(line.ends_with(told), "{line}");
    let body = hook.next().body;
    assert!(body.contains("agent a is silent"), "{body}");
    assert_eq!(
        word(&viewer, "/Desk/Fleet/a/Site/steady").as_deref(),
        Some("UNREACHABLE")
    );
    let list = viewer.run(["agents"]).out;
    let of = |name: &str| {
        let line = list
            .lines()
            .find(|line| line.contains(&format!("  {name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {list}"))
            .to_owned()
    };
    assert!(of("a").ends_with(", silent"), "{list}");
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        of("b").ends_with(&format!("  b: 2 sources, Up {version}")),
        "{list}"
    );
    let json: Json = serde_json::from_str(&viewer.run(["agents", "--json"]).out).expect("JSON");
    let agents = json["stores"][0]["agents"].as_array().expect("a list");
    assert!(
        agents
            .iter()
            .any(|agent| agent["name"] == "c" && agent["sources"] == 2),
        "{json}"
    );

    // The MongoDB is cut off: unknown, and nothing is down.
    mongod.kill9();
    let line = watch.out_until("/Desk/Fleet: UNKNOWN");
    assert!(line.contains("MongoDB 127.0.0.1:"), "{line}");
    mongod.start_again();
    watch.out_until("/Desk/Fleet/b/Site/steady: UP");
    eventually("the status of the fleet is back", || {
        word(&viewer, "/Desk/Fleet/b/Site/flag").as_deref() == Some("UP")
    });
    assert!(
        hook.rest().is_empty(),
        "nobody was notified of anything else"
    );
    let out = watch.out_now();
    assert!(
        out.iter().all(|line| !line.contains("/b/agent: DOWN")),
        "{out:?}"
    );
}

async fn database(mongod: &Mongod) -> Database {
    let client = Client::with_uri_str(mongod.uri()).await.expect("a URI");
    client.database("up")
}

async fn insert(database: &Database, collection: &str, documents: Vec<Document>) {
    let collection = database.collection::<Document>(collection);
    collection.insert_many(documents).await.expect("written");
}

async fn check(mongod: &Mongod, more: &str) -> CheckResult {
    let keys = format!("uri = {:?}\n{more}", mongod.uri());
    check_source("mongo", &keys, TIMEOUT).await
}

fn line(components: &[Component]) -> String {
    let all = components.iter().map(|component| {
        let status = component.status.map(Status::value);
        match (component.is_group(), status) {
            (true, _) => format!("{}{{{}}}", component.name, line(&component.members)),
            (_, None) => format!("{} ?", component.name),
            (_, Some(_)) if component.quiet => format!("[{}]", component.name),
            (_, Some(status)) => format!("{} {status}", component.name),
        }
    });
    all.collect::<Vec<_>>().join(", ")
}

fn told(result: &CheckResult) -> String {
    line(
        result
            .components
            .as_ref()
            .map_or(&[][..], |found| found.list()),
    )
}

fn number(result: &CheckResult, name: &str) -> f64 {
    match result.detail.get(name) {
        Some(Value::Number(number)) => *number,
        _ => 0.0,
    }
}

#[tokio::test]
async fn the_originals_documents_are_read_without_an_index() {
    let mongod = Mongod::start();
    let found = check(&mongod, "").await;
    assert_eq!(verdict(&found), "unknown missing", "an empty database");
    let database = database(&mongod).await;
    let one = |path: &str, up: Bson, ago: f64| {
        doc! { "path": path, "up": up, "date": now() - ago, "duration": 0.5 }
    };
    let documents = vec![
        one("/R/a", 0.into(), 31.0),
        one("/R/a", 1.into(), 1.0),
        one("/R/b", 0.25.into(), 1.0),
        one("/R", 0.625.into(), 1.0),
    ];
    insert(&database, "statuses", documents).await;
    let found = check(&mongod, "").await;
    assert_eq!(told(&found), "no agent{[agent], R{a 1, b 0.25}}");
    assert_eq!(verdict(&found), "0.625 reported");
    let found = check(&mongod, "path = \"/R/b\"\npolicy = \"worst\"").await;
    assert_eq!(told(&found), "no agent{[agent], R{b 0.25}}");
    let found = check(&mongod, "agents = [\"a\"]").await;
    assert_eq!(
        told(&found),
        "a 0",
        "who is named and never wrote is silent"
    );
}

#[tokio::test]
async fn odd_documents_are_counted_and_the_others_are_read() {
    let mongod = Mongod::start();
    let database = database(&mongod).await;
    let huge = "x".repeat(3 << 20);
    let good = doc! {
        "path": "/R/good", "up": 0.0, "date": now(), "duration": 1.0, "agent": "a",
        "cause": { "code": "refused", "text": format!("{huge}\n") },
    };
    let path = |path: Bson| doc! { "path": path, "up": 1.0, "date": now(), "agent": "a" };
    let up = |up: Bson| doc! { "path": "/R/up", "up": up, "date": now(), "agent": "a" };
    let date = |date: Bson| doc! { "path": "/R/date", "up": 1.0, "date": date, "agent": "a" };
    let odd = vec![
        path(7.into()),
        path(huge.as_str().into()),
        path(Bson::Null),
        path(doc! {}.into()),
        path("R".into()),
        path("/R\u{1b}[31m".into()),
        up("1".into()),
        up(7.into()),
        up(f64::NAN.into()),
        up(vec![Bson::from(1)].into()),
        date("now".into()),
        date(0.0.into()),
        date((now() + 1e6).into()),
        date(f64::NAN.into()),
        date(f64::INFINITY.into()),
        doc! {},
    ];
    let count = odd.len();
    insert(&database, "statuses", odd).await;
    // Odd beside what is needed: read nevertheless.
    let lenient = vec![
        good,
        doc! { "path": "/R/agent", "up": 1.0, "date": now(), "agent": 7 },
        doc! { "path": "/R/cause", "up": 0.5, "date": now(), "agent": "a", "cause": ["x"] },
        doc! { "path": "/R/took", "up": 1, "date": now() as i64, "agent": "a", "duration": "long" },
        doc! { "path": "/R/before", "up": 1.0, "date": now(), "agent": huge.as_str() },
    ];
    insert(&database, "statuses", lenient).await;
    // Dates of 1970 and of the far future, as Up itself would write them.
    let dated = |seconds: u32, date: f64| {
        let mut id = [7; 12];
        id[..4].copy_from_slice(&seconds.to_be_bytes());
        doc! {
            "_id": ObjectId::from_bytes(id), "path": "/R/off", "up": 0.0, "date": date, "agent": "a",
        }
    };
    insert(
        &database,
        "statuses",
        vec![dated(1, 1.0), dated(u32::MAX, 9e9)],
    )
    .await;
    insert(
        &database,
        "agents",
        vec![
            doc! { "_id": 7, "at": "now" },
            doc! { "_id": "clock", "at": bson::DateTime::now(), "clock": 1.0, "interval": -1.0 },
            doc! { "_id": huge.as_str(), "at": bson::DateTime::now(), "version": 7 },
        ],
    )
    .await;
    let found = check(&mongod, "agents = [\"a\", \"clock\"]").await;
    assert_eq!(
        told(&found),
        "a{[agent], R{cause 0.5, good 0, took 1}}, clock ?"
    );
    // Two paths that are no paths are found out only here, and are not counted.
    let unreadable = number(&found, "unreadable_samples");
    assert!(unreadable >= count as f64 - 3.0, "{unreadable} of {count}");
    let all = check(&mongod, "").await;
    let list = all.components.as_ref().expect("components").list();
    assert_eq!(list.len(), 4, "{}", told(&all));
    let good = &list
        .iter()
        .find(|one| &*one.name == "a")
        .expect("a")
        .members[1]
        .members[1];
    assert_eq!(&*good.name, "good");
    let cause = good.cause.as_ref().expect("a cause");
    assert!(
        cause.text.len() <= 300 && cause.text.starts_with("xxx"),
        "{cause}"
    );
}

#[tokio::test]
async fn any_number_of_paths_is_bounded_and_said() {
    let mongod = Mongod::start();
    let database = database(&mongod).await;
    let text = "y".repeat(200);
    for batch in 0..12_u32 {
        let one = |i: u32| {
            let path = format!("/R/{batch}/{i}/{text}");
            doc! { "path": path, "up": 1.0, "date": now(), "agent": format!("a{}", i % 3_000) }
        };
        insert(&database, "statuses", (0..10_000).map(one).collect()).await;
    }
    let found = check(&mongod, "").await;
    assert_eq!(verdict(&found), "up");
    assert_eq!(
        found.detail.get("more_samples_than_read"),
        Some(&Value::Flag(true))
    );
    assert!(
        number(&found, "components_left_out") > 1_000.0,
        "{:?}",
        found.detail
    );
}
