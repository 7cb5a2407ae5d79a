//! Since when a source has failed without having been seen to be well meanwhile, whether its
//! failures were judged or dropped as our own network's. What that makes of an outage is not
//! decided here.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::outline::NodeId;
use crate::sample::Sample;
use crate::status::Status;

/// The first failure of each source that was not seen to be well since, by the steady clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Failing(BTreeMap<NodeId, Duration>);

impl Failing {
    /// A sample of the source arrived.
    pub(super) fn sampled(&mut self, node: NodeId, sample: &Sample, now: Duration) {
        if !sample.status.is_some_and(Status::is_up) {
            self.0.entry(node).or_insert(now);
        }
    }

    /// When the source first failed.
    pub(super) fn since(&self, node: NodeId) -> Option<Duration> {
        self.0.get(&node).copied()
    }

    /// The source failed from then on, and was not seen to be well since.
    pub(super) fn began(&mut self, node: NodeId, then: Duration) {
        self.0
            .entry(node)
            .and_modify(|since| *since = then.min(*since))
            .or_insert(then);
    }

    /// The source is as it is believed to be.
    pub(super) fn settled(&mut self, node: NodeId) {
        self.0.remove(&node);
    }

    /// The outline is another: what was `node` is now `to(node)`, if it is there at all.
    pub(super) fn moved(&mut self, to: impl Fn(NodeId) -> Option<NodeId>) {
        let old = std::mem::take(&mut self.0).into_iter();
        self.0 = old
            .filter_map(|(node, since)| Some((to(node)?, since)))
            .collect();
    }
}
