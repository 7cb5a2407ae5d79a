//! The one writer of a state: a thread that holds its lock.

use std::fs::File;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, UNIX_EPOCH};

use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::oneshot;
use up_core::Timestamp;
use up_core::line::one_line;

use super::{Batch, DeliveryState, OutgoingNotice, Receipt, error, file};
use crate::store::{StoreError, StoreErrorCode};

/// How often the lock's file is touched, so that whoever reads it later knows until when we were
/// there.
const PULSE: Duration = Duration::from_mins(1);
/// So many notices are kept at the most.
const MOST: i64 = 100_000;
/// The file does not grow beyond this by what was told, in bytes.
const LARGEST: i64 = 256 << 20;
/// So many notices are forgotten at once.
const STEP: i64 = 1_000;
/// The longest reason that is kept, in bytes.
const REASON: usize = 500;

type WriterReply = oneshot::Sender<Result<(), StoreError>>;

/// What the writer is asked to do.
#[derive(Debug)]
pub(super) enum StateJob {
    Commit(Batch, Vec<OutgoingNotice>, WriterReply),
    Note(Receipt),
    Prune(Duration),
    Close(oneshot::Sender<()>),
}

/// The writing side.
pub(super) struct StateWriter {
    file: PathBuf,
    connection: Connection,
    /// Let go when the thread ends, after the connection.
    lock: File,
    clock: fn() -> Timestamp,
}

impl StateWriter {
    pub(super) fn new(
        file: PathBuf,
        connection: Connection,
        lock: File,
        clock: fn() -> Timestamp,
    ) -> Self {
        Self {
            file,
            connection,
            lock,
            clock,
        }
    }

    /// Works until told to close, or until nobody is left who could ask.
    pub(super) fn run(mut self, jobs: &Receiver<StateJob>) {
        self.touch();
        loop {
            match jobs.recv_timeout(PULSE) {
                Ok(StateJob::Commit(batch, told, reply)) => {
                    let done = self.commit(&batch, &told);
                    // Who asked may have gone; it is done all the same.
                    let _ = reply.send(done);
                }
                // What is not noted is handed over again, under the same id.
                Ok(StateJob::Note(receipt)) => drop(self.note(&receipt)),
                // What is not forgotten now is so the next time.
                Ok(StateJob::Prune(keep)) => drop(self.prune(keep)),
                Ok(StateJob::Close(reply)) => {
                    self.end();
                    let _ = reply.send(());
                    return;
                }
                Err(RecvTimeoutError::Timeout) => self.touch(),
                Err(RecvTimeoutError::Disconnected) => return self.end(),
            }
        }
    }

    fn end(mut self) {
        // Without it the touched lock says nearly the same.
        let _ = self.transaction(|_, _| Ok(()));
        self.touch();
        drop(self.connection);
    }

    fn touch(&self) {
        let now = Duration::try_from_secs_f64((self.clock)()).unwrap_or_default();
        let _ = self.lock.set_modified(UNIX_EPOCH + now);
    }

    fn commit(&mut self, batch: &Batch, told: &[OutgoingNotice]) -> Result<(), StoreError> {
        self.transaction(|tx, now| {
            if batch.whole {
                tx.execute("DELETE FROM rows", [])?;
            }
            let mut gone = tx.prepare_cached("DELETE FROM rows WHERE kind = ?1 AND key = ?2")?;
            for (kind, key) in &batch.gone {
                gone.execute(params![kind, key])?;
            }
            let mut set = tx.prepare_cached(
                "INSERT OR REPLACE INTO rows(kind, key, value) VALUES(?1, ?2, ?3)",
            )?;
            for row in &batch.set {
                set.execute(params![row.kind, row.key, row.value])?;
            }
            told.iter()
                .try_for_each(|telling| insert_notice(tx, telling, now))
        })
    }

    fn note(&mut self, receipt: &Receipt) -> Result<(), StoreError> {
        let (fate, why) = match &receipt.fate {
            DeliveryState::Waiting => (0, None),
            DeliveryState::Delivered => (1, None),
            DeliveryState::Refused(why) => (2, Some(one_line(why, REASON))),
            DeliveryState::Superseded => (3, None),
        };
        self.transaction(|tx, now| {
            tx.prepare_cached(
                "UPDATE deliveries SET fate = ?1, date = ?2, why = ?3, place = ?4 \
                 WHERE sink = ?5 AND fate = 0 \
                 AND seq IN (SELECT seq FROM notices WHERE id = ?6 AND date = ?7)",
            )?
            .execute(params![
                fate,
                now,
                why,
                receipt.place,
                receipt.sink,
                receipt.id.cast_signed(),
                receipt.date
            ])
            .map(drop)
        })
    }

    fn prune(&mut self, keep: Duration) -> Result<(), StoreError> {
        loop {
            let forgotten = self.transaction(|tx, now| {
                let before = now - keep.as_secs_f64();
                let old = tx.execute(
                    "DELETE FROM notices WHERE seq IN (SELECT seq FROM notices WHERE date < ?1 \
                     ORDER BY seq LIMIT ?2)",
                    params![before, STEP],
                )?;
                let size = "SELECT (page_count - freelist_count) * page_size FROM \
                            pragma_page_count, pragma_freelist_count, pragma_page_size";
                let size: i64 = tx.query_row(size, [], |row| row.get(0))?;
                let (first, last): (i64, i64) = tx.query_row(
                    "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM notices",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?;
                let surplus = if size > LARGEST {
                    first + STEP
                } else {
                    (last - MOST + 1).min(first + STEP)
                };
                let surplus = tx.execute("DELETE FROM notices WHERE seq < ?1", [surplus])?;
                tx.execute(
                    "DELETE FROM deliveries WHERE seq NOT IN (SELECT seq FROM notices)",
                    [],
                )?;
                Ok(old + surplus)
            })?;
            if forgotten == 0 {
                break;
            }
        }
        let shrink = self.connection.execute_batch("PRAGMA incremental_vacuum");
        shrink.map_err(|e| self.explain(&e))
    }

    /// Does something in one transaction, wholly or not at all, and notes that we are there.
    fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection, Timestamp) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let now = (self.clock)();
        let result = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|tx| {
                let done = work(&tx, now)?;
                file::alive(&tx, now)?;
                tx.commit().map(|()| done)
            });
        result.map_err(|e| self.explain(&e))
    }

    fn explain(&self, trouble: &rusqlite::Error) -> StoreError {
        let why = format!(
            "{} cannot be written: {trouble}; after a restart it may be told again",
            self.file.display()
        );
        error(StoreErrorCode::Refused, &why)
    }
}

fn insert_notice(
    tx: &Connection,
    telling: &OutgoingNotice,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let row = serde_json::to_string(&telling.notice)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    let (id, date) = (telling.notice.id(), telling.notice.date());
    tx.prepare_cached("INSERT INTO notices(id, date, row) VALUES(?1, ?2, ?3)")?
        .execute(params![id.cast_signed(), date, row])?;
    let seq = tx.last_insert_rowid();
    let mut insert = tx.prepare_cached(
        "INSERT OR IGNORE INTO deliveries(seq, sink, fate, date) VALUES(?1, ?2, 0, ?3)",
    )?;
    for sink in &telling.sinks {
        insert.execute(params![seq, sink, now])?;
    }
    Ok(())
}
