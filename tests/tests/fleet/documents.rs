//! Documents of every kind that the database may hold.

use std::time::{Duration, Instant};

use bson::oid::ObjectId;
use bson::{Bson, doc};
use up_core::component::MAX_COMPONENTS;
use up_core::{CheckResult, Component, Status, Value};
use up_tests::check_source::{check_source, verdict};
use up_tests::mongod::Mongod;

use crate::site::{database, insert, now};

const TIMEOUT: Duration = Duration::from_secs(20);

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
    let database = database(&mongod.uri()).await;
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
    let database = database(&mongod.uri()).await;
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
    let database = database(&mongod.uri()).await;
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

#[tokio::test]
async fn a_hundred_thousand_agents_are_bounded_and_said() {
    let mongod = Mongod::start();
    let database = database(&mongod.uri()).await;
    let long = "z".repeat(2_000);
    for batch in 0..10_u32 {
        let one = |i: u32| {
            let name = format!("agent {batch} {i} {long}");
            let at = bson::DateTime::from_millis(i64::from(i) * 1_000_000_000_000);
            doc! { "_id": name, "at": at, "interval": 1e300, "sources": i64::MAX }
        };
        insert(&database, "agents", (0..10_000).map(one).collect()).await;
    }
    let path = "/x".repeat(900);
    let name = format!("{}\u{202e}", "n".repeat(10 << 20));
    let odd = vec![
        doc! { "path": &path, "up": 1.0, "date": now(), "agent": "/a/../b" },
        doc! { "path": "/a/../a/./a//a/", "up": 1.0, "date": now(), "agent": "." },
        doc! { "path": "/R/x", "up": 1.0, "date": now(), "agent": name },
    ];
    insert(&database, "statuses", odd).await;
    let start = Instant::now();
    let found = check(&mongod, "").await;
    assert!(start.elapsed() < TIMEOUT, "{:?}", start.elapsed());
    let list = found.components.as_ref().expect("components").list();
    assert!(list.len() <= MAX_COMPONENTS, "{}", list.len());
    assert!(
        number(&found, "components_left_out") > 0.0,
        "{:?}",
        found.detail
    );
    let longest = list.iter().map(|one| one.name.len()).max();
    assert!(longest <= Some(200), "{longest:?}");
}
