//! What the agents of a fleet cost as they are: 50 of them write to a real mongod through the embedded
//! store and its feed, as `up watch` does, and a viewer reads ten of them. What a large fleet costs its
//! MongoDB is measured in `fleet_load`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::{Client, Database};
use tempfile::TempDir;
use tokio::time::{MissedTickBehavior, interval, sleep};
use up_core::{Cause, CauseCode, Detail, Kind, Record, Sample, Status};
use up_history::Embedded;
use up_history::mongo::{Agent, AgentDuty, Feed, FeedState, FleetScope, MongoStore};
use up_tests::mongod::Mongod;

use crate::mongod_figures::{CollectionSize, cpu, number, server};
use crate::table::FigureTable;

const AGENTS: usize = 50;
const SOURCES: usize = 100;
const INTERVAL: Duration = Duration::from_secs(3);
const ROUNDS: usize = 30;

struct WritingAgent {
    name: String,
    embedded: Embedded,
    feed: Feed,
    _data: TempDir,
}

impl WritingAgent {
    fn start(number: usize, uri: &str) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let embedded = Embedded::open(data.path()).expect("a history");
        let name = format!("agent-{number:03}");
        let duty = Some(AgentDuty {
            sources: SOURCES,
            interval: INTERVAL,
        });
        let agent = Agent {
            name: name.clone(),
            duty,
            ..Agent::default()
        };
        let feed = Feed::spawn(embedded.clone(), uri, "up", agent).expect("a target");
        Self {
            name,
            embedded,
            feed,
            _data: data,
        }
    }

    /// One round: a sample of each source.
    async fn write(&self, round: usize) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.expect("after 1970").as_secs_f64();
        let record = |source: usize| {
            // One in a hundred fails.
            let is_down = (source + round).is_multiple_of(100);
            let status = if is_down { Status::DOWN } else { Status::UP };
            let cause = is_down.then(|| Cause::new(CauseCode::Timeout, "no answer within 10 s"));
            Arc::new(Record {
                path: format!("/{}/Office/source {source:02}", self.name).into(),
                kind: Kind("http"),
                sample: Sample {
                    status: Some(status),
                    date: now + source as f64 * 1e-3,
                    duration: 0.1 + ((source * 7919 + round * 104_729) % 1_000) as f64 * 1e-4,
                    cause,
                    detail: Detail::default(),
                },
            })
        };
        let records = (0..SOURCES).map(record).collect();
        self.embedded.append(records).await.expect("kept");
    }

    async fn until_written(&self) {
        let mut state = self.feed.state();
        // A state of before the last round may say the same.
        sleep(Duration::from_secs(1)).await;
        let done = state
            .wait_for(|state| matches!(state, FeedState::Ok { lag: 0, .. }))
            .await;
        drop(done.expect("the feed lives"));
    }
}

/// Measures it.
pub(crate) fn run(table: &mut FigureTable) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure(table));
}

async fn measure(table: &mut FigureTable) {
    let mongod = Mongod::start();
    let client = Client::with_uri_str(mongod.uri()).await.expect("a URI");
    let database = client.database("up");
    let agents: Vec<_> = (0..AGENTS)
        .map(|number| WritingAgent::start(number, &mongod.uri()))
        .collect();
    let before = cpu(&database).await;
    let mut due = interval(INTERVAL / u32::try_from(AGENTS).expect("a small number"));
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let start = Instant::now();
    for round in 0..ROUNDS {
        for agent in &agents {
            due.tick().await;
            agent.write(round).await;
        }
    }
    let written = start.elapsed().as_secs_f64();
    for agent in &agents {
        agent.until_written().await;
    }
    let samples = (AGENTS * SOURCES * ROUNDS) as f64;
    let used = cpu(&database).await - before;
    report(table, &database, samples).await;
    let read = view(&mongod.uri(), &agents).await;
    table.note("fleet: samples a second", samples / written, "/s");
    table.note("fleet: mongod's CPU, a sample", used / samples * 1e6, "µs");
    table.note(
        "fleet: a viewer reads ten agents, median",
        read[read.len() / 2],
        "ms",
    );
    table.note("fleet: the same, slowest", read[read.len() - 1], "ms");
    let all = number(&server(&database).await, &["connections", "current"]);
    table.note("fleet: connections, an agent", all / AGENTS as f64, "");
    backlog(table, &agents, &database, samples).await;
}

/// How long a viewer of ten agents takes to read what they wrote lately, in milliseconds, sorted.
async fn view(uri: &str, agents: &[WritingAgent]) -> Vec<f64> {
    let store = MongoStore::open(uri, "up").expect("a URI");
    let scope = FleetScope {
        agents: agents.iter().take(10).map(|a| a.name.clone()).collect(),
        path: None,
    };
    let mut read = Vec::new();
    for _ in 0..20 {
        let asked = Instant::now();
        let found = store.fleet(&scope, Duration::from_secs(150)).await;
        read.push(asked.elapsed().as_secs_f64() * 1e3);
        let found = found.expect("an answer");
        assert_eq!(found.latest.len(), 10 * SOURCES, "the paths of ten agents");
    }
    read.sort_by(f64::total_cmp);
    read
}

/// How fast what has waited is brought over, by all agents at once.
async fn backlog(
    table: &mut FigureTable,
    agents: &[WritingAgent],
    database: &Database,
    before: f64,
) {
    let start = Instant::now();
    for round in ROUNDS..2 * ROUNDS {
        for agent in agents {
            agent.write(round).await;
        }
    }
    for agent in agents {
        agent.until_written().await;
    }
    let count = CollectionSize::read(database, "statuses").await.count - before;
    let took = start.elapsed().as_secs_f64();
    table.note(
        "fleet: samples a second at most, on this machine",
        count / took,
        "/s",
    );
}

async fn report(table: &mut FigureTable, database: &Database, samples: f64) {
    let size = CollectionSize::read(database, "statuses").await;
    assert!((size.count - samples).abs() < 1.0, "every sample once");
    table.note("fleet: document of a sample", size.data / samples, "bytes");
    let resident = number(&server(database).await, &["mem", "resident"]);
    table.note("fleet: mongod's memory (cache 256 MB)", resident, "MB");
}
