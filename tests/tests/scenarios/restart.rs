//! A restart in a scenario: the state on the disk, written as the engine writes it, and the new
//! watch that starts from it.

use std::collections::BTreeMap;
use std::time::Duration;

use up_core::state::SavedNotice;
use up_core::{Input, Watch, WatchOutput, World};
use up_engine::state::{Saved, Tracker, restore, sorted_out};
use up_history::state::{Batch, PendingNotice};

use crate::script::{Reload, Restart};
use crate::stage::{ScenarioStage, load};

/// How long the engine gathers changes before it writes them.
const GATHER: Duration = Duration::from_secs(1);

/// The state that survives a restart.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    rows: BTreeMap<(String, String), String>,
    tracker: Tracker,
    /// Notices without a receipt of the sink.
    pub(crate) outbox: Vec<SavedNotice>,
    /// When the gathered changes are written.
    pub(crate) due: Option<Duration>,
}

impl Disk {
    fn apply(&mut self, batch: Batch) {
        if batch.whole {
            self.rows.clear();
        }
        for (kind, key) in batch.gone {
            self.rows.remove(&(kind.to_owned(), key));
        }
        for row in batch.set {
            self.rows.insert((row.kind.to_owned(), row.key), row.value);
        }
    }
}

impl ScenarioStage<'_> {
    /// Notices are written before they are sent; other changes are written a moment later.
    pub(crate) fn keep(&mut self, output: &WatchOutput) {
        if !output.notices.is_empty() {
            self.write();
            let notices = output.notices.iter().map(SavedNotice::from);
            self.disk.outbox = notices.collect();
        } else if self.watch.unsaved().is_any() {
            self.disk.due.get_or_insert(self.now + GATHER);
        }
    }

    pub(crate) fn write(&mut self) {
        self.disk.due = None;
        let now = self.moment();
        let known = (&self.world, &self.plan);
        let batch = self.disk.tracker.changes(&mut self.watch, known, now);
        self.disk.apply(batch);
    }

    /// Ends Up and restarts it.
    pub(crate) fn restart(&mut self, restart: &Restart, reload: Option<&Reload>) {
        if !restart.killed {
            self.write();
        }
        let stopped = self.moment().wall;
        let back = self.now + restart.off.0;
        while let Some(event) = self.events.pop_if(|event| event.at.0 < back) {
            self.now = event.at.0;
            self.set(event);
            self.air.ahead += event.clock;
        }
        self.now = back;
        self.disk.due = None;
        if restart.damaged {
            self.disk.rows.clear();
        }
        if let Some(reload) = reload {
            self.text = self.script.written(&reload.config, &reload.sources);
        }
        self.plan = load(&self.text);
        self.world = World::new(self.plan.outline.clone());
        self.watch = Watch::default();
        self.disk.tracker.forget();
        let rows = self.disk.rows.iter();
        let rows: Vec<_> = rows
            .map(|((kind, key), value)| (kind.clone(), key.clone(), value.clone()))
            .collect();
        let saved = Saved::read(&rows, stopped).expect("what was written can be read");
        let now = self.moment();
        let known = (&mut self.world, &mut self.watch);
        restore((&saved, self.kept.clone()), &self.plan, known, now);
        self.take_up();
        let sink = || "sink".to_owned();
        let waiting = self.disk.outbox.drain(..).map(|notice| PendingNotice {
            sink: sink(),
            notice,
        });
        let sinks = [sink()].into();
        for waits in sorted_out(waiting.collect(), &sinks, now.wall).0 {
            self.log.told(self.now, &waits.notice.notice());
        }
        self.take(Input::Controls(self.kept.clone()));
    }
}
