//! What must outlast a restart: when it is written, and how a start takes it up. What it is, the
//! core says; where it lies, the history's room.
//!
//! A notice is on the disk, with the state of the watch after it, before any sink is handed it; so
//! whoever dies in between hands it over at the next start, under the same id. Everything else is
//! written within a second, by a thread, and only what changed.

mod hand_over;
mod restore;
#[cfg(test)]
mod tests;
mod track;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use up_config::Plan;
use up_core::state::SavedNotice;
use up_core::{Controls, Moment, Notice, Watch, World};
use up_history::state::{
    Batch, Opened, OutgoingNotice, Owner, PendingNotice, ShownNotice, StateStore,
};
use up_history::{StoreError, StoreErrorCode};
use up_sink::Receipts;

use crate::clock;
use crate::controls::ControlsFile;
use crate::health::Health;
use crate::view::TroubleKind;

pub use hand_over::sorted_out;
pub use restore::{Saved, restore};
pub use track::Tracker;

/// What changed is written after so long, all at once.
const GATHER: Duration = Duration::from_secs(1);
/// How soon it is tried again after it could not be written.
const AGAIN: Duration = Duration::from_secs(30);
/// How long a notice waits for the disk before it is told all the same.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait for an Up that is just ending, which takes 5 s at the most.
const ENDING: Duration = Duration::from_secs(7);
/// How often to look meanwhile.
const LOOK: Duration = Duration::from_millis(100);

/// The steady clock begins so far above zero, so that it reaches back before the start.
pub(crate) const BEFORE: Duration = Duration::from_hours(24 * 1_000);

/// The state of a running engine.
pub(crate) struct EngineState {
    store: Option<StateStore>,
    /// Whose it is.
    owner: Option<Owner>,
    tracker: Tracker,
    /// What was kept, and what people asked for, until it is taken up.
    saved: Option<(Saved, Controls)>,
    /// What sinks did not have when Up stopped, until it is handed over.
    waiting: Vec<PendingNotice>,
    /// What sinks showed when Up stopped.
    shown: Vec<ShownNotice>,
    due: Option<Instant>,
    /// Set by the task that waits for the disk: what was meant to be written is not.
    failed: Arc<AtomicBool>,
    board: Health,
}

impl EngineState {
    /// Opens what that owner kept; nothing is kept without one. Says on the board what is wrong.
    pub(crate) async fn open(data: &Path, owner: Option<Owner>, board: &Health) -> Self {
        let mut state = Self {
            store: None,
            owner: None,
            tracker: Tracker::default(),
            saved: None,
            waiting: Vec::new(),
            shown: Vec::new(),
            due: None,
            failed: Arc::default(),
            board: board.clone(),
        };
        let Some(owner) = owner else { return state };
        let (opened, saved) = match read(data, owner.clone()).await {
            Ok(read) => read,
            Err(error) => {
                board.set(TroubleKind::State, "", Some(error.to_string()));
                return state;
            }
        };
        // What is wrong with that file is said by whoever follows it.
        let controls = ControlsFile::of(data).read_aside().await;
        state.saved = Some((saved, controls.unwrap_or_default()));
        board.set(TroubleKind::State, "aside", opened.set_aside);
        (state.waiting, state.shown) = (opened.waiting, opened.shown);
        (state.store, state.owner) = (Some(opened.store), Some(owner));
        // What lies there is written over as a whole, once.
        state.tracker.forget();
        state
    }

    /// The way to it, for those who say what became of notices.
    pub(crate) fn store(&self) -> Option<&StateStore> {
        self.store.as_ref()
    }

    /// Whose it is, while something is kept.
    pub(crate) fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// Where the sink of that name says what became of notices.
    pub(crate) fn receipts(&self, sink: &str) -> Receipts {
        let shown = self.shown.iter().filter(|shown| shown.sink == sink);
        Receipts::new(
            sink.to_owned(),
            self.store.clone(),
            shown.cloned().collect(),
        )
    }

    /// What was kept and what people asked for, the first time.
    pub(crate) fn take_saved(&mut self) -> Option<(Saved, Controls)> {
        self.saved.take()
    }

    /// What sinks did not have, the first time.
    pub(crate) fn take_waiting(&mut self) -> Vec<PendingNotice> {
        std::mem::take(&mut self.waiting)
    }

    /// When [`State::write`] is wanted: a moment after something changed.
    pub(crate) fn due(&mut self, watch: &Watch) -> Option<Instant> {
        self.store.as_ref()?;
        let failed = self.failed.load(Ordering::Relaxed);
        if self.due.is_none() && (failed || watch.unsaved().is_any()) {
            let pause = if failed { AGAIN } else { GATHER };
            self.due = Some(Instant::now() + pause);
        }
        self.due
    }

    /// What changed since this was last asked, for [`State::write`] or [`State::commit`], of which
    /// one must follow.
    pub(crate) fn changes(
        &mut self,
        watch: &mut Watch,
        (world, plan): (&World, &Plan),
        now: Moment,
    ) -> Batch {
        if self.store.is_none() {
            return Batch::default();
        }
        self.due = None;
        if self.failed.swap(false, Ordering::Relaxed) {
            self.tracker.forget();
        }
        self.tracker.changes(watch, (world, plan), now)
    }

    /// Writes what changed, and waits for nothing.
    pub(crate) fn write(&self, batch: Batch) {
        let Some(store) = &self.store else { return };
        if batch == Batch::default() {
            return;
        }
        let done = store.commit(batch, Vec::new());
        let (failed, board) = (Arc::clone(&self.failed), self.board.clone());
        tokio::spawn(async move { note(done.await, &failed, &board) });
    }

    /// Writes what changed, and these notices, which these sinks are about to be handed. A disk
    /// that does not answer is not waited for longer than people can wait for bad news.
    pub(crate) async fn commit(&self, batch: Batch, notices: &[Notice], sinks: &[String]) {
        let Some(store) = &self.store else { return };
        let told = notices.iter().map(|notice| OutgoingNotice {
            notice: SavedNotice::from(notice),
            sinks: sinks.to_vec(),
        });
        let done = store.commit(batch, told.collect());
        let done = timeout(PATIENCE, done).await.unwrap_or_else(|_| {
            Err(StoreError {
                name: up_history::state::NAME.into(),
                code: StoreErrorCode::Unavailable,
                message: "the disk does not answer; after a restart it may be told again".into(),
            })
        });
        note(done, &self.failed, &self.board);
    }

    /// Forgets what was told longer ago than that.
    pub(crate) fn prune(&self, keep: Duration) {
        if let Some(store) = &self.store {
            store.prune(keep);
        }
    }

    /// Writes the last of it, and lets it go.
    pub(crate) async fn close(self, batch: Batch, patience: Duration) {
        let Some(store) = self.store else { return };
        let end = async {
            // There is nobody left to be told that it was in vain.
            let _ = store.commit(batch, Vec::new()).await;
            store.close().await;
        };
        // Late: the thread ends by itself.
        let _ = timeout(patience, end).await;
    }
}

fn note(done: Result<(), StoreError>, failed: &AtomicBool, board: &Health) {
    let trouble = done.err().map(|error| error.to_string());
    failed.fetch_or(trouble.is_some(), Ordering::Relaxed);
    board.set(TroubleKind::State, "", trouble);
}

/// Opens it and reads its rows. A state whose rows cannot be read is set aside.
async fn read(data: &Path, owner: Owner) -> Result<(Opened, Saved), StoreError> {
    let opened = open(data, &owner).await?;
    let stopped = |opened: &Opened| opened.stopped.unwrap_or_else(clock::now);
    let why = match Saved::read(&opened.rows, stopped(&opened)) {
        Ok(saved) => return Ok((opened, saved)),
        Err(why) => why,
    };
    opened.store.close().await;
    let said = StateStore::set_aside(data, &owner, &why)?;
    let mut opened = open(data, &owner).await?;
    opened.set_aside = Some(said);
    let saved = Saved::new(stopped(&opened));
    Ok((opened, saved))
}

/// Opens it without holding up the runtime. An Up that is just ending is waited for.
async fn open(data: &Path, owner: &Owner) -> Result<Opened, StoreError> {
    let late = Instant::now() + ENDING;
    loop {
        let (data, owner) = (data.to_owned(), owner.clone());
        let open = move || StateStore::open(&data, &owner, clock::now);
        let opened = tokio::task::spawn_blocking(open).await;
        match opened {
            Ok(Err(error))
                if error.code == StoreErrorCode::Unavailable && Instant::now() < late =>
            {
                sleep(LOOK).await;
            }
            Ok(opened) => return opened,
            Err(_) => {
                return Err(StoreError {
                    name: up_history::state::NAME.into(),
                    code: StoreErrorCode::Closed,
                    message: "opening it was broken off".into(),
                });
            }
        }
    }
}
