//! Who writes to the `MongoDB`s of a plan: those of its sinks, and those that its sources read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use up_config::Plan;
use up_core::Timestamp;
use up_history::mongo::{AgentContact, FleetScope, LatestSample, MongoStore};
use up_history::{Store as _, StoreError};
use up_sink::BuiltSink;

/// How far back samples are looked at, to find agents that do not write about themselves.
const WINDOW: Duration = Duration::from_hours(1);

/// The agents of one `MongoDB`.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreAgents {
    /// The name of the `MongoDB`, for a person.
    pub store: String,
    /// The time by its clock.
    pub now: Timestamp,
    /// The agents, those that were last in contact first.
    pub agents: Vec<AgentStatus>,
}

/// One agent.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentStatus {
    /// Its name. Empty for samples that name no agent.
    pub name: String,
    /// When it was last in contact.
    pub last_contact: Timestamp,
    /// Its version of Up. Empty if it did not say.
    pub version: String,
    /// The number of its sources. Of an agent that does not say: the number of paths that it wrote
    /// within the last hour.
    pub sources: u64,
    /// The interval of its most frequent source, in seconds.
    pub interval: Option<f64>,
    /// True if it has not written for longer than three intervals. `None` if the interval is not
    /// known.
    pub silent: Option<bool>,
}

/// Asks each `MongoDB` of the plan for its agents.
pub async fn ask_agents(plan: &Plan) -> Result<Vec<StoreAgents>, StoreError> {
    let mut stores: Vec<Arc<MongoStore>> = Vec::new();
    for replica in plan.sinks.iter().filter_map(BuiltSink::replica) {
        let store = MongoStore::open(replica.uri.reveal(), &replica.database)?;
        stores.push(Arc::new(store));
    }
    let read = plan.probes.iter().filter_map(|probe| probe.source.fleet());
    stores.extend(read.map(|(store, _)| store));
    let mut asked: Vec<&str> = Vec::new();
    let mut all = Vec::new();
    for store in &stores {
        if !asked.contains(&store.key()) {
            asked.push(store.key());
            all.push(ask(store).await?);
        }
    }
    Ok(all)
}

async fn ask(store: &MongoStore) -> Result<StoreAgents, StoreError> {
    let (now, contacts) = store.agents().await?;
    let mut agents: Vec<AgentStatus> = contacts.iter().map(|c| said(c, now)).collect();
    let found = store.fleet(&FleetScope::default(), WINDOW).await?;
    let mut others: BTreeMap<&str, Vec<&LatestSample>> = BTreeMap::new();
    for sample in &found.latest {
        if contacts.iter().all(|contact| contact.name != sample.agent) {
            others.entry(&sample.agent).or_default().push(sample);
        }
    }
    agents.extend(
        others
            .into_iter()
            .map(|(name, samples)| found_out(name, &samples)),
    );
    agents.sort_by(|a, b| b.last_contact.total_cmp(&a.last_contact));
    Ok(StoreAgents {
        store: store.name().to_owned(),
        now,
        agents,
    })
}

/// An agent that writes about itself.
fn said(contact: &AgentContact, now: Timestamp) -> AgentStatus {
    AgentStatus {
        name: contact.name.clone(),
        last_contact: contact.at,
        version: contact.version.clone(),
        sources: contact.sources.unwrap_or_default(),
        interval: contact.interval,
        silent: contact.silent_after().map(|limit| now - contact.at > limit),
    }
}

/// An agent that only its samples tell of.
fn found_out(name: &str, samples: &[&LatestSample]) -> AgentStatus {
    let dates = samples.iter().map(|sample| sample.point.date);
    AgentStatus {
        name: name.to_owned(),
        last_contact: dates.fold(0.0, f64::max),
        version: String::new(),
        sources: samples.len() as u64,
        interval: None,
        silent: None,
    }
}
