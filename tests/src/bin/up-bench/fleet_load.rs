//! What a large fleet costs its MongoDB: the samples of so many agents and minutes, written to a real
//! mongod as fast as it takes them, in the batches that the feeds of the agents would make. A few tasks
//! write for all agents. Meanwhile a viewer reads ten of them.
//!
//! - `fleet_load/hour`: all samples as fast as they go
//! - `fleet_load/after`: at the pace of the fleet, the rollups, and the connections

mod after;
mod hour;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bson::doc;
use mongodb::{Client, Database};
use up_core::{Cause, CauseCode, Detail, Kind, Record, Sample, Status};
use up_history::mongo::{AgentDuty, BatchWriter};
use up_tests::mongod::Mongod;

use crate::mongod_figures::CollectionSize;
use crate::table::FigureTable;

const SOURCES: usize = 100;
const INTERVAL: Duration = Duration::from_secs(30);

/// An agent checks its sources in so many slots of its interval, as `up watch` does. What comes in one
/// slot is one batch of its feed.
const SLOTS: usize = 15;

/// How many batches are on their way at once.
const WRITERS: usize = 16;

/// The cache of mongod. With that of the tests, 256 MB, each batch would read pages from the disk.
const CACHE: &str = "cache_size=4G";

/// Which fleet is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FleetSelection {
    agents: usize,
    minutes: usize,
}

impl Default for FleetSelection {
    fn default() -> Self {
        Self {
            agents: 100,
            minutes: 5,
        }
    }
}

impl FleetSelection {
    /// Sets the value of an option. `None` if there is no such option, or if the value is wrong.
    pub(crate) fn set(&mut self, option: &str, value: Option<&str>) -> Option<()> {
        let number = || value?.parse().ok().filter(|number| *number > 0);
        match option {
            "--agents" => self.agents = number()?,
            "--minutes" => self.minutes = number()?,
            _ => return None,
        }
        Some(())
    }

    /// How many batches an agent makes.
    fn slots(self) -> usize {
        self.minutes * 60 * SLOTS / INTERVAL.as_secs() as usize
    }

    /// How many batches the fleet makes a second.
    fn batches_a_second(self) -> f64 {
        (self.agents * SLOTS) as f64 / INTERVAL.as_secs_f64()
    }

    /// How many samples the fleet makes a second.
    fn samples_a_second(self) -> f64 {
        (self.agents * SOURCES) as f64 / INTERVAL.as_secs_f64()
    }
}

/// One batch: what an agent finds in a slot.
#[derive(Clone, Copy, Debug)]
struct FleetBatch {
    agent: usize,
    slot: usize,
    /// When the slot begins, Unix seconds.
    date: f64,
}

impl FleetBatch {
    fn agent(self) -> String {
        name(self.agent)
    }

    /// Writes it. Returns the milliseconds that its samples took.
    async fn write(self, writer: &BatchWriter) -> f64 {
        let (agent, records) = (self.agent(), self.records());
        // An agent renews its document once an interval.
        if self.slot.is_multiple_of(SLOTS) {
            let renewed = writer.renew(&agent, duty(), self.date).await;
            renewed.expect("the document of an agent is renewed");
        }
        let start = Instant::now();
        let done = writer.write(&agent, records).await;
        done.expect("a batch is written");
        start.elapsed().as_secs_f64() * 1e3
    }

    /// The samples of the sources that are due in this slot.
    fn records(self) -> Vec<Record> {
        let (agent, round, slot) = (self.agent(), self.slot / SLOTS, self.slot % SLOTS);
        let due = slot * SOURCES / SLOTS..(slot + 1) * SOURCES / SLOTS;
        let record = |source: usize| {
            // One in a hundred fails.
            let is_down = (source + round + self.agent).is_multiple_of(100);
            let cause = Cause::new(CauseCode::Timeout, "no answer within 10 s");
            // Any agent has its own milliseconds.
            let within = (source * 37 + self.agent * 7_919) % 2_000;
            let took = (source * 7_919 + round * 104_729 + self.agent) % 1_000;
            Record {
                path: format!("/{agent}/Office/source {source:02}").into(),
                kind: Kind("http"),
                sample: Sample {
                    status: Some(if is_down { Status::DOWN } else { Status::UP }),
                    date: self.date + within as f64 * 1e-3,
                    duration: 0.1 + took as f64 * 1e-4,
                    cause: is_down.then_some(cause),
                    detail: Detail::default(),
                },
            }
        };
        due.map(record).collect()
    }
}

fn name(agent: usize) -> String {
    format!("agent-{agent:04}")
}

fn duty() -> AgentDuty {
    AgentDuty {
        sources: SOURCES,
        interval: INTERVAL,
    }
}

fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs_f64()
}

/// Measures it.
pub(crate) fn run(table: &mut FigureTable, fleet: FleetSelection) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure(table, fleet));
}

async fn measure(table: &mut FigureTable, fleet: FleetSelection) {
    let mongod = Mongod::start();
    let client = Client::with_uri_str(mongod.uri()).await.expect("a URI");
    let admin = client.database("admin");
    let cache = doc! { "setParameter": 1, "wiredTigerEngineRuntimeConfig": CACHE };
    admin.run_command(cache).await.expect("a larger cache");
    let database = client.database("up");
    let cost = hour::write(table, &mongod.uri(), &database, fleet).await;
    after::pace(table, &mongod.uri(), &database, fleet).await;
    after::roll_up(table, &mongod.uri(), &database, fleet).await;
    after::connections(table, &mongod.uri(), &database).await;
    after::limits(table, cost);
}

/// What one sample costs.
#[derive(Clone, Copy, Debug)]
struct SampleCost {
    /// On disk with its indexes, in bytes.
    bytes: f64,
    /// Of mongod, in seconds.
    cpu: f64,
}

/// The size of the samples once everything is on the disk.
async fn written(database: &Database) -> CollectionSize {
    on_disk(database).await;
    CollectionSize::read(database, "statuses").await
}

/// Returns when everything is on the disk.
async fn on_disk(database: &Database) {
    let flush = database.client().database("admin");
    let flushed = flush.run_command(doc! { "fsync": 1 }).await;
    flushed.expect("a checkpoint");
}

/// The value that so much of the sorted figures does not exceed.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share) as usize;
    let at = at.min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// Notes the median and the tail of latencies in milliseconds.
fn note_latency(table: &mut FigureTable, what: &str, mut latencies: Vec<f64>) {
    latencies.sort_by(f64::total_cmp);
    for (label, share) in [("median", 0.5), ("p95", 0.95), ("p99", 0.99)] {
        let figure = percentile(&latencies, share);
        table.note(format!("{what}, {label}"), figure, "ms");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_round_of_slots_has_each_source_once() {
        let records = (0..SLOTS).flat_map(|slot| {
            let batch = FleetBatch {
                agent: 7,
                slot,
                date: 0.0,
            };
            batch.records()
        });
        let paths: Vec<_> = records.map(|record| record.path).collect();
        let different: HashSet<_> = paths.iter().collect();
        assert_eq!((paths.len(), different.len()), (SOURCES, SOURCES));
    }

    #[test]
    fn a_percentile_is_one_of_the_figures() {
        let check = |sorted: &[f64], share: f64, expected: f64| {
            assert!(
                (percentile(sorted, share) - expected).abs() < 1e-9,
                "{sorted:?}"
            );
        };
        check(&[1.0], 0.99, 1.0);
        check(&[1.0, 2.0, 3.0, 4.0], 0.5, 3.0);
        check(&[1.0, 2.0, 3.0, 4.0], 0.99, 4.0);
        assert!(percentile(&[], 0.5).is_nan());
    }
}
