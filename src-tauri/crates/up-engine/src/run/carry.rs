//! Carrying out what the watch says.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use up_core::{Input, Moment, NodeId, Record, Sample, WatchOutput};
use up_sink::Event;

use super::{Loop, log};
use crate::clock;
use crate::state::BEFORE;

impl Loop {
    /// Now, by both clocks.
    pub(super) fn moment(&self) -> Moment {
        Moment {
            wall: clock::now(),
            steady: BEFORE + self.start.elapsed(),
        }
    }

    /// When the watch wants to know that time has passed.
    pub(super) fn watch_due(&self) -> Option<Instant> {
        let due = self.watch.due()?;
        Some(self.start + due.saturating_sub(BEFORE))
    }

    /// Lets the watch take what happened, and does what follows.
    pub(super) async fn watch(&mut self, input: Input) {
        let (now, watch) = (self.moment(), &mut self.watch);
        let output = self
            .view
            .write(|known| watch.take(&mut known.world, now, input));
        self.keep_told(std::slice::from_ref(&output)).await;
        self.carry_out(output).await;
    }

    pub(super) async fn carry_out(&mut self, output: WatchOutput) {
        self.stand();
        if !output.over.is_empty() {
            self.control_io.forget(output.over);
        }
        self.ask_again(output.recheck);
        self.outside.probe(output.ask);
        self.show_network();
        for record in self.records(output.kept) {
            log::sample(&record);
            self.publish(Event::Sampled(Arc::new(record))).await;
        }
        for change in output.changes {
            log::change(&change);
            self.publish(Event::Changed(Arc::new(change))).await;
        }
        for notice in output.notices {
            log::notice(&notice);
            self.publish(Event::Told(Arc::new(notice))).await;
        }
    }

    /// These samples, each with whose it is.
    fn records(&self, kept: Vec<(NodeId, Sample)>) -> Vec<Record> {
        self.view.read(|known| {
            let record = |(id, sample)| {
                let node = known.world.outline().node(id);
                Record {
                    path: Arc::clone(&node.path),
                    kind: node.kind,
                    sample,
                }
            };
            kept.into_iter().map(record).collect()
        })
    }

    pub(super) fn ask_again(&mut self, recheck: Vec<(NodeId, Duration)>) {
        let Some(rounds) = &mut self.rounds else {
            return;
        };
        for (node, soon) in recheck {
            tracing::trace!(node = node.index(), ?soon, "asked again");
            rounds.recheck(node, Instant::now() + soon);
        }
    }
}
