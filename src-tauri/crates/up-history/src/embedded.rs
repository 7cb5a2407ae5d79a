//! The embedded store: one SQLite file in the data folder. Everything is written here first; who
//! else is fed is fed from here. Several processes may have it open at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rusqlite::Connection;
use tokio::sync::{Notify, oneshot, watch};
use up_core::{Note, NoteEdit, Record, Timestamp};

use crate::acknowledgement::KeptAcknowledgement;
use crate::store::{StoreError, StoreErrorCode};

mod acknowledgements;
mod answers;
mod aside;
mod blocks;
mod buckets;
mod codec;
mod extents;
mod file;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod halves;
mod import;
mod incidents;
mod intern;
mod judging;
mod metrics;
mod notes;
mod ordered;
mod outbox;
mod overview;
mod prune;
mod read;
mod recent;
mod retention;
mod rollups;
mod runs;
mod schema;
mod spans;
mod status;
mod targets;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod upkeep;
mod writer;

pub use import::ImportStep;
pub use outbox::TargetLag;
pub(crate) use outbox::{OutboxContent, Pending, PendingSample};
use retention::{RetentionCut, RetentionPeriods};
pub(crate) use runs::{LONGEST_RUN, RunSample, pack_run, unpack_run};
pub use status::{EmbeddedStatus, RollupProgress};
pub(crate) use targets::TargetLease;
use targets::Targets;
pub use upkeep::UpkeepKind;
use upkeep::UpkeepTroubles;
use writer::{HistoryJob, HistoryWriter, WriterShared};

/// What people are told that it is.
pub const NAME: &str = "the embedded history";

/// The file's name in the data folder.
pub const FILE: &str = "history.db";

/// How long a commit may wait for the disk: a power cut costs no more than this.
const SYNC_EVERY: Duration = Duration::from_secs(30);

/// The embedded store: a cheap handle. The file is let go when the last handle is, or at
/// [`Embedded::close`].
#[derive(Clone)]
pub struct Embedded {
    inner: Arc<EmbeddedInner>,
    /// Who writes it.
    agent: Option<Arc<str>>,
}

struct EmbeddedInner {
    file: PathBuf,
    jobs: mpsc::Sender<HistoryJob>,
    shared: WriterShared,
}

impl Embedded {
    /// Opens `history.db` in this folder and makes both if they are not there, for their owner's
    /// eyes only. A file that is not a history of ours, or one of a newer Up, is refused with
    /// [`StoreErrorCode::Format`] and left as it is. A history that is damaged is set aside, and a new
    /// one begun; [`Embedded::troubles`] says so.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_syncing(dir, SYNC_EVERY)
    }

    fn open_syncing(dir: &Path, sync_every: Duration) -> Result<Self, StoreError> {
        let file = dir.join(FILE);
        let mut opened = file::open(&file)?;
        let shared = WriterShared {
            targets: Targets::default(),
            news: Arc::new(Notify::new()),
            readers: Arc::new(read::Readers::new(file.clone())),
            troubles: UpkeepTroubles::new(),
        };
        shared.troubles.set_aside(opened.set_aside.take());
        let writer = HistoryWriter::new(file.clone(), opened, shared.clone(), sync_every);
        let (jobs, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name("history".into())
            .spawn(move || writer.run(&queue))
            .map_err(|e| {
                let why = format!("no thread could be started to write history: {e}");
                file::error(StoreErrorCode::Refused, &why)
            })?;
        let inner = EmbeddedInner { file, jobs, shared };
        Ok(Self {
            inner: Arc::new(inner),
            agent: None,
        })
    }

    /// A handle that answers for this agent, which writes the history.
    pub fn written_by(mut self, agent: &str) -> Self {
        self.agent = Some(agent.into());
        self
    }

    /// The troubles of the file that do not keep samples from being written, one line each for a
    /// person.
    pub fn troubles(&self) -> watch::Receiver<BTreeMap<UpkeepKind, String>> {
        self.inner.shared.troubles.watch()
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.inner.file
    }

    /// Keeps records, unknown ones included; answered when they are committed. What waits at the
    /// same time goes into one transaction. Dates and durations are kept to the microsecond.
    pub fn append(&self, records: Vec<Arc<Record>>) -> BoxFuture<'static, Result<(), StoreError>> {
        let (reply, answer) = oneshot::channel();
        let sent = self.inner.jobs.send(HistoryJob::Append(records, reply));
        async move {
            sent.map_err(|_| closed())?;
            answer.await.map_err(|_| closed())?
        }
        .boxed()
    }

    /// Applies an edit of notes in one transaction; answered when it is committed. A note is removed
    /// wherever the targets have it, whoever wrote it.
    pub fn edit_notes(&self, edit: NoteEdit) -> BoxFuture<'static, Result<(), StoreError>> {
        self.write(move |writer| writer.edit_notes(&edit)).boxed()
    }

    /// Adds a note that another file or database has. One that is here already stays as it is, and one
    /// that a person removed here stays removed.
    pub fn import_note(&self, note: Note) -> BoxFuture<'static, Result<(), StoreError>> {
        self.write(move |writer| writer.import_note(&note)).boxed()
    }

    /// Keeps acknowledgements; answered when they are committed. Those that are there stay.
    pub fn acknowledged(
        &self,
        given: Vec<KeptAcknowledgement>,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.write(move |w| w.transaction(|tx, _| acknowledgements::keep(tx, &given)))
            .boxed()
    }

    /// Removes samples older than `raw` and everything older than `keep`, counted from `now`, in short
    /// steps between which others write. The module `retention` says how a clock that is wrong is
    /// kept from removing anything. What a target has not acknowledged stays until `keep`. Samples go
    /// by whole days, and may live a day longer than `raw`.
    pub fn prune(
        &self,
        now: Timestamp,
        raw: Duration,
        keep: Duration,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let now = time::micros(now);
        let periods = RetentionPeriods { raw, keep };
        let this = self.clone();
        async move {
            let done = this.prune_in_steps(now, periods).await;
            let troubles = &this.inner.shared.troubles;
            troubles.follow(UpkeepKind::Prune, &done);
            troubles.set(UpkeepKind::Moved, None);
            done
        }
        .boxed()
    }

    async fn prune_in_steps(&self, now: i64, periods: RetentionPeriods) -> Result<(), StoreError> {
        let transaction = |work: fn(&Connection, RetentionCut) -> rusqlite::Result<bool>, cut| {
            self.write(move |w| w.transaction(|tx, _| work(tx, cut)))
        };
        let cut = self
            .write(move |w| w.transaction(|tx, _| retention::advance(tx, now, periods)))
            .await?;
        // Samples go only when their days are rolled up.
        let fold = |tx: &Connection, cut: RetentionCut| {
            recent::fold_before(tx, rollups::day_begin(cut.raw)).map(|()| false)
        };
        transaction(fold, cut).await?;
        while self.write(HistoryWriter::roll_up).await? {}
        while transaction(prune::step, cut).await? {}
        while self.write(|w| w.outside(prune::shrink)).await? {}
        Ok(())
    }

    /// Makes the rollups of all days whose samples are there anew, in short steps between which
    /// others write, and reports how far it is. Queries read samples meanwhile. If it is broken off,
    /// whoever has the file open next goes on with it.
    pub fn rebuild(
        &self,
        mut report: impl FnMut(RollupProgress) + Send + 'static,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let this = self.clone();
        async move {
            this.write(|w| w.transaction(|tx, _| rollups::restart(tx)))
                .await?;
            while this.write(HistoryWriter::roll_up).await? {
                let progress = this.inner.shared.readers.query(status::progress).await?;
                report(progress);
            }
            Ok(())
        }
        .boxed()
    }

    /// The state of the file.
    pub async fn status(&self) -> Result<EmbeddedStatus, StoreError> {
        self.inner.shared.readers.query(status::read).await
    }

    /// What each of these targets, by their keys, has not received yet.
    pub async fn lags(&self, keys: Vec<String>) -> Result<Vec<TargetLag>, StoreError> {
        let readers = &self.inner.shared.readers;
        readers.query(move |c| status::lags(c, &keys)).await
    }

    /// A small value that was kept under this key.
    pub fn state_get(&self, key: &str) -> BoxFuture<'static, Result<Option<String>, StoreError>> {
        let (readers, key) = (Arc::clone(&self.inner.shared.readers), key.to_owned());
        async move { readers.query(move |c| read::state(c, &key)).await }.boxed()
    }

    /// Keeps a small value under a key.
    pub fn state_set(&self, key: &str, value: &str) -> BoxFuture<'static, Result<(), StoreError>> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write(move |writer| {
            writer.transaction(|tx, _| {
                tx.execute(
                    "INSERT OR REPLACE INTO state(key, value) VALUES(?1, ?2)",
                    [key, value],
                )
                .map(drop)
            })
        })
        .boxed()
    }

    /// Writes what still waits and lets the file go. Whoever asks anything after that, through any
    /// handle, is told [`StoreErrorCode::Closed`].
    pub fn close(&self) -> BoxFuture<'static, ()> {
        // Readers first: the last connection to go folds the log into the file.
        self.inner.shared.readers.close();
        let (reply, answer) = oneshot::channel();
        let sent = self.inner.jobs.send(HistoryJob::Close(reply));
        async move {
            if sent.is_ok() {
                // Without an answer the writer is gone, which is what was asked for.
                let _ = answer.await;
            }
        }
        .boxed()
    }

    /// From now on, until what is returned is dropped, whatever this process writes is put before
    /// this target too.
    pub(crate) fn feed(&self, key: &str, agent: &str) -> TargetLease {
        self.inner.shared.targets.add(key, agent)
    }

    /// The oldest rows that a target has not acknowledged.
    pub(crate) async fn pending(&self, key: &str, most: usize) -> Result<Vec<Pending>, StoreError> {
        let key = key.to_owned();
        self.inner
            .shared
            .readers
            .query(move |c| outbox::next(c, &key, most))
            .await
    }

    /// The first path after this one whose samples were not read from a `MongoDB`.
    pub(crate) async fn own_path_after(&self, path: &str) -> Result<Option<String>, StoreError> {
        let path = path.to_owned();
        let readers = &self.inner.shared.readers;
        readers.query(move |c| outbox::path_after(c, &path)).await
    }

    /// How many paths there are whose samples were not read from a `MongoDB`, and how many of them come up
    /// to and with this one.
    pub(crate) async fn own_paths_until(&self, path: &str) -> Result<(u64, u64), StoreError> {
        let path = path.to_owned();
        let readers = &self.inner.shared.readers;
        readers.query(move |c| outbox::paths_until(c, &path)).await
    }

    /// What tells the notes in this file's outbox from those of every other file: made by chance with the
    /// first one. Empty for notes that an earlier version put there.
    pub(crate) async fn outbox_id(&self) -> Result<String, StoreError> {
        let readers = &self.inner.shared.readers;
        Ok(readers.query(outbox::id).await?.unwrap_or_default())
    }

    /// How many rows a target has not acknowledged.
    pub(crate) async fn left(&self, key: &str) -> Result<u64, StoreError> {
        let key = key.to_owned();
        self.inner
            .shared
            .readers
            .query(move |c| outbox::left(c, &key))
            .await
    }

    /// A target has everything up to and with this number.
    pub(crate) async fn acknowledge(&self, key: &str, seq: i64) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.write(move |w| w.transaction(|tx, _| outbox::acknowledge(tx, &key, seq)))
            .await
    }

    /// Told after each commit of this process that put something before a target.
    pub(crate) fn news(&self) -> &Notify {
        &self.inner.shared.news
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HistoryWriter) -> Result<T, StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'static {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(move |writer: &mut HistoryWriter| {
            // Who asked may have gone; the work is done all the same.
            let _ = reply.send(work(writer));
        });
        let sent = self.inner.jobs.send(HistoryJob::Do(work));
        async move {
            sent.map_err(|_| closed())?;
            answer.await.map_err(|_| closed())?
        }
    }
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Embedded").field(&self.inner.file).finish()
    }
}

fn closed() -> StoreError {
    file::error(StoreErrorCode::Closed, "the history is closed")
}
