//! The one writer of a process: a thread that owns the writing connection and gathers what waits
//! into one transaction.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::{Notify, oneshot};
use up_core::{Kind, Note, Record};
use up_files::FileIdentity;

use super::codec;
use super::file::{self, OpenedFile, explain};
use super::intern::Interned;
use super::outbox;
use super::read::Readers;
use super::recent::{self, FULL, SampleRow};
use super::retention;
use super::rollups;
use super::targets::Targets;
use super::time::{hour, micros};
use super::upkeep::{UpkeepKind, UpkeepTroubles};
use crate::store::StoreError;

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

    /// Waits for the next job, and meanwhile for the time to sync.
    fn wait(&mut self, jobs: &Receiver<HistoryJob>) -> Option<HistoryJob> {
        while let Some(since) = self.unsynced {
            let rest = self.sync_every.saturating_sub(since.elapsed());
            match jobs.recv_timeout(rest) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.sync_if_due(),
            }
        }
        jobs.recv().ok()
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
        if self.rolling {
            let rolled = self.roll_up();
            self.rolling = *rolled.as_ref().unwrap_or(&false);
            self.shared.troubles.follow(UpkeepKind::RollUp, &rolled);
        }
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
                rows.push(row(tx, interned, record)?);
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

    /// Keeps a note, and puts it before everyone who is fed.
    pub(super) fn note(&mut self, note: &Note) -> Result<(), StoreError> {
        self.told(|tx, _, targets| {
            let date = micros(note.date);
            let added = tx.execute(
                "INSERT OR IGNORE INTO notes(date, message) VALUES(?1, ?2)",
                params![date, note.message()],
            )?;
            if added == 0 {
                return Ok(());
            }
            let came = retention::newest(tx)?;
            for (key, agent) in targets {
                outbox::put_note(tx, key, agent, came, date, note.message())?;
            }
            Ok(())
        })
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

    /// Opens the file anew if it was moved or replaced. What the log has goes into the moved file
    /// first, so that it is whole.
    fn follow_file(&mut self) -> Result<(), StoreError> {
        if self.is_file_there() {
            return Ok(());
        }
        // Of a file that was removed, or copied to another disk, nothing is left to be made whole.
        let _ = self.empty_log();
        let text = format!(
            "{} was moved or replaced while Up ran. Up goes on in the file that is there now; samples              that a MongoDB lacks went with the other one",
            self.file.display()
        );
        self.reopen()?;
        self.shared.troubles.set(UpkeepKind::Moved, Some(text));
        Ok(())
    }

    /// True while the path leads to the file that is open.
    fn is_file_there(&self) -> bool {
        match (&FileIdentity::of(&self.file), &self.identity) {
            (Some(there), Some(open)) => there.is_same_file(open),
            _ => false,
        }
    }

    /// Moves all of the log into the file that is open, wherever that is.
    fn empty_log(&self) -> rusqlite::Result<()> {
        (self.connection).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        self.shared.readers.forget_connections();
        // The old connection must not hold the names of the new one's log.
        self.connection = Connection::open_in_memory().map_err(|e| explain(&self.file, &e))?;
        self.identity = None;
        self.interned.forget();
        let opened = file::open(&self.file)?;
        self.shared.troubles.set_aside(opened.set_aside);
        (self.connection, self.identity) = (opened.connection, opened.identity);
        (self.full, self.pause, self.rolling) = (FULL, (0, 0), true);
        Ok(())
    }

    /// Sets the file aside if SQLite finds it damaged as a whole, and begins a new one.
    fn replace_if_damaged(&mut self, trouble: &rusqlite::Error) {
        if !file::is_damage(trouble) || self.is_sound() {
            return;
        }
        if let Ok(text) = file::replace_damaged(&self.file, self.identity.as_ref(), trouble)
            && self.reopen().is_ok()
        {
            self.shared.troubles.set_aside(Some(text));
        }
    }

    fn is_sound(&self) -> bool {
        let check = "PRAGMA quick_check(1)";
        let found = (self.connection).query_row(check, [], |row| row.get::<_, String>(0));
        found.is_ok_and(|found| found == "ok")
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
