//! What the history of a MongoDB costs: the samples of the embedded store's benchmark, written by a feed
//! as `up watch` does, and rolled up. Every view is queried by a process that has just started.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bson::{Document, doc};
use mongodb::Client;
use up_history::Embedded;
use up_history::mongo::Feed;
use up_tests::mongod::Mongod;

use crate::history::samples::{DAY, END};
use crate::history::{HistorySelection, ViewBounds, view_all};
use crate::table::FigureTable;

/// So many batches of a hundred samples are written before the feed brings them over.
const GATHERED: usize = 2_000;

/// The longest that the feed takes for these.
const PATIENCE: Duration = Duration::from_mins(10);

/// Samples whose writer may be under way are awaited for so long, and late ones again.
const QUIET: Duration = Duration::from_mins(2);

const BOUNDS: ViewBounds = ViewBounds {
    name: "MongoDB",
    view: 50.0,
    all: 100.0,
};

/// Measures it.
pub(crate) fn run(table: &mut FigureTable, wanted: HistorySelection) {
    let mongod = Mongod::start();
    let uri = mongod.uri();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(fill(table, &uri, wanted));
    view_all(table, &uri, &BOUNDS);
}

/// Writes the history, and rolls it up.
async fn fill(table: &mut FigureTable, uri: &str, wanted: HistorySelection) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let embedded = Embedded::open(folder.path()).expect("a new history");
    let prepare = || Feed::prepare(&embedded, uri, "up", "agent").expect("a target");
    let history = wanted.history();
    let samples = history.samples() as f64;
    let mut took = Duration::ZERO;
    let mut batches = history.peekable();
    while batches.peek().is_some() {
        let feed = prepare();
        for records in batches.by_ref().take(GATHERED) {
            embedded.append(records).await.expect("kept");
        }
        let start = Instant::now();
        let drained = feed.drain(PATIENCE).await;
        took += start.elapsed();
        assert_eq!(drained.left, 0, "{:?}", drained.trouble);
    }
    table.note("MongoDB: samples", samples / 1e6, "mill.");
    let rate = samples / took.as_secs_f64();
    table.must_reach("MongoDB: written a second", rate, "/s", 2e4);

    let mut feed = prepare();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let over = END + DAY - now.expect("after 1970").as_secs_f64();
    let over = Duration::from_secs_f64(over.max(0.0));
    let start = Instant::now();
    for ahead in [over, over + QUIET] {
        while feed.roll_up(ahead).await.expect("a step") {}
    }
    let rate = samples / start.elapsed().as_secs_f64();
    table.note("MongoDB: rolled up a second", rate, "/s");
    let size = async |of: &[&str]| {
        let client = Client::with_uri_str(uri).await.expect("a client");
        let mut bytes = 0.0;
        for name in of {
            let database = client.database("up");
            let stats = database.run_command(doc! { "collStats": *name }).await;
            let stats = stats.expect("figures");
            bytes += number(&stats, "storageSize") + number(&stats, "totalIndexSize");
        }
        bytes
    };
    let statuses = size(&["statuses"]).await;
    let share = 100.0 * size(&["rollups", "runs"]).await / statuses;
    table.note("MongoDB: statuses, a sample", statuses / samples, "bytes");
    table.note("MongoDB: rollups and runs at 60 s", share, "% of statuses");
    embedded.close().await;
}

fn number(stats: &Document, key: &str) -> f64 {
    let whole = stats.get_i64(key).map(|bytes| bytes as f64);
    let short = stats.get_i32(key).map(f64::from);
    whole.or(short).or(stats.get_f64(key)).unwrap_or_default()
}
