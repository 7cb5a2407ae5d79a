//! After the hour: batches at the pace of the fleet, the rollups, many connections, and what follows
//! from all of it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bson::doc;
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};
use up_history::Embedded;
use up_history::mongo::{BatchWriter, Feed};

use super::{
    FleetBatch, FleetSelection, SLOTS, SOURCES, SampleCost, WRITERS, note_latency, now, on_disk,
};
use crate::mongod_figures::{CollectionSize, cpu, number, server};
use crate::table::FigureTable;

/// For so long, batches are written at the pace of the fleet.
const PACED: Duration = Duration::from_mins(1);

/// Rollups are made for no longer than this.
const ROLLUPS: Duration = Duration::from_mins(15);

/// Connections are opened up to these numbers.
const CONNECTIONS: [u32; 2] = [1_000, 3_000];
const OPENING: Duration = Duration::from_mins(3);

/// A disk of so many bytes, and how long samples are kept on it, in seconds.
const DISK: f64 = 2e12;
const KEPT: f64 = 90.0 * 86_400.0;

/// Writes batches as often as the fleet does.
pub(super) async fn pace(
    table: &mut FigureTable,
    uri: &str,
    database: &Database,
    fleet: FleetSelection,
) {
    let writer = || Arc::new(BatchWriter::new(uri, "up").expect("a URI"));
    let writers: Vec<_> = (0..WRITERS).map(|_| writer()).collect();
    let every = Duration::from_secs_f64(1.0 / fleet.batches_a_second());
    let mut due = interval(every);
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let latencies = Arc::new(Mutex::new(Vec::new()));
    let (start, before) = (Instant::now(), cpu(database).await);
    let mut writing = JoinSet::new();
    let mut count = 0;
    while start.elapsed() < PACED {
        due.tick().await;
        let batch = FleetBatch {
            agent: count % fleet.agents,
            slot: fleet.slots() + count / fleet.agents,
            date: now(),
        };
        let writer = Arc::clone(&writers[count % WRITERS]);
        let latencies = Arc::clone(&latencies);
        writing.spawn(async move {
            let took = batch.write(&writer).await;
            latencies.lock().expect("nobody panics with it").push(took);
        });
        count += 1;
        while writing.try_join_next().is_some() {}
    }
    writing.join_all().await;
    let (took, used) = (start.elapsed().as_secs_f64(), cpu(database).await - before);
    let samples = count as f64 * SOURCES as f64 / SLOTS as f64 / took;
    table.note("load: at the pace of the fleet: samples", samples, "/s");
    let wanted = fleet.samples_a_second();
    table.note("load: the pace that it has", wanted, "/s");
    table.note("load: at this pace: cores of mongod", used / took, "");
    let latencies = std::mem::take(&mut *latencies.lock().expect("nobody panics with it"));
    note_latency(table, "load: at this pace: a batch", latencies);
}

/// Makes the rollups of all paths, as one of the agents does.
pub(super) async fn roll_up(
    table: &mut FigureTable,
    uri: &str,
    database: &Database,
    fleet: FleetSelection,
) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let embedded = Embedded::open(folder.path()).expect("a new history");
    let mut feed = Feed::prepare(&embedded, uri, "up", "roller").expect("a target");
    let (start, before) = (Instant::now(), cpu(database).await);
    // Two hours are rolled up at once, after two minutes for what is late, and a minute of quiet.
    let over = Duration::from_mins(130);
    let mut is_done = true;
    for ahead in [over, over + Duration::from_mins(2)] {
        while feed.roll_up(ahead).await.expect("a step") {
            is_done = start.elapsed() < ROLLUPS;
            if !is_done {
                break;
            }
        }
    }
    let (took, used) = (start.elapsed().as_secs_f64(), cpu(database).await - before);
    on_disk(database).await;
    let rollups = CollectionSize::read(database, "rollups").await;
    let runs = CollectionSize::read(database, "runs").await;
    let all = (fleet.agents * SOURCES) as f64;
    table.note("load: paths that are rolled up", runs.count / all, "");
    table.note("load: rolled up, paths", runs.count / took, "/s");
    table.note("load: CPU of mongod for one", used / runs.count * 1e6, "µs");
    let size = |of: CollectionSize| (of.disk + of.indexes) / of.count;
    table.note("load: rollups of a path and day", size(rollups), "bytes");
    table.note("load: packed samples of the same", size(runs), "bytes");
    println!("the rollups are {}whole", if is_done { "" } else { "not " });
    embedded.close().await;
}

/// What mongod needs for many connections.
pub(super) async fn connections(table: &mut FigureTable, uri: &str, database: &Database) {
    let resident = async || {
        let status = server(database).await;
        let current = number(&status, &["connections", "current"]);
        (number(&status, &["mem", "resident"]), current)
    };
    for wanted in CONNECTIONS {
        let (before, open) = resident().await;
        let mut options = ClientOptions::parse(uri).await.expect("a URI");
        options.min_pool_size = Some(wanted);
        options.max_pool_size = Some(wanted);
        options.max_connecting = Some(16);
        let many = Client::with_options(options).expect("a client");
        let hello = many
            .database("admin")
            .run_command(doc! { "hello": 1 })
            .await;
        hello.expect("an answer");
        let start = Instant::now();
        while resident().await.1 < open + f64::from(wanted) && start.elapsed() < OPENING {
            sleep(Duration::from_millis(500)).await;
        }
        let (after, now_open) = resident().await;
        let new = now_open - open;
        table.note(format!("load: of {wanted} connections, opened"), new, "");
        let each = (after - before) * 1e3 / new;
        table.note("load: memory of mongod for one", each, "KB");
        many.shutdown().immediate(true).await;
        while resident().await.1 > open + 100.0 && start.elapsed() < 2 * OPENING {
            sleep(Duration::from_millis(500)).await;
        }
    }
}

/// From which number of agents on one machine is not enough.
pub(super) fn limits(table: &mut FigureTable, cost: SampleCost) {
    let of_an_agent = SOURCES as f64 / super::INTERVAL.as_secs_f64();
    let a_day = cost.bytes * of_an_agent * 86_400.0 / 1e6;
    table.note("load: disk of an agent, a day", a_day, "MB");
    let by_disk = DISK / (cost.bytes * of_an_agent * KEPT);
    table.note("load: agents whose 90 days fill 2 TB", by_disk, "");
    let by_cpu = 1.0 / (cost.cpu * of_an_agent);
    table.note("load: agents that take one core of mongod", by_cpu, "");
}
