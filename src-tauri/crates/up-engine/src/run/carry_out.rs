//! The loop feeds the watch, and carries out what the watch says: rechecks, queries of the
//! references, and the events for the sinks.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use up_core::{Input, Moment, NodeId, WatchOutput};
use up_sink::Event;

use super::{Loop, log};
use crate::clock;
use crate::state::BEFORE;

impl Loop {
    /// The present, by the wall clock and by the steady clock.
    pub(super) fn moment(&self) -> Moment {
        Moment {
            wall: clock::now(),
            steady: BEFORE + self.start.elapsed(),
        }
    }

    /// When the watch wants its next [`Input::Tick`].
    pub(super) fn watch_due(&self) -> Option<Instant> {
        let due = self.watch.due()?;
        Some(self.start + due.saturating_sub(BEFORE))
    }

    /// Feeds the watch with the inputs of one moment. Returns what follows from all of them.
    pub(super) fn feed(&mut self, inputs: impl IntoIterator<Item = Input>) -> WatchOutput {
        let (now, watch) = (self.moment(), &mut self.watch);
        self.view.write(|known| {
            let mut output = WatchOutput::default();
            for input in inputs {
                output.merge(watch.handle(&mut known.world, now, input));
            }
            output
        })
    }

    /// Feeds the watch with the inputs of one moment, and carries out what follows.
    pub(super) async fn watch(&mut self, inputs: impl IntoIterator<Item = Input>) {
        let output = self.feed(inputs);
        self.carry_out(output).await;
    }

    /// Carries out what follows from one moment: its notices are on the disk before any sink
    /// receives them, then every sink receives the samples, the changes and the notices.
    pub(super) async fn carry_out(&mut self, mut output: WatchOutput) {
        self.commit_notices(&output.notices).await;
        self.show_controls();
        self.request(&mut output);
        self.show_network();
        for record in output.kept {
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

    /// Requests what the watch wants done: acknowledgements forgotten, sources checked again, and
    /// references queried. None of it is waited for.
    pub(super) fn request(&mut self, output: &mut WatchOutput) {
        let over = std::mem::take(&mut output.over);
        if !over.is_empty() {
            self.control_io.forget(over);
        }
        self.check_again(std::mem::take(&mut output.recheck));
        self.system.probe(std::mem::take(&mut output.ask));
    }

    /// Makes these sources due, each that soon.
    pub(super) fn check_again(&mut self, recheck: Vec<(NodeId, Duration)>) {
        let Some(scheduler) = &mut self.scheduler else {
            return;
        };
        for (node, soon) in recheck {
            tracing::trace!(node = node.index(), ?soon, "asked again");
            scheduler.recheck(node, Instant::now() + soon);
        }
    }
}
