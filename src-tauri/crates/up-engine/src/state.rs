//! The state that must outlast a restart: when it is written, and how a start restores it. The core
//! defines what it contains, and `up-history` where it is stored.
//!
//! A notice is on the disk, together with the state of the watch after it, before any sink receives
//! it. An Up that is killed in between delivers it at the next start, under the same id. All other
//! changes are written within a second, on a thread of their own.

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

/// How long changes are gathered before they are written together.
const WRITE_DELAY: Duration = Duration::from_secs(1);
/// The pause before a failed write is tried again.
const RETRY: Duration = Duration::from_secs(30);
/// How long a notice waits for the disk. After that it is delivered all the same.
const DISK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a start waits for an Up that is just ending, which takes 5 s at most.
const LOCK_TIMEOUT: Duration = Duration::from_secs(7);
/// How often the start looks whether the other Up has ended.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// How far the engine's steady clock is set ahead of zero, so that dates before the start can be
/// expressed.
pub(crate) const BEFORE: Duration = Duration::from_hours(24 * 1_000);

/// The persistent state of a running engine.
pub(crate) struct EngineState {
    store: Option<StateStore>,
    /// The program and the configuration that the state belongs to; `None` when no state is kept.
    owner: Option<Owner>,
    tracker: Tracker,
    /// The saved state and the controls, until they are restored.
    saved: Option<(Saved, Controls)>,
    /// The notices that sinks lacked when Up stopped, until they are handed over.
    waiting: Vec<PendingNotice>,
    /// The notices that sinks displayed when Up stopped.
    shown: Vec<ShownNotice>,
    due: Option<Instant>,
    /// Set by the task that waits for the disk when a write failed. The whole state is then written
    /// again.
    failed: Arc<AtomicBool>,
    board: Health,
}

impl EngineState {
    /// Opens the state of `owner`; without an owner, nothing is kept. Sets a trouble in `board` on
    /// failure.
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
        // An error in the controls file is reported by the part that follows the file.
        let controls = ControlsFile::of(data).read_aside().await;
        state.saved = Some((saved, controls.unwrap_or_default()));
        board.set(TroubleKind::State, "aside", opened.set_aside);
        (state.waiting, state.shown) = (opened.waiting, opened.shown);
        (state.store, state.owner) = (Some(opened.store), Some(owner));
        // What the store contains is not known, so the next write replaces all of it.
        state.tracker.forget();
        state
    }

    /// The store, for receipts.
    pub(crate) fn store(&self) -> Option<&StateStore> {
        self.store.as_ref()
    }

    /// The owner of the state, while state is kept.
    pub(crate) fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// The receipts of the sink of that name.
    pub(crate) fn receipts(&self, sink: &str) -> Receipts {
        let shown = self.shown.iter().filter(|shown| shown.sink == sink);
        Receipts::new(
            sink.to_owned(),
            self.store.clone(),
            shown.cloned().collect(),
        )
    }

    /// The saved state and the controls. Only the first call returns them.
    pub(crate) fn take_saved(&mut self) -> Option<(Saved, Controls)> {
        self.saved.take()
    }

    /// The notices that sinks lacked when Up stopped. Only the first call returns them.
    pub(crate) fn take_waiting(&mut self) -> Vec<PendingNotice> {
        std::mem::take(&mut self.waiting)
    }

    /// When [`EngineState::write`] is due: a moment after something changed.
    pub(crate) fn due(&mut self, watch: &Watch) -> Option<Instant> {
        self.store.as_ref()?;
        let failed = self.failed.load(Ordering::Relaxed);
        if self.due.is_none() && (failed || watch.unsaved().is_any()) {
            let pause = if failed { RETRY } else { WRITE_DELAY };
            self.due = Some(Instant::now() + pause);
        }
        self.due
    }

    /// What changed since the last call. The caller must pass it to [`EngineState::write`] or
    /// [`EngineState::commit`].
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

    /// Writes the changes without waiting for the disk.
    pub(crate) fn write(&self, batch: Batch) {
        let Some(store) = &self.store else { return };
        if batch == Batch::default() {
            return;
        }
        let done = store.commit(batch, Vec::new());
        let (failed, board) = (Arc::clone(&self.failed), self.board.clone());
        tokio::spawn(async move { note(done.await, &failed, &board) });
    }

    /// Writes the changes and the notices that the named sinks are about to receive. A disk that
    /// does not answer delays bad news by at most 5 s.
    pub(crate) async fn commit(&self, batch: Batch, notices: &[Notice], sinks: &[String]) {
        let Some(store) = &self.store else { return };
        let told = notices.iter().map(|notice| OutgoingNotice {
            notice: SavedNotice::from(notice),
            sinks: sinks.to_vec(),
        });
        let done = store.commit(batch, told.collect());
        let done = timeout(DISK_TIMEOUT, done).await.unwrap_or_else(|_| {
            Err(StoreError {
                name: up_history::state::NAME.into(),
                code: StoreErrorCode::Unavailable,
                message: "the disk does not answer; notices may be delivered again after a restart"
                    .into(),
            })
        });
        note(done, &self.failed, &self.board);
    }

    /// Deletes notices older than `keep`.
    pub(crate) fn prune(&self, keep: Duration) {
        if let Some(store) = &self.store {
            store.prune(keep);
        }
    }

    /// Writes the last changes and closes the state.
    pub(crate) async fn close(self, batch: Batch, patience: Duration) {
        let Some(store) = self.store else { return };
        let end = async {
            // An error can be reported to nobody any more.
            let _ = store.commit(batch, Vec::new()).await;
            store.close().await;
        };
        // If the disk is too slow, the thread ends by itself later.
        let _ = timeout(patience, end).await;
    }
}

fn note(done: Result<(), StoreError>, failed: &AtomicBool, board: &Health) {
    let trouble = done.err().map(|error| error.to_string());
    failed.fetch_or(trouble.is_some(), Ordering::Relaxed);
    board.set(TroubleKind::State, "", trouble);
}

/// Opens the state and reads its rows. A state with unreadable rows is set aside.
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

/// Opens the state on another thread. Waits for an Up that is just ending.
async fn open(data: &Path, owner: &Owner) -> Result<Opened, StoreError> {
    let late = Instant::now() + LOCK_TIMEOUT;
    loop {
        let (data, owner) = (data.to_owned(), owner.clone());
        let open = move || StateStore::open(&data, &owner, clock::now);
        let opened = tokio::task::spawn_blocking(open).await;
        match opened {
            Ok(Err(error))
                if error.code == StoreErrorCode::Unavailable && Instant::now() < late =>
            {
                sleep(LOCK_POLL).await;
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
