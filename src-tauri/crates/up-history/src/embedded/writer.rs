//! The one writer of a process: a thread that owns the writing connection and gathers what waits
//! into one transaction.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tokio::sync::{Notify, oneshot};
use up_core::{Note, Record};

use super::file::explain;
use super::intern::Interned;
use super::outbox::{self, Sent};
use super::targets::Targets;
use super::time::{at, first_block, hour, last_block, micros, offset};
use crate::StoreError;

/// A transaction gathers about this many records at the most, so that none waits long.
const GATHERED: usize = 20_000;

/// A block that has this many rows takes no further batch: what a batch touches stays small, and
/// reading one path of a big installation finds its rows close together.
const FULL: i64 = 50_000;

/// What the writer is asked to do.
pub(super) enum Job {
    /// Records to keep; answered after the commit.
    Append(Vec<Arc<Record>>, oneshot::Sender<Result<(), StoreError>>),
    /// Anything else.
    Do(Box<dyn FnOnce(&mut Writer) + Send>),
    /// The end: what came before is written, what comes after is refused.
    Close(oneshot::Sender<()>),
}

/// The writing side: only its thread has it.
pub(super) struct Writer {
    file: PathBuf,
    connection: Connection,
    interned: Interned,
    targets: Targets,
    news: Arc<Notify>,
}

/// One row of `samples`, before it has a block.
struct Row {
    hour: i64,
    path: i64,
    at: i64,
    status: Option<f64>,
    duration: i64,
    cause: Option<i64>,
}

impl Row {
    fn sent(&self) -> Sent {
        Sent {
            at: at(self.hour, self.at),
            path: self.path,
            status: self.status,
            duration: self.duration,
            cause: self.cause,
        }
    }
}

impl Writer {
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
        }
    }

    /// Works until told to close, or until nobody is left who could ask.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        let mut next = jobs.recv().ok();
        while let Some(job) = next.take() {
            match job {
                Job::Append(records, reply) => next = self.gather(records, reply, jobs),
                Job::Do(work) => work(&mut self),
                Job::Close(reply) => {
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
        jobs: &Receiver<Job>,
    ) -> Option<Job> {
        let mut replies = vec![reply];
        let mut next = None;
        while records.len() < GATHERED {
            match jobs.try_recv() {
                Ok(Job::Append(more, reply)) => {
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
        let result = self.append(&records);
        for reply in replies {
            let _ = reply.send(result.clone());
        }
        next
    }

    fn append(&mut self, records: &[Arc<Record>]) -> Result<(), StoreError> {
        self.told(|tx, interned, targets| {
            let mut rows = Vec::with_capacity(records.len());
            for record in records {
                rows.push(row(tx, interned, record)?);
            }
            for (key, agent) in targets {
                outbox::put_samples(tx, key, agent, rows.iter().map(Row::sent))?;
            }
            insert(tx, rows)
        })
    }

    /// Keeps a note, and puts it before everyone who is fed.
    pub(super) fn note(&mut self, note: &Note) -> Result<(), StoreError> {
        self.told(|tx, _, targets| {
            let date = micros(note.date);
            tx.execute(
                "INSERT OR IGNORE INTO notes(date, message) VALUES(?1, ?2)",
                params![date, note.message],
            )?;
            for (key, agent) in targets {
                outbox::put_note(tx, key, agent, date, &note.message)?;
            }
            Ok(())
        })
    }

    /// A transaction that concerns the targets of now, and is told to who feeds them.
    fn told(
        &mut self,
        work: impl FnOnce(&Connection, &mut Interned, &BTreeMap<String, String>) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let targets = self.targets.now();
        self.transaction(|tx, interned| work(tx, interned, &targets))?;
        if !targets.is_empty() {
            self.news.notify_waiters();
        }
        Ok(())
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

fn row(tx: &Connection, interned: &mut Interned, record: &Record) -> rusqlite::Result<Row> {
    let sample = &record.sample;
    let at = micros(sample.date);
    let hour = hour(at);
    Ok(Row {
        hour,
        path: interned.path(tx, &record.path, record.kind, hour)?,
        at: offset(at),
        status: sample.status.map(up_core::Status::value),
        duration: micros(sample.duration),
        cause: match &sample.cause {
            Some(cause) => Some(interned.cause(tx, cause, hour)?),
            None => None,
        },
    })
}

/// Puts rows into their hours' open blocks, in the order in which they lie there.
fn insert(tx: &Connection, mut rows: Vec<Row>) -> rusqlite::Result<()> {
    rows.sort_unstable_by_key(|r| (r.hour, r.path, r.at));
    let mut insert = tx.prepare_cached(
        "INSERT OR REPLACE INTO samples(block, path, at, status, duration, cause)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for rows in rows.chunk_by(|a, b| a.hour == b.hour) {
        let hour = rows[0].hour;
        let block = open_block(tx, hour)?;
        let (mut count, mut first, mut last) = (0_i64, i64::MAX, i64::MIN);
        for row in rows {
            count += 1;
            insert.execute(params![
                block,
                row.path,
                row.at,
                row.status,
                row.duration,
                row.cause
            ])?;
            first = first.min(row.at);
            last = last.max(row.at);
        }
        let first = at(hour, first);
        let last = at(hour, last);
        tx.prepare_cached(
            "INSERT INTO blocks(id, rows, first, last) VALUES(?1, ?2, ?3, ?4)
             ON CONFLICT(id) DO UPDATE SET rows = rows + excluded.rows,
                 first = min(first, excluded.first), last = max(last, excluded.last)",
        )?
        .execute(params![block, count, first, last])?;
    }
    Ok(())
}

/// The block of an hour that takes what comes now.
fn open_block(tx: &Connection, hour: i64) -> rusqlite::Result<i64> {
    let newest: Option<(i64, i64)> = tx
        .prepare_cached(
            "SELECT id, rows FROM blocks WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([first_block(hour), last_block(hour)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(match newest {
        None => first_block(hour),
        Some((id, rows)) if rows < FULL => id,
        Some((id, _)) => (id + 1).min(last_block(hour)),
    })
}
