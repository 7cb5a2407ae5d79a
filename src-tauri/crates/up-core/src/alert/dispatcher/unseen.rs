//! When a source can have fallen, given that it was not scored all the time.

use std::time::Duration;

use super::Dispatcher;
use crate::moment::Moment;
use crate::outline::NodeId;
use crate::world::World;

/// When a fall began, by the steady clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Began {
    /// When the source first failed after it was last seen up, whether the failure was judged or
    /// not.
    pub(crate) failed: Duration,
    /// When the first sample arrived of the row that changed the verdict.
    pub(crate) doubted: Duration,
}

impl Began {
    /// A fall whose first failure and whose row both began at `then`.
    pub(crate) const fn at(then: Duration) -> Self {
        Self {
            failed: then,
            doubted: then,
        }
    }
}

/// The time span in which a fall can have happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct FallWindow {
    from: Duration,
    to: Duration,
}

impl FallWindow {
    /// True when two falls can have happened at the same time.
    pub(super) fn meets(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

impl Dispatcher {
    /// Records that a source is not scored any more. Returns true when it had fallen and nobody was
    /// notified: its verdict must then be found anew.
    pub(crate) fn held(&mut self, node: NodeId, now: Moment) -> bool {
        self.unseen.entry(node).or_insert(now.steady);
        self.waiting.remove(&node).is_some()
    }

    /// Records that a source's status is unknown now, as that of a component whose page fails.
    pub(crate) fn unknown(&mut self, node: NodeId, now: Moment) {
        self.unseen.entry(node).or_insert(now.steady);
    }

    /// Records that a source was seen up.
    pub(crate) fn seen(&mut self, node: NodeId, now: Moment) {
        if let Some(from) = self.unseen.remove(&node) {
            self.reopened
                .unseen_for(node, now.steady.saturating_sub(from));
        }
    }

    /// Records a failure, whether it is believed or not.
    pub(crate) fn failed(&mut self, node: NodeId, now: Moment) {
        self.reopened.failed(node, now);
    }

    /// When a fallen source can have fallen: after it was last seen up, and before the first sample
    /// of the row that changed the verdict.
    pub(super) fn fell(&self, node: NodeId, world: &World) -> FallWindow {
        let began = self.began.get(&node).copied().unwrap_or_default();
        self.span(node, began, world)
    }

    /// When the latest fall of a source began.
    pub(crate) fn began(&self, node: NodeId) -> Option<Began> {
        self.began.get(&node).copied()
    }

    /// The same for a source whose failures began at `began`.
    pub(super) fn span(&self, node: NodeId, began: Began, world: &World) -> FallWindow {
        let unseen = self.unseen.get(&node).copied();
        let last = began.failed.min(unseen.unwrap_or(began.failed));
        let interval = world.outline().node(node).rules.interval;
        FallWindow {
            from: last.saturating_sub(interval + self.policy.group_within),
            to: began.doubted + self.policy.group_within,
        }
    }

    /// Records that no source was observed until now.
    pub(crate) fn could_not_see(&mut self, world: &World, now: Moment) {
        for (node, _) in world.outline().iter().filter(|(_, node)| node.is_leaf()) {
            self.unseen.entry(node).or_insert(now.steady);
        }
    }

    /// Records that the machine slept, so that no source was observed. Returns the fallen sources
    /// that nobody was notified of; their verdicts must be found anew.
    pub(crate) fn awake(&mut self, world: &World, now: Moment) -> Vec<NodeId> {
        self.could_not_see(world, now);
        let silenced = &self.silenced;
        let waiting = self
            .waiting
            .extract_if(.., |node, _| !silenced.contains(node));
        waiting.map(|(node, _)| node).collect()
    }
}
