//! The rollups of a MongoDB: they are made of whatever lies there, and no answer is ever wrong, whether
//! they are there, in part, or not.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bson::{Document, doc};
use mongodb::Client;
use up_history::mongo::{Feed, MongoStore};
use up_history::{HistoryPart, PathExtent, PathOverview, Query, Series, SpanCut, Store};
use up_tests::mongod::Mongod;

use crate::site::{PATIENCE, append, collection, count, feed, open, record, roll_up, until_index};

const DAY: f64 = 86_400.0;

/// The last midnight but two, of UTC.
fn midnight() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let days = now.expect("after 1970").as_secs() / 86_400 - 2;
    days as f64 * DAY
}

/// Samples of some days as the original writes them: no `_id` of ours, whole numbers where they are whole.
fn originals(path: &str, begin: f64, days: u32) -> Vec<Document> {
    let one = |i: u32| {
        let date = begin + f64::from(i) * 60.0 + 0.25;
        let up = i32::from(i % 100 >= 3);
        let millis = f64::from(100 + i % 50);
        doc! { "path": path, "up": up, "date": date, "duration": millis / 1e3 }
    };
    (0..days * 1_440).map(one).collect()
}

async fn insert(uri: &str, documents: Vec<Document>) {
    let statuses = collection(uri, "statuses").await;
    statuses.insert_many(documents).await.expect("written");
}

/// Every kind of answer that may come from rollups.
#[derive(Debug, PartialEq)]
struct RolledAnswers {
    parts: Vec<Vec<HistoryPart>>,
    series: Vec<Series>,
    overviews: Vec<Vec<PathOverview>>,
    extents: Vec<PathExtent>,
}

async fn answers(uri: &str, (from, to): (f64, f64)) -> RolledAnswers {
    let store = MongoStore::open(uri, "up").expect("a target");
    let path = || "/R/a".to_owned();
    let mut all = RolledAnswers {
        parts: Vec::new(),
        series: Vec::new(),
        overviews: Vec::new(),
        extents: store.extents().await.expect("extents"),
    };
    // Sums of fractions depend on their order, in the last digits.
    let rounded = |value: Option<f64>| value.map(|value| (value * 1e9).round() / 1e9);
    for span in [
        (from, to),
        (from + 4.1 * DAY, to - 2.2 * DAY),
        (from, from + 3.5 * DAY),
    ] {
        for cut in [SpanCut::Whole, SpanCut::AtMost(300), SpanCut::AtMost(3)] {
            let mut parts = store.parts(path(), span, cut).await.expect("parts");
            for HistoryPart { summary, .. } in &mut parts {
                summary.uptime = rounded(summary.uptime);
                summary.mean = rounded(summary.mean);
                summary.deviation = rounded(summary.deviation);
            }
            all.parts.push(parts);
        }
        for most in [40, 1_000_000] {
            let (from, to) = span;
            let query = Query {
                path: path(),
                from,
                to,
                most,
            };
            let mut series = store.series(query).await.expect("a series");
            series.uptime = rounded(series.uptime);
            all.series.push(series);
        }
        let mut overview = store.overview(span.0, span.1).await.expect("an overview");
        for path in &mut overview {
            path.mean = rounded(path.mean);
            path.deviation = rounded(path.deviation);
        }
        all.overviews.push(overview);
    }
    all
}

fn days_of(count: u64) -> Document {
    doc! { "day": { "$exists": true }, "samples": { "$gte": count.cast_signed() } }
}

#[tokio::test]
async fn a_database_of_the_originals_is_rolled_up() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let begin = midnight() - 5.0 * DAY;
    for path in ["/R/a", "/R/b"] {
        insert(&uri, originals(path, begin, 5)).await;
    }
    let span = (begin - 3.0 * DAY, begin + 6.0 * DAY);
    let before = answers(&uri, span).await;
    assert_eq!(before.parts[0][0].summary.count, 5 * 1_440);

    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    roll_up(&mut feed, 0).await;
    assert_eq!(
        count(&uri, "runs", doc! {}).await,
        0,
        "samples may be on their way"
    );
    roll_up(&mut feed, 120).await;
    assert_eq!(count(&uri, "runs", doc! {}).await, 10);
    assert_eq!(count(&uri, "rollups", days_of(1_440)).await, 10);
    assert_eq!(answers(&uri, span).await, before);
    let statuses = collection(&uri, "statuses").await;
    statuses.delete_many(doc! {}).await.expect("removed");
    let after = answers(&uri, span).await;
    assert_eq!(after.parts, before.parts, "from the rollups");
    assert_eq!(after.overviews, before.overviews, "from the rollups");
    assert_eq!(after.extents, before.extents, "from the rollups");
    for (after, before) in after.series.iter().zip(&before.series) {
        assert_eq!(after.incidents, before.incidents, "from the runs");
        assert_eq!(after.points.len(), before.points.len(), "from the runs");
        assert_eq!(after, before, "from the runs");
    }
}

/// A sample that comes when its day is rolled up is in every answer from the moment that it is written.
#[tokio::test]
async fn late_samples_are_never_missing() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let begin = midnight() - 5.0 * DAY;
    insert(&uri, originals("/R/a", begin, 5)).await;
    let span = (begin - 3.0 * DAY, begin + 6.0 * DAY);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let prepare = || Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    let mut feed = prepare();
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    let before = answers(&uri, span).await;

    // Within a day, on one that has none, and of another path.
    let dates = [begin + 2.5 * DAY, begin - 1.5 * DAY, begin + 5.25 * DAY];
    let mut late: Vec<_> = dates.map(|date| record("/R/a", date, Some(0.0))).into();
    late.push(record("/R/new", begin + DAY, None));
    append(&embedded, late).await;
    assert_eq!(prepare().drain(PATIENCE).await.left, 0);
    let is_late = || doc! { "late": { "$exists": true } };
    assert_eq!(count(&uri, "rollups", is_late()).await, 4);
    let with = answers(&uri, span).await;
    assert_eq!(
        with.parts[0][0].summary.count,
        before.parts[0][0].summary.count + 3
    );
    assert_eq!(with.extents.len(), 2);
    assert_eq!(with.extents[1].unknown, 1);

    roll_up(&mut feed, 30).await;
    assert_eq!(
        count(&uri, "rollups", is_late()).await,
        4,
        "others may be on their way"
    );
    roll_up(&mut feed, 300).await;
    assert_eq!(count(&uri, "rollups", is_late()).await, 0);
    assert_eq!(count(&uri, "rollups", days_of(1)).await, 5 + 3);
    assert_eq!(answers(&uri, span).await, with);
    // What is there already changes nothing.
    roll_up(&mut feed, 500).await;
    assert_eq!(answers(&uri, span).await, with);
}

/// A day of one path at 30 s, as Up writes it.
#[tokio::test]
async fn rollups_take_little_beside_the_samples() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let mut random = fastrand::Rng::with_seed(13);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let begin = midnight() - DAY;
    let mut samples = Vec::new();
    for i in 0..2_880_u32 {
        let date = begin + f64::from(i) * 30.0 + random.f64() * 0.02;
        let status = f64::from(u8::from(i % 700 > 5));
        let mut record = (*record("/Example Status/PROD", date, Some(status))).clone();
        let spread = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
        record.sample.duration = 0.12 * (spread / 6.0).exp();
        samples.push(record.into());
    }
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    append(&embedded, samples).await;
    let writer = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    assert_eq!(writer.drain(PATIENCE).await.left, 0);
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    let client = Client::with_uri_str(&uri).await.expect("a client");
    let bytes = async |of: &str| {
        let database = client.database("up");
        let stats = database.run_command(doc! { "collStats": of }).await;
        let stats = stats.expect("figures");
        let size = |key: &str| stats.get_i32(key).map_or(0.0, f64::from);
        assert!(size("count") > 0.0, "{of}: {stats}");
        size("size")
    };
    let rolled = bytes("rollups").await + bytes("runs").await;
    let share = rolled / bytes("statuses").await;
    assert!(share <= 0.15, "{share} of statuses");
}

/// Neither of these reads a whole collection.
#[tokio::test]
async fn answers_are_found_by_indexes() {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let begin = midnight() - 4.0 * DAY;
    for path in ["/R/a", "/R/b"] {
        insert(&uri, originals(path, begin, 4)).await;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let running = feed(&embedded, &uri);
    for (name, index) in [
        ("statuses", "up_path_date"),
        ("unknowns", "up_path_date"),
        ("rollups", "up_day"),
    ] {
        until_index(&uri, name, index).await;
    }
    running.stop().await;
    let mut feed = Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    roll_up(&mut feed, 100).await;
    roll_up(&mut feed, 220).await;
    let client = Client::with_uri_str(&uri).await.expect("a client");
    let database = client.database("up");
    let profile = database.run_command(doc! { "profile": 2 }).await;
    profile.expect("a log of all commands");
    answers(&uri, (begin + 0.3 * DAY, begin + 3.2 * DAY)).await;
    let log = database.collection::<Document>("system.profile");
    let read = doc! { "op": { "$in": ["query", "command"] }, "planSummary": { "$exists": true } };
    assert!(log.count_documents(read).await.expect("a count") > 20);
    let whole = doc! { "planSummary": "COLLSCAN", "ns": { "$ne": "up.system.profile" } };
    assert_eq!(log.find_one(whole).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_kill_in_the_middle_makes_no_answer_wrong() {
    let mut mongod = Mongod::start();
    let uri = mongod.uri();
    let mut random = fastrand::Rng::with_seed(12);
    let begin = midnight() - 12.0 * DAY;
    insert(&uri, originals("/R/a", begin, 12)).await;
    let span = (begin, begin + 12.0 * DAY);
    let before = answers(&uri, span).await;
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let prepare = || Feed::prepare(&embedded, &uri, "up", "agent").expect("a target");
    roll_up(&mut prepare(), 0).await;
    for round in 0..6 {
        // Another process each time, which takes the turn of the one that was killed.
        let mut feed = prepare();
        let work = tokio::spawn(async move {
            let ahead = Duration::from_secs(120 + 100 * round);
            while let Ok(true) = feed.roll_up(ahead).await {}
        });
        tokio::time::sleep(Duration::from_millis(random.u64(5..80))).await;
        mongod.kill9();
        work.abort();
        mongod.start_again();
        assert_eq!(answers(&uri, span).await, before, "round {round}");
        // A day that is being made anew.
        let rollups = collection(&uri, "rollups").await;
        let one = doc! { "_id.path": "/R/a", "_id.day": { "$gte": 0 } };
        let note = doc! { "$currentDate": { "late": true } };
        rollups.update_many(one, note).await.expect("noted");
    }
    roll_up(&mut prepare(), 1_000).await;
    assert_eq!(answers(&uri, span).await, before);
    let settled = doc! { "day": { "$exists": true }, "late": { "$exists": false } };
    assert_eq!(count(&uri, "rollups", settled).await, 12);
}

/// Who may read all, and who may read samples only, and who may write these only.
#[tokio::test]
async fn users_with_fewer_rights_get_the_same_answers() {
    let mongod = Mongod::start_with(&["--auth"]);
    let host = format!("127.0.0.1:{}", mongod.port());
    let open_uri = format!("mongodb://{host}");
    let client = Client::with_uri_str(&open_uri).await.expect("a client");
    let root = doc! { "createUser": "root", "pwd": "pass", "roles": ["root"] };
    let admin = client.database("admin");
    admin.run_command(root).await.expect("made");
    let uri = |user: &str| format!("mongodb://{user}:pass@{host}/?authSource=admin");
    let client = Client::with_uri_str(uri("root")).await.expect("a client");
    let admin = client.database("admin");
    let on = |name: &str, actions: &[&str]| {
        doc! { "resource": { "db": "up", "collection": name }, "actions": actions }
    };
    let names = ["statuses", "unknowns", "annotations"];
    let reads: Vec<_> = names.map(|name| on(name, &["find"])).into();
    let allowed: Vec<_> = names.map(|name| on(name, &["find", "insert"])).into();
    for (role, rights) in [("samples", reads), ("allowed", allowed)] {
        let role = doc! { "createRole": role, "privileges": rights, "roles": [] };
        admin.run_command(role).await.expect("made");
    }
    let everything = doc! { "role": "read", "db": "up" };
    for (user, role) in [
        ("reader", everything),
        ("sampler", doc! { "role": "samples", "db": "admin" }),
        ("writer", doc! { "role": "allowed", "db": "admin" }),
    ] {
        let user = doc! { "createUser": user, "pwd": "pass", "roles": [role] };
        admin.run_command(user).await.expect("made");
    }
    let begin = midnight() - 4.0 * DAY;
    insert(&uri("root"), originals("/R/a", begin, 4)).await;
    let span = (begin, begin + 4.0 * DAY);
    let before = answers(&uri("reader"), span).await;
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let mut refused = Feed::prepare(&embedded, &uri("reader"), "up", "agent").expect("a target");
    assert!(
        refused.roll_up(Duration::ZERO).await.is_err(),
        "who may not write"
    );
    let mut feed = Feed::prepare(&embedded, &uri("root"), "up", "agent").expect("a target");
    roll_up(&mut feed, 0).await;
    roll_up(&mut feed, 120).await;
    for user in ["reader", "sampler"] {
        assert_eq!(answers(&uri(user), span).await, before, "{user}");
    }
    let feeding = Feed::prepare(&embedded, &uri("writer"), "up", "agent").expect("a target");
    append(&embedded, vec![record("/R/b", begin, Some(1.0))]).await;
    let drained = feeding.drain(PATIENCE).await;
    assert_eq!(drained.left, 0, "{:?}", drained.trouble);
}
