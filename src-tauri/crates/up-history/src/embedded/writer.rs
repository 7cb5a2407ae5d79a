//! The one writer of a process: a thread that owns the writing connection and gathers what waits
//! into one transaction.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};

use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::{Notify, oneshot};
use up_core::{Note, Record};

use super::file::explain;
use super::intern::Interned;
use super::outbox;
use super::recent::{self, FULL, SampleRow};
use super::rollups;
use super::targets::Targets;
use super::time::{hour, micros};
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

/// The writing side: only its thread has it.
pub(super) struct HistoryWriter {
    file: PathBuf,
    connection: Connection,
    interned: Interned,
    targets: Targets,
    news: Arc<Notify>,
    /// As many rows gather in `recent`.
    full: i64,
    /// True while there may be days to roll up.
    rolling: bool,
}

impl HistoryWriter {
    pub(super) fn new(
        file: PathBuf,
        connection: Connection,
        targets: Targets,
        news: Arc<Notify>,
    ) -> Self {
        Self {
            file,
            connection,
            interned: Interned::default(),
            targets,
            news,
            full: FULL,
            rolling: true,
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
                    drop(self);
                    // Nobody waiting is as good as told.
                    let _ = reply.send(());
                    return;
                }
            }
            if next.is_none() {
                next = jobs.recv().ok();
            }
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
            self.rolling = self.roll_up().unwrap_or(false);
        }
        next
    }

    /// Appends records. True when it is time to fold, which is asked here because a transaction of
    /// its own for the question would cost as much as a small append.
    fn append(&mut self, records: &[Arc<Record>]) -> Result<bool, StoreError> {
        let full = self.full;
        self.told(|tx, interned, targets| {
            interned.refresh(tx)?;
            let mut rows = Vec::with_capacity(records.len());
            for record in records {
                rows.push(row(tx, interned, record)?);
            }
            for (key, agent) in targets {
                outbox::put_samples(tx, key, agent, &rows)?;
            }
            recent::put(tx, &rows)?;
            Ok(recent::due(tx, full)?.is_some())
        })
    }

    /// Moves what has gathered in `recent` to where it stays, when it is time.
    fn fold(&mut self) {
        let full = self.full;
        let folded = self.transaction(|tx, _| recent::fold(tx, full));
        // A full disk says so when samples are appended. Until far more has come, folding would
        // only be in vain again.
        self.full = match folded {
            Ok(()) => FULL,
            Err(_) => full + FULL,
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
            tx.execute(
                "INSERT OR IGNORE INTO notes(date, message) VALUES(?1, ?2)",
                params![date, note.message()],
            )?;
            for (key, agent) in targets {
                outbox::put_note(tx, key, agent, date, note.message())?;
            }
            Ok(())
        })
    }

    /// A transaction that concerns the targets of now, and is told to who feeds them.
    pub(super) fn told<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Interned, &BTreeMap<String, String>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let targets = self.targets.now();
        let done = self.transaction(|tx, interned| work(tx, interned, &targets))?;
        if !targets.is_empty() {
            self.news.notify_waiters();
        }
        Ok(done)
    }

    /// Does something in one transaction, wholly or not at all.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Interned) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let interned = &mut self.interned;
        let result = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|tx| {
                let done = work(&tx, interned)?;
                tx.commit().map(|()| done)
            });
        result.map_err(|e| {
            // What was interned in it has been rolled back with it.
            self.interned.forget();
            explain(&self.file, &e)
        })
    }

    /// Does something that must not stand in a transaction.
    pub(super) fn outside<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
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
