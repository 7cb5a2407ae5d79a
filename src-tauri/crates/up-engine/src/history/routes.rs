//! Which stores have the history of a path: this Up's own, or the MongoDB that a source reads a fleet
//! from.

use std::sync::Arc;

use up_config::Plan;
use up_history::Store;
use up_history::mongo::{AgentHistory, FleetHistory};

/// The stores of this Up, and those of the fleets that it shows.
pub struct HistoryRoutes {
    own: Vec<Arc<dyn Store>>,
    fleets: Vec<FleetHistory>,
}

impl HistoryRoutes {
    /// `own`: the stores of this Up, the preferred first.
    pub fn new(own: Vec<Arc<dyn Store>>, plan: Option<&Plan>) -> Self {
        let probes = plan.into_iter().flat_map(|plan| &plan.probes);
        let fleets = probes.filter_map(|probe| {
            let (store, scope) = probe.source.fleet()?;
            Some(FleetHistory::new(store, scope, &probe.origin))
        });
        Self {
            own,
            fleets: fleets.collect(),
        }
    }

    /// The stores of this Up, the preferred first.
    pub fn own(&self) -> &[Arc<dyn Store>] {
        &self.own
    }

    /// The fleets that this Up shows.
    pub(super) fn fleets(&self) -> &[FleetHistory] {
        &self.fleets
    }

    /// The history of the agent that shows a path, if one does.
    pub(super) fn agent(&self, path: &str) -> Option<AgentHistory> {
        self.fleets.iter().find_map(|fleet| fleet.agent(path))
    }

    /// The history of the agent of a fleet that wrote the history of a path; `None` if this Up did.
    pub fn agent_of(&self, path: &str) -> Option<AgentHistory> {
        self.agent(path).filter(|agent| agent.has(path))
    }

    /// The stores that have the history of a path, the preferred first. What an agent of a fleet wrote
    /// is in the MongoDB of the fleet, and nowhere else.
    pub fn stores(&self, path: &str) -> Vec<Arc<dyn Store>> {
        match self.agent_of(path) {
            Some(agent) => vec![Arc::new(agent)],
            None => self.own.clone(),
        }
    }

    /// True if an agent of a fleet wrote the history of a path, and this Up only reads it.
    pub fn is_foreign(&self, path: &str) -> bool {
        self.agent_of(path).is_some()
    }
}
