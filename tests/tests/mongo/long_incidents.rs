//! Incidents that last for months: a MongoDB finds the same ones as the embedded store does, whichever
//! part of the past is asked for.

use std::sync::Arc;

use up_core::Record;
use up_engine::{HistoryRoutes, IncidentSearch, PathIncident, WantedPage, ask_incidents};
use up_history::mongo::{Feed, MongoStore, SharedRules};
use up_history::{Embedded, IncidentQuery, IncidentRules, RulesOfPaths, Store};
use up_tests::mongod::Mongod;

use crate::alike::ahead;
use crate::site::{NOON, PATIENCE, append, open, record, roll_up};

const DAY: f64 = 86_400.0;
const DAYS: f64 = 400.0;
const PATHS: [&str; 5] = ["/R/a", "/R/b", "/R/c", "/R/strict", "/R/dead"];

/// A check every few hours, with outages of hours to months.
fn history(random: &mut fastrand::Rng, path: &str) -> Vec<Arc<Record>> {
    let mut records = Vec::new();
    let (mut at, mut change, mut status) = (NOON - DAYS * DAY, 0.0, 0.0);
    while at < NOON {
        if at >= change {
            let is_up = status < 1.0;
            status = if is_up {
                1.0
            } else {
                [0.0, 0.5][random.usize(0..2)]
            };
            let longest = if is_up { 25.0 } else { 90.0 };
            change = at + random.f64().powi(3) * longest * DAY;
        }
        if path == "/R/dead" && at > NOON - 140.0 * DAY {
            status = 0.0;
        }
        let date = (at * 1e3).round() / 1e3;
        let is_known = random.u32(0..30) > 0;
        records.push(record(path, date, is_known.then_some(status)));
        at += 4_000.0 + random.f64() * 9_000.0;
    }
    records
}

/// All that is found for a search, page by page.
async fn searched(
    store: Arc<dyn Store>,
    (from, to): (f64, f64),
    search: IncidentSearch,
) -> Vec<PathIncident> {
    let routes = HistoryRoutes::new(vec![store], None);
    let paths = PATHS.map(str::to_owned);
    let mut wanted = WantedPage {
        span: (from, to),
        before: None,
        limit: 7,
        search: Some(search),
    };
    let mut all = Vec::new();
    loop {
        let page = ask_incidents(&routes, &paths, &wanted, &|| false).await;
        let page = page.expect("a page");
        all.extend(page.newest);
        wanted.before = page.next;
        if page.next.is_none() {
            return all;
        }
    }
}

async fn check(
    embedded: &Embedded,
    mongo: &Arc<MongoStore>,
    random: &mut fastrand::Rng,
    what: &str,
) {
    for _ in 0..40 {
        let mut time = || NOON - random.f64() * DAYS * DAY;
        let (one, other) = (time(), time());
        for path in PATHS {
            let query = IncidentQuery {
                path: path.into(),
                from: one.min(other),
                to: one.max(other),
                limit: 1_000,
                filter: None,
            };
            let ours = embedded.incidents(query.clone()).await.expect("incidents");
            let theirs = mongo.incidents(query.clone()).await.expect("incidents");
            assert_eq!(ours, theirs, "{what}, {query:?}");
        }
    }
    for (shortest, longest) in [
        (0.0, f64::INFINITY),
        (31.0 * DAY, 200.0 * DAY),
        (0.0, 50.0 * DAY),
        (100.0 * DAY, f64::INFINITY),
    ] {
        let search = IncidentSearch {
            shortest,
            longest,
            ..IncidentSearch::default()
        };
        let span = (NOON - DAYS * DAY, NOON);
        let ours = searched(Arc::new(embedded.clone()), span, search.clone()).await;
        let theirs = searched(Arc::new(mongo.narrowed("agent")), span, search.clone()).await;
        assert!(!ours.is_empty(), "{search:?}");
        assert_eq!(ours, theirs, "{what}, of the agent, {search:?}");
        let theirs = searched(Arc::<MongoStore>::clone(mongo), span, search.clone()).await;
        assert_eq!(ours, theirs, "{what}, {search:?}");
    }
}

#[tokio::test]
async fn incidents_of_months_are_found_alike() {
    let mongod = Mongod::start();
    let mut random = fastrand::Rng::with_seed(5);
    let dir = tempfile::tempdir().expect("a folder");
    let embedded = open(dir.path());
    let mut rules = RulesOfPaths::default();
    for (path, up_after) in [("/R", 1), ("/R/strict", 3)] {
        let down_after = 2;
        rules.put(
            path,
            IncidentRules {
                down_after,
                up_after,
            },
        );
    }
    embedded.judge_by("/R", rules.clone()).await.expect("kept");
    let prepare = || Feed::prepare(&embedded, &mongod.uri(), "up", "agent").expect("a target");
    let mut feed = prepare();
    for path in PATHS {
        append(&embedded, history(&mut random, path)).await;
    }
    assert_eq!(prepare().drain(PATIENCE).await.left, 0);
    let mongo = MongoStore::open(&mongod.uri(), "up").expect("a target");
    let mongo = Arc::new(mongo.judging_by(SharedRules::new(rules.into())));
    roll_up(&mut feed, ahead()).await;
    roll_up(&mut feed, ahead() + 120).await;
    check(&embedded, &mongo, &mut random, "rolled up").await;
}
