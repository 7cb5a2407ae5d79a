//! The feed: takes what waits in the embedded store to a `MongoDB`, and lets it go only when that
//! has acknowledged it. Down, slow or frozen, it holds up nobody: what is due to it waits on disk.

use std::sync::Arc;
use std::time::Duration;

use bson::{Document, doc};
use mongodb::IndexModel;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

use super::document::written;
use super::explain::was_there;
use super::target::Target;
use super::{ANNOTATIONS, STATUSES, UNKNOWNS};
use crate::embedded::{Embedded, Fed, Pending};
use crate::{StoreError, StoreErrorCode};

/// Documents a batch. It is halved for a server that does not manage that in time.
const BATCH: usize = 1_000;
const SMALLEST: usize = 10;

/// How long one attempt may take in all.
const ATTEMPT: Duration = Duration::from_secs(10);

/// After a failure: how long until the next attempt, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// News is let gather this long, so that a busy second is a few batches and not hundreds.
const GATHER: Duration = Duration::from_millis(250);

/// Another process may have put something there without telling us.
const LOOK: Duration = Duration::from_secs(5);

/// At the end a target that answers gets this long to take what has just come.
const FLUSH: Duration = Duration::from_secs(2);

/// How a feed is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// It has not been answered yet.
    Connecting,
    /// It is answered; so many rows wait.
    Ok {
        /// Samples and notes that are not acknowledged yet.
        lag: u64,
    },
    /// What goes wrong, one line for a person. It stays until the target answers again.
    Trouble(String),
}

/// What [`Feed::drain`] left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Samples and notes that still wait; they go with the next feed.
    pub left: u64,
    /// What went wrong, one line for a person.
    pub trouble: Option<String>,
}

/// One `MongoDB` that is fed. From when it is made until it is stopped or dropped, whatever this
/// process puts into the embedded store is put before that `MongoDB` too; what was there before is
/// not. What waits outlives the process.
pub struct Feed {
    pump: Option<Pump>,
    task: Option<(oneshot::Sender<()>, JoinHandle<Pump>)>,
    state: watch::Receiver<FeedState>,
}

impl Feed {
    /// Names a target without speaking to it yet: for [`Feed::drain`]. Fails only on a URI or a
    /// database's name that cannot be one.
    pub fn prepare(
        embedded: &Embedded,
        uri: &str,
        database: &str,
        agent: &str,
    ) -> Result<Self, StoreError> {
        Self::named(embedded.clone(), uri, database, agent)
    }

    /// Names a target and feeds it from a task of its own, on the current tokio runtime. Fails
    /// only on a URI or a database's name that cannot be one.
    pub fn spawn(
        embedded: Embedded,
        uri: &str,
        database: &str,
        agent: &str,
    ) -> Result<Self, StoreError> {
        let mut feed = Self::named(embedded, uri, database, agent)?;
        if let Some(pump) = feed.pump.take() {
            let (stop, stopped) = oneshot::channel();
            feed.task = Some((stop, tokio::spawn(pump.run(stopped))));
        }
        Ok(feed)
    }

    fn named(
        embedded: Embedded,
        uri: &str,
        database: &str,
        agent: &str,
    ) -> Result<Self, StoreError> {
        let target = Target::new(uri, database)?;
        let (told, state) = watch::channel(FeedState::Connecting);
        let fed = embedded.feed(&target.key, agent);
        let pump = Pump {
            embedded,
            target: Arc::new(target),
            told,
            size: BATCH,
            answered: false,
            indexes: None,
            _fed: fed,
        };
        Ok(Self {
            pump: Some(pump),
            task: None,
            state,
        })
    }

    /// How it is doing. A trouble and its end are told once each.
    pub fn state(&self) -> watch::Receiver<FeedState> {
        self.state.clone()
    }

    /// Brings over what waits, until nothing does, an attempt fails, or the time is up.
    pub async fn drain(mut self, limit: Duration) -> Drained {
        let end = Instant::now() + limit;
        let Some(mut pump) = self.halt().await else {
            return Drained {
                left: 0,
                trouble: None,
            };
        };
        let left = end.saturating_duration_since(Instant::now());
        let trouble = match timeout(left, pump.empty()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(pump.trouble(&error)),
            Err(_) => Some(pump.trouble(&pump.target.too_slow(limit))),
        };
        let left = pump.left().await;
        Drained { left, trouble }
    }

    /// Ends it. A target that answers is first given what has just come, for two seconds at the
    /// most; whatever is left waits for the next feed.
    pub async fn stop(mut self) {
        if let Some(mut pump) = self.halt().await
            && pump.answered
        {
            // What does not go now goes with the next feed.
            let _ = timeout(FLUSH, pump.empty()).await;
        }
    }

    /// Ends the task, if there is one.
    async fn halt(&mut self) -> Option<Pump> {
        if let Some((stop, task)) = self.task.take() {
            // The task ends by itself when the store has been closed.
            let _ = stop.send(());
            return task.await.ok();
        }
        self.pump.take()
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Some((_, task)) = &self.task {
            task.abort();
        }
    }
}

struct Pump {
    embedded: Embedded,
    target: Arc<Target>,
    told: watch::Sender<FeedState>,
    size: usize,
    /// False until the target answered, and again after each failure.
    answered: bool,
    /// Making indexes; ended with the pump.
    indexes: Option<JoinSet<()>>,
    _fed: Fed,
}

impl Pump {
    async fn run(mut self, mut stopped: oneshot::Receiver<()>) -> Self {
        let embedded = self.embedded.clone();
        let mut pause = FIRST_PAUSE;
        loop {
            // Listening begins before looking, so that nothing falls between the two.
            let mut news = std::pin::pin!(embedded.news().notified());
            news.as_mut().enable();
            let step = tokio::select! {
                biased;
                _ = &mut stopped => return self,
                step = self.step() => step,
            };
            let wait = async {
                match &step {
                    Ok(true) => {}
                    Ok(false) => {
                        // Either way there is something to look at.
                        let _ = timeout(LOOK, news).await;
                        sleep(GATHER).await;
                    }
                    Err(_) => sleep(pause).await,
                }
            };
            tokio::select! {
                biased;
                _ = &mut stopped => return self,
                () = wait => {}
            }
            match step {
                Ok(_) => pause = FIRST_PAUSE,
                Err(error) if error.code == StoreErrorCode::Closed => return self,
                Err(_) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    /// Steps until nothing waits.
    async fn empty(&mut self) -> Result<(), StoreError> {
        while self.step().await? {}
        Ok(())
    }

    /// Brings over one batch; false when nothing waits. Dropped at any point it loses nothing: at
    /// worst the same documents are written again, which changes nothing.
    async fn step(&mut self) -> Result<bool, StoreError> {
        let done = self.try_step().await;
        let state = match &done {
            Ok(_) => FeedState::Ok {
                lag: self.left().await,
            },
            Err(error) => {
                self.answered = false;
                FeedState::Trouble(self.trouble(error))
            }
        };
        self.told.send_if_modified(|told| {
            let news = *told != state;
            *told = state;
            news
        });
        done
    }

    async fn try_step(&mut self) -> Result<bool, StoreError> {
        if !self.answered {
            self.within(self.greet()).await?;
            self.answered = true;
            self.make_indexes().await?;
        }
        let rows = self.embedded.pending(&self.target.key, self.size).await?;
        let Some(last) = rows.last().map(|row| row.seq) else {
            return Ok(false);
        };
        let written = self.within(self.write(rows)).await;
        self.size = match &written {
            Ok(()) => (self.size * 2).min(BATCH),
            Err(_) => (self.size / 2).max(SMALLEST),
        };
        written?;
        self.embedded.acknowledge(&self.target.key, last).await?;
        Ok(true)
    }

    async fn within<T>(
        &self,
        attempt: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let late = |_| self.target.too_slow(ATTEMPT);
        timeout(ATTEMPT, attempt).await.map_err(late)?
    }

    /// Asks whether it is there, and takes us.
    async fn greet(&self) -> Result<(), StoreError> {
        let database = self.target.database().await?;
        let answer = database.run_command(doc! { "ping": 1 }).await;
        answer.map(drop).map_err(|e| self.target.error(&e))
    }

    async fn write(&self, rows: Vec<Pending>) -> Result<(), StoreError> {
        let database = self.target.database().await?;
        let mut batches = [STATUSES, UNKNOWNS, ANNOTATIONS].map(|name| (name, Vec::new()));
        for row in rows {
            let (collection, document) = written(row);
            for (name, documents) in &mut batches {
                if *name == collection {
                    documents.push(document);
                    break;
                }
            }
        }
        for (name, documents) in batches {
            if documents.is_empty() {
                continue;
            }
            let collection = database.collection::<Document>(name);
            match collection.insert_many(documents).ordered(false).await {
                Err(error) if !was_there(&error) => return Err(self.target.error(&error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Sees to the indexes that history is asked by, once and aside: a big collection takes its
    /// time, and who may not make them can still write.
    async fn make_indexes(&mut self) -> Result<(), StoreError> {
        if self.indexes.is_some() {
            return Ok(());
        }
        let database = self.target.database().await?;
        let mut making = JoinSet::new();
        for (name, keys) in [
            (STATUSES, doc! { "path": 1, "date": 1 }),
            (UNKNOWNS, doc! { "path": 1, "date": 1 }),
            (ANNOTATIONS, doc! { "date": 1 }),
        ] {
            let collection = database.collection::<Document>(name);
            making.spawn(async move {
                let index = IndexModel::builder().keys(keys).build();
                // Not permitted, or there by another name: asking is slower or as quick.
                let _ = collection.create_index(index).await;
            });
        }
        self.indexes = Some(making);
        Ok(())
    }

    async fn left(&self) -> u64 {
        // A store that cannot be read says so when it is asked for rows.
        self.embedded
            .left(&self.target.key)
            .await
            .unwrap_or_default()
    }

    /// The trouble with what becomes of the samples, for a person.
    fn trouble(&self, error: &StoreError) -> String {
        let name = &self.target.name;
        if error.name == *name {
            format!(
                "{name} is not being written: {}. What is due to it waits in the embedded history",
                error.message
            )
        } else {
            format!("{name} is not being written: {error}")
        }
    }
}
