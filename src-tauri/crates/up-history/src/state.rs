//! What must outlast a restart, in a SQLite file of its own for each program and configuration:
//! small rows that only their owner understands, and the notices that people were told, each with
//! which sinks have it. A notice is on the disk before anyone is told, and waits there for each
//! sink until that has it.
//!
//! The file is in WAL mode with `synchronous=FULL`: what was committed survives a power cut. One
//! thread writes, and nobody else: whoever opens the file holds its lock.

mod alerts;
mod file;
mod told;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use up_core::Timestamp;
use up_core::line::one_line;
use up_core::state::SavedNotice;

use crate::store::{StoreError, StoreErrorCode};

pub use alerts::{Alert, AlertQuery, DeliveryRecord, IncidentEnd, alerts};
pub use told::{DeliveredNotice, IncidentNotices};
use writer::{StateJob, StateWriter};

/// What people are told that it is.
pub const NAME: &str = "what was told";
/// The folder in the data folder.
const FOLDER: &str = "state";
/// The longest that is said of a trouble, in bytes.
const MOST_WORDS: usize = 5_000;

/// Whose state it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The program, `watch` or `tray`.
    pub program: &'static str,
    /// Its configuration file.
    pub config: PathBuf,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateRow {
    /// What it is of.
    pub kind: &'static str,
    /// Which of that kind.
    pub key: String,
    /// What is kept.
    pub value: String,
}

/// Rows to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// All that was written before goes first.
    pub whole: bool,
    /// Rows that are new, or others now.
    pub set: Vec<StateRow>,
    /// Rows that go, by kind and key.
    pub gone: Vec<(&'static str, String)>,
}

/// A notice, and the sinks that are to have it.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingNotice {
    /// The notice.
    pub notice: SavedNotice,
    /// Whom it is told by, each by its name.
    pub sinks: Vec<String>,
}

/// A notice that a sink does not have yet.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingNotice {
    /// The sink.
    pub sink: String,
    /// The notice.
    pub notice: SavedNotice,
}

/// What became of a notice at a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits: the sink does not have it.
    Waiting,
    /// The sink has it.
    Delivered,
    /// The sink never will, and why.
    Refused(String),
    /// A later notice of the same outage took its place before the sink had it.
    Superseded,
}

/// What became of one notice at one sink.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// The sink.
    pub sink: String,
    /// The notice's outage.
    pub id: u64,
    /// The notice's date.
    pub date: Timestamp,
    /// What became of it.
    pub fate: DeliveryState,
    /// Where the sink shows it, in words that only the sink understands, if it shows it somewhere.
    pub place: Option<String>,
}

/// A notice that a sink shows somewhere, or did.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownNotice {
    /// The sink.
    pub sink: String,
    /// The notice.
    pub notice: SavedNotice,
    /// Where, as the sink said it.
    pub place: String,
}

/// A state that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The way to it.
    pub store: StateStore,
    /// Each row: kind, key and value.
    pub rows: Vec<(String, String, String)>,
    /// When its owner was last there, as far as is known.
    pub stopped: Option<Timestamp>,
    /// What sinks do not have yet, oldest first.
    pub waiting: Vec<PendingNotice>,
    /// What sinks showed last, oldest first.
    pub shown: Vec<ShownNotice>,
    /// What is to be said of a state that could not be read and was set aside.
    pub set_aside: Option<String>,
}

/// The way to a state: a cheap handle. Its lock is let go at [`StateStore::close`].
#[derive(Clone, Debug)]
pub struct StateStore {
    jobs: mpsc::Sender<StateJob>,
}

impl Owner {
    /// The state of that program with that configuration file.
    pub fn new(program: &'static str, config: &Path) -> Self {
        let config = std::fs::canonicalize(config)
            .or_else(|_| std::path::absolute(config))
            .unwrap_or_else(|_| config.to_owned());
        Self { program, config }
    }

    fn file(&self, data: &Path) -> PathBuf {
        let config: [u8; 32] = Sha256::digest(self.config.as_os_str().as_encoded_bytes()).into();
        let config = config.iter().take(8);
        let config = config.fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        data.join(FOLDER)
            .join(format!("{}-{config:016x}.db", self.program))
    }
}

impl StateStore {
    /// Opens the state of that owner in that data folder, and makes it if it is not there. One
    /// that is damaged, or that a newer Up wrote, is set aside. [`StoreErrorCode::Unavailable`]
    /// means that another program owns it. `clock` says the wall's time.
    pub fn open(
        data: &Path,
        owner: &Owner,
        clock: fn() -> Timestamp,
    ) -> Result<Opened, StoreError> {
        let file = owner.file(data);
        let (lock, touched) = file::lock(data, &file)?;
        let (kept, set_aside) = file::open(&file, owner)?;
        let stopped = kept.alive.into_iter().chain(touched).reduce(f64::max);
        let writer = StateWriter::new(file, kept.connection, lock, clock);
        let (jobs, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name("state".into())
            .spawn(move || writer.run(&queue))
            .map_err(|e| {
                let why = format!("no thread could be started to keep what was told: {e}");
                error(StoreErrorCode::Refused, &why)
            })?;
        Ok(Opened {
            store: Self { jobs },
            rows: kept.rows,
            stopped,
            waiting: kept.waiting,
            shown: kept.shown,
            set_aside,
        })
    }

    /// Sets a state aside whose rows its owner cannot read, for that reason, while nobody has it
    /// open. Says so, for a person.
    pub fn set_aside(data: &Path, owner: &Owner, why: &str) -> Result<String, StoreError> {
        let file = owner.file(data);
        let _lock = file::lock(data, &file)?;
        file::put_aside(&file, "damaged", &format!("cannot be read ({why})"))
    }

    /// Writes rows, and notices that are about to be told, in one transaction; answered when it is
    /// on the disk.
    pub fn commit(
        &self,
        batch: Batch,
        told: Vec<OutgoingNotice>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let sent = self.jobs.send(StateJob::Commit(batch, told, reply));
        async move {
            sent.map_err(|_| closed())?;
            answer.await.map_err(|_| closed())?
        }
    }

    /// Notes what became of a notice. One that is not noted for want of a disk is handed over again.
    pub fn note(&self, receipt: Receipt) {
        // After the end nothing is noted any more.
        let _ = self.jobs.send(StateJob::Note(receipt));
    }

    /// Forgets notices older than `keep`.
    pub fn prune(&self, keep: Duration) {
        let _ = self.jobs.send(StateJob::Prune(keep));
    }

    /// Writes what waits and lets the state go, with the time of now as that of its end.
    pub async fn close(self) {
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(StateJob::Close(reply)).is_ok() {
            // Without an answer the writer is gone, which is what was asked for.
            let _ = answer.await;
        }
    }
}

fn error(code: StoreErrorCode, message: &str) -> StoreError {
    StoreError {
        name: NAME.into(),
        code,
        message: one_line(message, MOST_WORDS),
    }
}

fn closed() -> StoreError {
    error(StoreErrorCode::Closed, "it is closed")
}

#[cfg(test)]
mod tests;
