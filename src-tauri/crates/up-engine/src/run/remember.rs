//! What the loop does so that a restart repeats and forgets nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use up_core::{Notice, WatchOutput};
use up_history::state::Batch;
use up_sink::Event;

use super::Loop;
use crate::clock;
use crate::outlet::Outlet;
use crate::state::sorted_out;

impl Loop {
    /// Has what these tell on the disk, before anyone is told. All of one moment at once: what is
    /// written is the state after all of them.
    pub(super) async fn keep_told(&mut self, outputs: &[WatchOutput]) {
        let notices: Vec<&Notice> = outputs.iter().flat_map(|out| &out.notices).collect();
        if notices.is_empty() || self.state.store().is_none() {
            return;
        }
        let batch = self.unwritten();
        let sinks: Vec<String> = self.acknowledging().map(|(name, _)| name.into()).collect();
        self.state.commit(batch, &notices, &sinks).await;
    }

    /// Writes what changed, unless something is about to be told, which is written with that.
    pub(super) fn write_state(&mut self) {
        if !self.watch.is_about_to_tell() {
            let batch = self.unwritten();
            self.state.write(batch);
        }
    }

    /// What changed and is not written.
    pub(super) fn unwritten(&mut self) -> Batch {
        let now = self.moment();
        let (state, watch) = (&mut self.state, &mut self.watch);
        let Some(rounds) = &self.rounds else {
            return Batch::default();
        };
        self.view
            .read(|known| state.changes(watch, (&known.world, rounds.plan()), now))
    }

    /// Forgets what was told too long ago.
    pub(super) fn prune_state(&self) {
        if let Some(rounds) = &self.rounds {
            self.state.prune(rounds.plan().history.keep);
        }
    }

    /// Hands over what sinks did not have when Up stopped, once they are there.
    pub(super) async fn hand_over(&mut self) {
        if self.rounds.is_none() {
            return;
        }
        let waiting = self.state.take_waiting();
        let Some(store) = self.state.store().filter(|_| !waiting.is_empty()) else {
            return;
        };
        let sinks: BTreeSet<String> = self.acknowledging().map(|(name, _)| name.into()).collect();
        let (wanted, rest) = sorted_out(waiting, &sinks, clock::now());
        for receipt in rest {
            store.note(receipt);
        }
        for waits in wanted {
            let event = Event::Told(Arc::new(waits.notice.notice()));
            for (name, outlet) in self.acknowledging() {
                if name == waits.sink {
                    outlet.publish(&event).await;
                }
            }
        }
    }

    /// Those who say what became of notices, by name.
    fn acknowledging(&self) -> impl Iterator<Item = (&str, &Outlet)> {
        let outlets = self.outlets.iter().chain(self.alert_sinks.outlets());
        outlets.filter_map(|outlet| Some((outlet.name()?, outlet)))
    }
}
