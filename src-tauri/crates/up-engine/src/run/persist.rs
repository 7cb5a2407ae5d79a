//! The saved state: what the loop writes so that a restart neither repeats nor forgets a notice.

use std::collections::BTreeSet;
use std::sync::Arc;

use up_core::Notice;
use up_history::state::Batch;
use up_sink::Event;

use super::Loop;
use crate::clock;
use crate::outlet::Outlet;
use crate::state::sorted_out;

impl Loop {
    /// Writes these notices to the disk, with the state of the watch after them, before any sink
    /// receives one.
    pub(super) async fn commit_notices(&mut self, notices: &[Notice]) {
        if notices.is_empty() || self.state.store().is_none() {
            return;
        }
        let batch = self.unwritten();
        let sinks: Vec<String> = self.acknowledging().map(|(name, _)| name.into()).collect();
        self.state.commit(batch, notices, &sinks).await;
    }

    /// Writes the unwritten changes of the state. While a notice is due, that waits: the changes
    /// are written together with the notice.
    pub(super) fn write_state(&mut self) {
        if !self.watch.is_about_to_tell() {
            let batch = self.unwritten();
            self.state.write(batch);
        }
    }

    /// The changes of the state that are not written yet.
    pub(super) fn unwritten(&mut self) -> Batch {
        let now = self.moment();
        let (state, watch) = (&mut self.state, &mut self.watch);
        let Some(scheduler) = &self.scheduler else {
            return Batch::default();
        };
        self.view
            .read(|known| state.changes(watch, (&known.world, scheduler.plan()), now))
    }

    /// Forgets the notices that are older than the history keeps anything.
    pub(super) fn prune_state(&self) {
        if let Some(scheduler) = &self.scheduler {
            self.state.prune(scheduler.plan().history.keep);
        }
    }

    /// Delivers the notices that sinks had not acknowledged when Up stopped, as soon as there is a
    /// plan and with it the sinks.
    pub(super) async fn deliver_pending(&mut self) {
        if self.scheduler.is_none() {
            return;
        }
        let pending = self.state.take_waiting();
        let Some(store) = self.state.store().filter(|_| !pending.is_empty()) else {
            return;
        };
        let sinks: BTreeSet<String> = self.acknowledging().map(|(name, _)| name.into()).collect();
        let (wanted, rest) = sorted_out(pending, &sinks, clock::now());
        for receipt in rest {
            store.note(receipt);
        }
        for pending in wanted {
            let event = Event::Told(Arc::new(pending.notice.notice()));
            for (name, outlet) in self.acknowledging() {
                if name == pending.sink {
                    outlet.publish(&event).await;
                }
            }
        }
    }

    /// The sinks that acknowledge notices, by name.
    fn acknowledging(&self) -> impl Iterator<Item = (&str, &Outlet)> {
        let outlets = self.outlets.iter().chain(self.alert_sinks.outlets());
        outlets.filter_map(|outlet| Some((outlet.name()?, outlet)))
    }
}
