//! The one writer of a process: a thread that owns the writing connection and gathers what waits
//! into one transaction.

mod moved;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{Notify, oneshot};
use up_core::{Kind, Note, NoteEdit, Record};
use up_files::FileIdentity;

use super::codec;
use super::file::{OpenedFile, explain};
use super::intern::Interned;
use super::metrics;
use super::notes;
use super::outbox;
use super::read::Readers;
use super::recent::{self, FULL, SampleRow};
use super::retention;
use super::rollups;
use super::targets::Targets;
use super::time::{hour, micros};
use super::upkeep::{UpkeepKind, UpkeepTroubles};
use crate::store::StoreError;

/// After a step of rolling up that nothing waited for, so many times as long is waited for the next one.
const REST: u32 = 4;

/// A transaction gathers about this many records at the most, so that none waits long.
const GATHERED: usize = 20_000;

/// What the writer is asked to do.
pub(super) enum HistoryJob {
    /// Records to keep; answered after the commit.
    Append(Vec<Arc<Record>>, oneshot::Sender<Result<(), StoreError>>),
    /// Anything else.
    Do(Box<dyn FnOnce(&mut HistoryWriter) + Send>),
    /// The end: what came before is written, what comes after is refused.
    Close(oneshot::Sender<()>),
}

/// After a fold failed, the next is tried so many appends later, then after twice as many, up to
/// [`LONGEST_PAUSE`].
const FIRST_PAUSE: u32 = 30;
const LONGEST_PAUSE: u32 = 1_000;

/// The writing side: only its thread has it.
pub(super) struct HistoryWriter {
    file: PathBuf,
    connection: Connection,
    /// The file that is open.
    identity: Option<FileIdentity>,
    interned: Interned,
    shared: WriterShared,
    /// As many rows gather in `recent`.
    full: i64,
    /// After a fold failed: in how many appends the next one is tried, and how many that were.
    pause: (u32, u32),
    /// True while there may be days to roll up.
    rolling: bool,
    /// While nothing else is to do, the next step of rolling up is made at this time. Until something is
    /// appended there is none: who only reads does not write.
    next_step: Option<Instant>,
    /// How long a commit may wait for the disk.
    sync_every: Duration,
    /// When the first commit was made that may not be on the disk yet.
    unsynced: Option<Instant>,
}

/// What the writer shares with the handles.
#[derive(Clone)]
pub(super) struct WriterShared {
    pub(super) targets: Targets,
    /// Notified after each commit that put something before a target.
    pub(super) news: Arc<Notify>,
    pub(super) readers: Arc<Readers>,
    pub(super) troubles: UpkeepTroubles,
}

impl HistoryWriter {
    pub(super) fn new(
        file: PathBuf,
        opened: OpenedFile,
        shared: WriterShared,
        sync_every: Duration,
    ) -> Self {
        Self {
            file,
            connection: opened.connection,
            identity: opened.identity,
            interned: Interned::default(),
            shared,
            full: FULL,
            pause: (0, 0),
            rolling: true,
            next_step: None,
            sync_every,
            unsynced: None,
        }
    }

    /// Works until told to close, or until nobody is left who could ask.
    pub(super) fn run(mut self, jobs: &Receiver<HistoryJob>) {
        let mut next = jobs.recv().ok();
        while let Some(job) = next.take() {
            match job {
                HistoryJob::Append(records, reply) => next = self.gather(records, reply, jobs),
                HistoryJob::Do(work) => work(&mut self),
                HistoryJob::Close(reply) => {
                    self.close();
                    // Nobody waiting is as good as told.
                    let _ = reply.send(());
                    return;
                }
            }
            self.sync_if_due();
            if next.is_none() {
                next = self.wait(jobs);
            }
        }
        self.close();
    }

    fn close(self) {
        if !self.is_file_there() {
            // SQLite leaves the log of a moved file as it is.
            let _ = self.empty_log();
        }
    }

    /// Waits for the next job, and meanwhile rolls up and syncs.
    fn wait(&mut self, jobs: &Receiver<HistoryJob>) -> Option<HistoryJob> {
        loop {
            let sync = (self.unsynced).and_then(|since| since.checked_add(self.sync_every));
            let step = self.next_step.filter(|_| self.rolling);
            let Some(next) = sync.into_iter().chain(step).min() else {
                return jobs.recv().ok();
            };
            match jobs.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    self.sync_if_due();
                    if step.is_some_and(|step| step <= Instant::now()) {
                        self.go_on_rolling();
                    }
                }
            }
        }
    }

    /// Makes a step of rolling up, if there may be anything to do.
    fn go_on_rolling(&mut self) {
        if !self.rolling {
            return;
        }
        let begin = Instant::now();
        let rolled = self.roll_up();
        self.rolling = *rolled.as_ref().unwrap_or(&false);
        self.shared.troubles.follow(UpkeepKind::RollUp, &rolled);
        self.next_step = begin
            .elapsed()
            .checked_mul(REST)
            .and_then(|rest| Instant::now().checked_add(rest));
    }

    /// Moves the log into the file, and both to the disk, when the oldest commit of the log has waited
    /// long enough. Readers are not waited for: what they still need of the log is on the disk there.
    fn sync_if_due(&mut self) {
        let is_due = |since: Instant| since.elapsed() >= self.sync_every;
        if self.unsynced.is_some_and(is_due) {
            // A disk that is full or broken says so when samples are appended.
            let _ = (self.connection).query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            self.unsynced = None;
        }
    }

    /// Writes these records with whatever else waits. Returns the job that ended the gathering.
    fn gather(
        &mut self,
        mut records: Vec<Arc<Record>>,
        reply: oneshot::Sender<Result<(), StoreError>>,
        jobs: &Receiver<HistoryJob>,
    ) -> Option<HistoryJob> {
        let mut replies = vec![reply];
        let mut next = None;
        while records.len() < GATHERED {
            match jobs.try_recv() {
                Ok(HistoryJob::Append(more, reply)) => {
                    records.extend(more);
                    replies.push(reply);
                }
                Ok(other) => {
                    next = Some(other);
                    break;
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        let appended = self.append(&records);
        for reply in replies {
            let _ = reply.send(appended.clone().map(drop));
        }
        if let Ok(true) = appended {
            self.fold();
            self.rolling = true;
        }
        self.go_on_rolling();
        next
    }

    /// Appends records. True when it is time to fold, or when many were folded at once. It is asked here
    /// because a transaction of its own for the question would cost as much as a small append.
    fn append(&mut self, records: &[Arc<Record>]) -> Result<bool, StoreError> {
        let full = self.full;
        self.told(|tx, interned, targets| {
            interned.refresh(tx)?;
            let mut rows = Vec::with_capacity(records.len());
            for record in records {
                let row = row(tx, interned, record)?;
                let place = (row.path, row.at);
                metrics::record(tx, &mut interned.metrics, place, &record.sample)?;
                rows.push(row);
            }
            let came = retention::note_days(tx, &rows)?;
            // What was read from a MongoDB is in one already.
            let own = records.iter().zip(&rows);
            let own = own.filter(|(record, _)| record.kind != Kind::FLEET);
            let own: Vec<_> = own.map(|(_, row)| *row).collect();
            for (key, agent) in targets {
                outbox::put_samples(tx, key, agent, came, &own)?;
            }
            // A target gets what was measured; what is kept is rounded.
            for row in &mut rows {
                *row = codec::rounded(*row);
            }
            let is_bulk = recent::add(tx, &rows)?;
            Ok(is_bulk || recent::due(tx, full)?.is_some())
        })
    }

    /// Moves what has gathered in `recent` to where it stays. A failure is reported, and folding is
    /// tried again later: until far more has come, it would only be in vain again.
    fn fold(&mut self) {
        let (left, pause) = self.pause;
        if left > 0 {
            self.pause = (left - 1, pause);
            return;
        }
        let full = self.full;
        let folded = self.transaction(|tx, _| recent::fold(tx, full));
        self.shared.troubles.follow(UpkeepKind::Fold, &folded);
        (self.full, self.pause) = if folded.is_ok() {
            (FULL, (0, 0))
        } else {
            let pause = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            (full + FULL, (pause, pause))
        };
    }

    /// Rolls up one step's worth of days that are over; false when nothing was left to do.
    pub(super) fn roll_up(&mut self) -> Result<bool, StoreError> {
        self.transaction(|tx, _| rollups::step(tx))
    }

    /// Adds a note from elsewhere, and puts it before everyone who is fed.
    pub(super) fn import_note(&mut self, note: &Note) -> Result<(), StoreError> {
        self.told(|tx, _, targets| notes::import(tx, note, targets))
    }

    /// Applies an edit of notes, and puts it before everyone who is fed.
    pub(super) fn edit_notes(&mut self, edit: &NoteEdit) -> Result<(), StoreError> {
        self.told(|tx, _, targets| notes::edit(tx, edit, targets))
    }

    /// A transaction that concerns the targets of now, and is told to who feeds them.
    pub(super) fn told<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Interned, &BTreeMap<String, String>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let targets = self.shared.targets.now();
        let done = self.transaction(|tx, interned| work(tx, interned, &targets))?;
        if !targets.is_empty() {
            self.shared.news.notify_waiters();
        }
        Ok(done)
    }

    /// Does something in one transaction, wholly or not at all.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Interned) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.follow_file()?;
        let interned = &mut self.interned;
        let result = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|tx| {
                let done = work(&tx, interned)?;
                tx.commit().map(|()| done)
            });
        self.note_commit();
        result.map_err(|e| {
            // What was interned in it has been rolled back with it.
            self.interned.forget();
            self.replace_if_damaged(&e);
            explain(&self.file, &e)
        })
    }

    fn note_commit(&mut self) {
        self.unsynced.get_or_insert_with(Instant::now);
    }

    /// Does something that must not stand in a transaction.
    pub(super) fn outside<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.follow_file()?;
        work(&self.connection).map_err(|e| explain(&self.file, &e))
    }
}

fn row(tx: &Connection, interned: &mut Interned, record: &Record) -> rusqlite::Result<SampleRow> {
    let sample = &record.sample;
    let at = micros(sample.date);
    Ok(SampleRow {
        path: interned.path(tx, &record.path, record.kind, hour(at))?,
        at,
        status: sample.status.map(up_core::Status::value),
        duration: micros(sample.duration),
        cause: match &sample.cause {
            Some(cause) => Some(interned.cause(tx, cause, hour(at))?),
            None => None,
        },
    })
}
