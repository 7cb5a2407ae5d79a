//! When a source may have fallen that could not be seen all the time.

use std::time::Duration;

use super::Dispatcher;
use crate::moment::Moment;
use crate::outline::NodeId;
use crate::world::World;

/// When a fall began, by the steady clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Began {
    /// Its source first failed without having been seen to be well since, judged or not.
    pub(crate) failed: Duration,
    /// The first of the samples that settled it came.
    pub(crate) doubted: Duration,
}

impl Began {
    /// It failed, and was in doubt, from then on.
    pub(crate) const fn at(then: Duration) -> Self {
        Self {
            failed: then,
            doubted: then,
        }
    }
}

/// From when to when something may have happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct FallWindow {
    from: Duration,
    to: Duration,
}

impl FallWindow {
    /// True when both may have happened at once.
    pub(super) fn meets(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

impl Dispatcher {
    /// It is not scored any more. True when it fell and nobody was told: whether it is down must
    /// be found out anew when it is scored again.
    pub(crate) fn held(&mut self, node: NodeId, now: Moment) -> bool {
        self.unseen.entry(node).or_insert(now.steady);
        self.waiting.remove(&node).is_some()
    }

    /// It is well, as far as can be seen.
    pub(crate) fn seen(&mut self, node: NodeId, now: Moment) {
        if let Some(from) = self.unseen.remove(&node) {
            self.reopened
                .unseen_for(node, now.steady.saturating_sub(from));
        }
    }

    /// It failed, whether that is believed or not.
    pub(crate) fn failed(&mut self, node: NodeId, now: Moment) {
        self.reopened.failed(node, now);
    }

    /// When a source that fell may have fallen, at the earliest and at the latest: after it was last
    /// seen to be well, and before the first of the samples that settled it.
    pub(super) fn fell(&self, node: NodeId, world: &World) -> FallWindow {
        let began = self.began.get(&node).copied().unwrap_or_default();
        self.span(node, began, world)
    }

    /// When the latest fall of a source began.
    pub(crate) fn began(&self, node: NodeId) -> Option<Began> {
        self.began.get(&node).copied()
    }

    /// The same for a source that began to fail then.
    pub(super) fn span(&self, node: NodeId, began: Began, world: &World) -> FallWindow {
        let unseen = self.unseen.get(&node).copied();
        let last = began.failed.min(unseen.unwrap_or(began.failed));
        let interval = world.outline().node(node).rules.interval;
        FallWindow {
            from: last.saturating_sub(interval + self.policy.group_within),
            to: began.doubted + self.policy.group_within,
        }
    }

    /// Nobody was looked at until now.
    pub(crate) fn could_not_see(&mut self, world: &World, now: Moment) {
        for (node, _) in world.outline().iter().filter(|(_, node)| node.is_leaf()) {
            self.unseen.entry(node).or_insert(now.steady);
        }
    }

    /// The machine was asleep: nobody was seen meanwhile. Says who fell and was not told, and must be
    /// found out anew.
    pub(crate) fn awake(&mut self, world: &World, now: Moment) -> Vec<NodeId> {
        self.could_not_see(world, now);
        let hushed = &self.silenced;
        let waiting = self
            .waiting
            .extract_if(.., |node, _| !hushed.contains(node));
        waiting.map(|(node, _)| node).collect()
    }
}
