//! Answers about one agent: they are the same from rollups as from samples, whoever else wrote to a
//! path, and take no more.

use std::time::{SystemTime, UNIX_EPOCH};

use bson::{Bson, Document, doc};
use mongodb::Client;
use up_history::mongo::{Feed, MongoStore};
use up_history::{HistoryPart, PathExtent, PathOverview, Query, Series, SpanCut, Store as _};
use up_tests::mongod::Mongod;

use crate::answers::{DAY, insert, midnight};
use crate::site::{append, collection, count, feed, open, record, roll_up, until_index};
use crate::users::Users;

const HOUR: f64 = 3_600.0;
const AGENTS: [&str; 4] = ["a", "b", "", "nobody"];
const PATHS: [&str; 2] = ["/R/a", "/R/b"];

/// Samples of an agent, two each hour. Each agent has others.
fn samples(path: &str, agent: &Bson, (from, to): (f64, f64)) -> Vec<Document> {
    let shift = match agent {
        Bson::String(name) => f64::from(name.bytes().next().unwrap_or_default()),
        _ => 0.5,
    };
    let mut documents = Vec::new();
    let mut date = from + shift;
    while date < to {
        let number = documents.len();
        let up = if (number + shift as usize).is_multiple_of(23) {
            0.25
        } else {
            1.0
        };
        let mut document = doc! { "path": path, "up": up, "date": date, "duration": shift / 1e3 };
        if *agent != Bson::Null {
            document.insert("agent", agent.clone());
        }
        if up < 1.0 {
            document.insert(
                "cause",
                doc! { "code": "timeout", "text": format!("{agent} waited") },
            );
        }
        documents.push(document);
        date += 1_800.0;
    }
    documents
}

/// Days of one agent, of another, of the original, of several, and of an agent without a name.
fn history(begin: f64) -> Vec<Document> {
    let (a, b) = (Bson::from("a"), Bson::from("b"));
    let day = |first: f64, last: f64| (begin + first * DAY, begin + last * DAY);
    [
        samples("/R/a", &a, day(0.0, 1.6)),
        samples("/R/a", &b, day(1.3, 2.0)),
        samples("/R/a", &Bson::Null, day(2.0, 3.5)),
        samples("/R/a", &b, day(3.25, 3.75)),
        samples("/R/a", &Bson::Int32(7), day(4.0, 4.5)),
        samples("/R/a", &a, day(4.25, 5.0)),
        samples("/R/b", &b, day(0.5, 5.0)),
    ]
    .concat()
}

/// What is answered about an agent: the parts of the span and of a piece of it, and the samples, of
/// each path, and the sums of all paths.
#[derive(Debug, PartialEq)]
struct AgentAnswers {
    agent: &'static str,
    parts: Vec<Vec<HistoryPart>>,
    series: Vec<Series>,
    overview: Vec<PathOverview>,
    extents: Vec<PathExtent>,
}

async fn answers(uri: &str, (from, to): (f64, f64)) -> Vec<AgentAnswers> {
    let store = MongoStore::open(uri, "up").expect("a target");
    let mut all = Vec::new();
    for agent in AGENTS {
        let store = store.of_agent(agent).expect("a store");
        let piece = (from + 1.6 * DAY, to - 2.2 * DAY);
        let overview = store.overview(piece.0, piece.1).await;
        let mut found = AgentAnswers {
            agent,
            parts: Vec::new(),
            series: Vec::new(),
            overview: overview.expect("an overview"),
            extents: store.extents().await.expect("extents"),
        };
        for path in &mut found.overview {
            round(&mut path.uptime);
            round(&mut path.deviation);
        }
        for path in PATHS {
            for (span, cut) in [((from, to), SpanCut::Whole), (piece, SpanCut::AtMost(300))] {
                let mut parts = store.parts(path.into(), span, cut).await.expect("parts");
                for HistoryPart { summary, .. } in &mut parts {
                    round(&mut summary.uptime);
                    round(&mut summary.mean);
                    round(&mut summary.deviation);
                }
                found.parts.push(parts);
            }
            let query = Query {
                path: path.into(),
                from,
                to,
                most: 1_000_000,
            };
            let mut series = store.series(query).await.expect("a series");
            round(&mut series.uptime);
            found.series.push(series);
        }
        all.push(found);
    }
    all
}

/// Sums of fractions depend on their order, in the last digits.
fn round(value: &mut Option<f64>) {
    *value = value.map(|value| (value * 1e9).round() / 1e9);
}

/// Compares what is answered with rollups and without.
async fn check(users: &Users, span: (f64, f64), what: &str) {
    let truth = answers(&users.uri("sampler"), span).await;
    let found = answers(&users.uri("reader"), span).await;
    for (found, truth) in found.iter().zip(&truth) {
        assert_eq!(found, truth, "{what}");
    }
}

#[tokio::test]
async fn each_agent_has_its_own_history() {
    let mongod = Mongod::start_with(&["--auth"]);
    let users = Users::make(&mongod).await;
    let uri = users.uri("root");
    let begin = midnight() - 5.0 * DAY;
    insert(&uri, history(begin)).await;
    let span = (begin - 1.5 * DAY, begin + 6.0 * DAY);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let running = feed(&embedded, &uri);
    for (name, index) in [
        ("statuses", "up_path_date"),
        ("unknowns", "up_path_date"),
        ("rollups", "up_agent_day"),
    ] {
        until_index(&uri, name, index).await;
    }
    running.stop().await;
    let prepare = || Feed::prepare(&embedded, &uri, "up", "a").expect("a target");
    let mut feed = prepare();
    check(&users, span, "without rollups").await;
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    check(&users, span, "rolled up").await;
    let parts = |agent: &str| doc! { "agent": agent, "agent_day": { "$gt": 0 } };
    for (agent, days) in [("a", 2), ("b", 2), ("", 1)] {
        assert_eq!(
            count(&uri, "rollups", parts(agent)).await,
            days,
            "{agent:?}"
        );
    }
    let store = MongoStore::open(&uri, "up").expect("a target");
    let paths = async |agent: &str| {
        let of_agent = store.of_agent(agent).expect("a store");
        of_agent.paths().await.expect("paths")
    };
    assert_eq!(paths("a").await, ["/R/a"]);
    assert_eq!(paths("b").await, PATHS);
    assert_eq!(paths("nobody").await.len(), 0);

    // A late one, of another agent than the day has.
    append(
        &embedded,
        vec![record("/R/b", begin + 2.5 * DAY, Some(0.0))],
    )
    .await;
    assert_eq!(prepare().drain(crate::site::PATIENCE).await.left, 0);
    check(&users, span, "a late sample").await;
    roll_up(&mut feed, 300).await;
    check(&users, span, "made anew").await;
    assert_eq!(count(&uri, "rollups", parts("a")).await, 3);

    // As a former Up made them, some without the samples.
    let rollups = collection(&uri, "rollups").await;
    let all = doc! { "day": { "$exists": true } };
    let former = doc! { "$unset": { "agents": "" } };
    rollups
        .update_many(all.clone(), former)
        .await
        .expect("unset");
    rollups
        .delete_many(doc! { "agent_day": { "$gte": 0 } })
        .await
        .expect("removed");
    check(&users, span, "of a former Up").await;
    let sums = async || {
        let parts = store.parts("/R/a".into(), span, SpanCut::Whole).await;
        let mut summary = parts.expect("parts")[0].summary;
        round(&mut summary.mean);
        summary
    };
    let whole = sums().await;
    let statuses = collection(&uri, "statuses").await;
    let gone = doc! { "path": "/R/a", "date": { "$lt": begin + 2.0 * DAY } };
    statuses.delete_many(gone).await.expect("removed");
    assert_eq!(sums().await, whole, "they are rolled up");
    roll_up(&mut feed, 90_000).await;
    check(&users, span, "listed again").await;
    assert_eq!(sums().await, whole, "nothing is lost");
    let waits = doc! { "$or": [{ "again": true }, { "late": { "$exists": true } }] };
    assert_eq!(count(&uri, "rollups", waits).await, 0);
    let listed = doc! { "agents": { "$type": "array" } };
    assert!(count(&uri, "rollups", listed).await >= 8);

    // What is rolled up is not read from samples.
    let before = answers(&uri, span).await;
    statuses.delete_many(doc! {}).await.expect("removed");
    let after = answers(&uri, span).await;
    for (after, before) in after.iter().zip(&before) {
        assert_eq!(after.parts, before.parts);
        assert_eq!(after.overview, before.overview);
        assert_eq!(after.extents, before.extents);
    }
}

/// Days are made some hours at a time, and another agent begins in the middle.
#[tokio::test]
async fn a_day_that_is_under_way_is_rolled_up_by_agent() {
    let mongod = Mongod::start_with(&["--auth"]);
    let users = Users::make(&mongod).await;
    let uri = users.uri("root");
    let begin = midnight() + 3.0 * DAY;
    let (a, b) = (Bson::from("a"), Bson::from("b"));
    let hours = |first: f64, last: f64| (begin + first * HOUR, begin + last * HOUR);
    let documents = [
        samples("/R/a", &a, hours(0.0, 30.0)),
        samples("/R/a", &b, hours(5.0, 13.0)),
        samples("/R/b", &Bson::Null, hours(3.0, 28.0)),
    ];
    insert(&uri, documents.concat()).await;
    let span = (begin - HOUR, begin + 1.5 * DAY);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let mut feed = Feed::prepare(&embedded, &uri, "up", "a").expect("a target");
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("after 1970").as_secs_f64();
    for hour in [4.5, 8.5, 24.5, 30.5] {
        let ahead = (begin + hour * HOUR - now) as u64;
        roll_up(&mut feed, ahead).await;
        roll_up(&mut feed, ahead + 120).await;
        check(&users, span, &format!("after {hour} hours")).await;
    }
    // What is rolled up of a day is not read again.
    let client = Client::with_uri_str(&uri).await.expect("a client");
    let statuses = client.database("up").collection::<Document>("statuses");
    let before = answers(&uri, span).await;
    let gone = doc! { "date": { "$lt": begin + 29.0 * HOUR } };
    statuses.delete_many(gone).await.expect("removed");
    insert(&uri, samples("/R/b", &b, hours(31.0, 32.0))).await;
    let ahead = (begin + 34.5 * HOUR - now) as u64;
    roll_up(&mut feed, ahead).await;
    roll_up(&mut feed, ahead + 120).await;
    let after = answers(&uri, span).await;
    for (after, before) in after.iter().zip(&before) {
        assert_eq!(after.parts[..2], before.parts[..2]);
    }
}
