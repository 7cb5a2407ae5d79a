//! Since when each source has failed without a good sample in between, whether its failures were
//! judged or dropped as our own network's. Whether that is an outage is decided elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::outline::{NodeId, Outline};
use crate::sample::Sample;
use crate::status::Status;

/// The time of the first failure of each source that had no good sample since, by the steady clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Failing(BTreeMap<NodeId, Duration>);

impl Failing {
    /// Notes a sample of the source.
    pub(super) fn sampled(&mut self, node: NodeId, sample: &Sample, now: Duration) {
        if !sample.status.is_some_and(Status::is_up) {
            self.0.entry(node).or_insert(now);
        }
    }

    /// When the source first failed; `None` when it does not fail.
    pub(super) fn since(&self, node: NodeId) -> Option<Duration> {
        self.0.get(&node).copied()
    }

    /// Notes that the source has failed since then at the latest.
    pub(super) fn began(&mut self, node: NodeId, then: Duration) {
        self.0
            .entry(node)
            .and_modify(|since| *since = then.min(*since))
            .or_insert(then);
    }

    /// Forgets the failures of a source whose samples agree with its verdict.
    pub(super) fn settled(&mut self, node: NodeId) {
        self.0.remove(&node);
    }

    /// Forgets the nodes that are gone.
    pub(super) fn forget_gone(&mut self, outline: &Outline) {
        self.0.retain(|node, _| outline.has(*node));
    }
}
