//! Trees: when they are folded and the shells notified, and when their samples are recorded.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use up_core::world::TreeTiming;
use up_core::{NodeId, Record};
use up_sink::Event;

use super::Loop;
use crate::clock;

/// How long changes are gathered before the trees are folded and the shells are notified.
const SETTLE: Duration = Duration::from_millis(100);

impl Loop {
    /// Records every tree after the first round, so that its history does not begin an interval
    /// later.
    pub(super) async fn first_round_done(&mut self) {
        self.settle();
        self.view.write(|known| known.world.forget_before());
        let Some(scheduler) = &self.scheduler else {
            return;
        };
        let plan = Arc::clone(scheduler.plan());
        for tree in &plan.trees {
            self.record_tree(tree.node).await;
        }
    }

    /// Hands the folded sample of a tree to the sinks.
    pub(super) async fn record_tree(&mut self, id: NodeId) {
        if self.watch.is_quiet() {
            return;
        }
        let record = self.view.write(|known| {
            known.world.beat(id);
            let sample = known.world.recorded(id)?;
            let date = clock::now();
            let sample = up_core::Sample { date, ..sample };
            Some(Record::of(known.world.outline(), id, sample))
        });
        if let Some(record) = record {
            self.publish(Event::Sampled(Arc::new(record))).await;
        }
    }

    /// Has the trees folded and the shells notified soon.
    pub(super) fn settle_soon(&mut self) {
        self.settle_at
            .get_or_insert_with(|| Instant::now() + SETTLE);
    }

    /// Folds the trees and notifies the shells, if something changed.
    pub(super) fn settle(&mut self) {
        if self.settle_at.take().is_some() {
            self.view
                .write(|known| known.world.settle(TreeTiming::Latest, clock::now()));
            self.view.publish();
        }
    }
}
