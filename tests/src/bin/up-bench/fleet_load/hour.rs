//! All samples as fast as mongod takes them, and what each costs as their number grows.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mongodb::Database;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use up_history::mongo::{BatchWriter, FleetScope, MongoStore};

use super::{
    FleetBatch, FleetSelection, INTERVAL, SLOTS, SOURCES, SampleCost, WRITERS, name, note_latency,
    now, written,
};
use crate::mongod_figures::cpu;
use crate::table::FigureTable;

/// The growth is measured after so many minutes of the fleet.
const MINUTES: usize = 10;

/// The viewer reads so many agents, and pauses for so long after each time.
const VIEWED: usize = 10;
const PAUSE: Duration = Duration::from_secs(5);

/// The batches of the fleet by their dates, from which the writers take one after the other.
struct BatchQueue {
    fleet: FleetSelection,
    /// The date of the first slot, Unix seconds.
    begin: f64,
    next: AtomicUsize,
    /// How long each batch took, in milliseconds.
    took: Mutex<Vec<f64>>,
    is_over: AtomicBool,
}

impl BatchQueue {
    fn batch(&self, number: usize) -> FleetBatch {
        let (slot, agent) = (number / self.fleet.agents, number % self.fleet.agents);
        FleetBatch {
            agent,
            slot,
            date: self.begin + slot as f64 * INTERVAL.as_secs_f64() / SLOTS as f64,
        }
    }

    /// Writes one batch after the other, up to the one with that number.
    async fn work(&self, writer: &BatchWriter, until: usize) {
        let mut took = Vec::new();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= until {
                break;
            }
            took.push(self.batch(number).write(writer).await);
        }
        let mut all = self.took.lock().expect("no writer panics with it");
        all.append(&mut took);
    }

    /// Reads some agents again and again, as a source of type `mongo` does. Returns how long it took
    /// each time, in milliseconds.
    async fn view(&self, store: MongoStore) -> Vec<f64> {
        let scope = FleetScope {
            agents: (0..VIEWED.min(self.fleet.agents)).map(name).collect(),
            path: None,
        };
        let mut took = Vec::new();
        while !self.is_over.load(Ordering::Relaxed) {
            // The samples are dated in the past. The viewer reads the newest two minutes of them.
            let newest = self.batch(self.next.load(Ordering::Relaxed)).date;
            let window = Duration::from_secs_f64((now() - newest).max(0.0) + 120.0);
            let start = Instant::now();
            match store.fleet(&scope, window).await {
                Ok(_) => took.push(start.elapsed().as_secs_f64() * 1e3),
                Err(error) => println!("the viewer: {error}"),
            }
            sleep(PAUSE).await;
        }
        took
    }
}

/// Writes all samples. Returns what one costs.
pub(super) async fn write(
    table: &mut FigureTable,
    uri: &str,
    database: &Database,
    fleet: FleetSelection,
) -> SampleCost {
    let writer = || Arc::new(BatchWriter::new(uri, "up").expect("a URI"));
    let writers: Vec<_> = (0..WRITERS).map(|_| writer()).collect();
    let indexed = writers[0].make_indexes().await;
    indexed.expect("mongod answers");
    let queue = Arc::new(BatchQueue {
        fleet,
        begin: now() - (fleet.minutes * 60) as f64,
        next: AtomicUsize::new(0),
        took: Mutex::default(),
        is_over: AtomicBool::new(false),
    });
    let viewer = {
        let queue = Arc::clone(&queue);
        let store = MongoStore::open(uri, "up").expect("a URI");
        tokio::spawn(async move { queue.view(store).await })
    };
    let (start, before) = (Instant::now(), cpu(database).await);
    let all = fleet.slots() * fleet.agents;
    let part = MINUTES * 60 * SLOTS / INTERVAL.as_secs() as usize * fleet.agents;
    let mut done = 0;
    while done < all {
        let until = (done + part).min(all);
        write_part(table, database, &queue, &writers, done..until).await;
        done = until;
    }
    let took = start.elapsed().as_secs_f64();
    let used = cpu(database).await - before;
    queue.is_over.store(true, Ordering::Relaxed);
    summary(table, database, samples(all), (took, used), viewer).await
}

/// So many batches come to so many samples.
fn samples(batches: usize) -> f64 {
    (batches * SOURCES) as f64 / SLOTS as f64
}

async fn write_part(
    table: &mut FigureTable,
    database: &Database,
    queue: &Arc<BatchQueue>,
    writers: &[Arc<BatchWriter>],
    part: std::ops::Range<usize>,
) {
    queue.next.store(part.start, Ordering::Relaxed);
    let (start, before) = (Instant::now(), cpu(database).await);
    let mut working = JoinSet::new();
    for writer in writers {
        let (queue, writer) = (Arc::clone(queue), Arc::clone(writer));
        working.spawn(async move { queue.work(&writer, part.end).await });
    }
    working.join_all().await;
    let (took, used) = (start.elapsed().as_secs_f64(), cpu(database).await - before);
    let (count, minute) = (
        samples(part.len()),
        queue.batch(part.end).date - queue.begin,
    );
    let what = format!("load: up to minute {:.0}", minute / 60.0);
    table.note(format!("{what}: samples written"), count / took, "/s");
    let each = used / count * 1e6;
    table.note(format!("{what}: CPU of mongod, a sample"), each, "µs");
    let latencies = std::mem::take(&mut *queue.took.lock().expect("no writer panics with it"));
    note_latency(table, &format!("{what}: a batch"), latencies);
    let size = written(database).await;
    let bytes = (size.disk + size.indexes) / size.count;
    table.note(format!("{what}: on disk, a sample"), bytes, "bytes");
}

async fn summary(
    table: &mut FigureTable,
    database: &Database,
    samples: f64,
    (took, used): (f64, f64),
    viewer: JoinHandle<Vec<f64>>,
) -> SampleCost {
    let size = written(database).await;
    assert!((size.count - samples).abs() < 1.0, "each once: {size:?}");
    let each = |what: f64| what / samples;
    table.note("load: samples", samples / 1e6, "mill.");
    table.note("load: samples written, in all", samples / took, "/s");
    table.note("load: CPU of mongod, a sample", each(used) * 1e6, "µs");
    table.note("load: a document", each(size.data), "bytes");
    table.note("load: a sample on disk", each(size.disk), "bytes");
    table.note("load: its indexes on disk", each(size.indexes), "bytes");
    let read = viewer.await.expect("the viewer does not panic");
    note_latency(table, "load: a viewer of ten agents reads", read);
    SampleCost {
        bytes: each(size.disk + size.indexes),
        cpu: each(used),
    }
}
