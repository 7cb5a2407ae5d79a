//! The `MongoDB`s to which the running engine replicates the embedded store, and their troubles.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use up_core::{Note, Timestamp, phrase};
use up_history::embedded::Embedded;
use up_history::mongo::{Agent, BackfillProgress, Feed, FeedState, MongoStore, SharedRules};
use up_history::{
    BackgroundTask, BackgroundWork, HistoryPart, IncidentPage, IncidentQuery, PathExtent,
    PathOverview, Query, Series, SpanToCut, Store, StoreError, StoreErrorCode,
};
use up_sink::configure::MongoDatabase;

use crate::clock;
use crate::health::Health;
use crate::view::TroubleKind;

/// One `MongoDB` as a replication target, and the task that reports its troubles.
pub(crate) struct ReplicatedTarget {
    feed: Feed,
    store: Arc<dyn Store>,
    reporter: JoinHandle<()>,
}

impl ReplicatedTarget {
    /// Starts the replication. Its troubles are set in `board`.
    pub(crate) fn start(
        embedded: &Embedded,
        replica: &MongoDatabase,
        (agent, rules): (&Agent, &SharedRules),
        board: &Health,
    ) -> Result<Self, StoreError> {
        let (uri, database) = (replica.uri.reveal(), replica.database.as_str());
        let agent = Agent {
            keep: replica.keep,
            ..agent.clone()
        };
        let feed = Feed::spawn(embedded.clone(), uri, database, agent)?;
        let store = FedStore {
            store: MongoStore::open(uri, database)?.judging_by(Arc::clone(rules)),
            embedded: embedded.clone(),
            state: feed.state(),
        };
        let reporter = TroubleReporter {
            who: store.name().to_owned(),
            key: store.store.key().to_owned(),
            embedded: embedded.clone(),
            board: board.clone(),
        };
        let reporter = tokio::spawn(reporter.run(feed.state()));
        Ok(Self {
            feed,
            store: Arc::new(store),
            reporter,
        })
    }

    /// The store with which this `MongoDB`'s history is queried.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Ends the replication. Records that were not acknowledged wait in the embedded store.
    pub(crate) fn stop(self) -> impl Future<Output = ()> + Send + 'static {
        // At once: troubles that it still has to report are about a target that is gone.
        self.reporter.abort();
        self.feed.stop()
    }
}

/// How often a trouble says anew how much waits.
const LAG_EVERY: Duration = Duration::from_secs(10);

/// Shows the troubles of a target, and what waits for it meanwhile.
struct TroubleReporter {
    who: String,
    key: String,
    embedded: Embedded,
    board: Health,
}

impl TroubleReporter {
    async fn run(self, mut state: watch::Receiver<FeedState>) {
        let mut in_trouble = false;
        loop {
            let changed = state.changed();
            let changed = if in_trouble {
                timeout(LAG_EVERY, changed).await.unwrap_or(Ok(()))
            } else {
                changed.await
            };
            if changed.is_err() {
                return;
            }
            let now = state.borrow_and_update().clone();
            in_trouble = matches!(now, FeedState::Trouble { .. });
            match now {
                FeedState::Trouble { code, text, .. } => {
                    let text = format!("{text}{}", self.waiting().await);
                    (self.board).set_class(TroubleKind::Mongo, &self.who, code, text);
                }
                FeedState::Ok { unremoved, .. } => {
                    self.board.set(TroubleKind::Mongo, &self.who, unremoved);
                }
                FeedState::Connecting => self.board.set(TroubleKind::Mongo, &self.who, None),
            }
        }
    }

    /// What waits, and for how long; nothing where that is not known.
    async fn waiting(&self) -> String {
        let lags = self.embedded.lags(vec![self.key.clone()]).await;
        let lag = lags.ok().and_then(|lags| lags.first().copied());
        let Some((rows, since)) = lag.and_then(|lag| Some((lag.rows, lag.since?))) else {
            return String::new();
        };
        let age = phrase::span((clock::now() - since).max(0.0));
        format!(". {rows} samples and notes wait for it, the oldest for {age}")
    }
}

/// A `MongoDB` that is both queried and a replication target. While its replication gets no answer,
/// queries fail at once instead of waiting.
struct FedStore {
    store: MongoStore,
    /// What it is fed from.
    embedded: Embedded,
    state: watch::Receiver<FeedState>,
}

impl FedStore {
    fn query<'a, T: Send + 'a>(
        &'a self,
        question: impl FnOnce(&'a MongoStore) -> BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        let away = match &*self.state.borrow() {
            FeedState::Trouble { away, .. } => away.clone(),
            _ => None,
        };
        match away {
            Some(message) => ready(Err(StoreError {
                name: self.name().to_owned(),
                code: StoreErrorCode::Unavailable,
                message,
            }))
            .boxed(),
            None => question(&self.store),
        }
    }
}

impl Store for FedStore {
    fn name(&self) -> &str {
        self.store.name()
    }

    fn series(&self, query: Query) -> BoxFuture<'_, Result<Series, StoreError>> {
        self.query(|store| store.series(query))
    }

    fn cut(
        &self,
        path: String,
        spans: Vec<SpanToCut>,
    ) -> BoxFuture<'_, Result<Vec<Vec<HistoryPart>>, StoreError>> {
        self.query(move |store| store.cut(path, spans))
    }

    fn overview(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<PathOverview>, StoreError>> {
        self.query(move |store| store.overview(from, to))
    }

    fn incidents(&self, query: IncidentQuery) -> BoxFuture<'_, Result<IncidentPage, StoreError>> {
        self.query(move |store| store.incidents(query))
    }

    fn extent(
        &self,
        path: String,
        span: (Timestamp, Timestamp),
    ) -> BoxFuture<'_, Result<Option<PathExtent>, StoreError>> {
        self.query(move |store| store.extent(path, span))
    }

    fn notes(
        &self,
        path: Option<String>,
        span: (Timestamp, Timestamp),
    ) -> BoxFuture<'_, Result<Vec<Note>, StoreError>> {
        self.query(move |store| store.notes(path, span))
    }

    fn extents(&self) -> BoxFuture<'_, Result<Vec<PathExtent>, StoreError>> {
        self.query(Store::extents)
    }

    fn background_work(&self) -> BoxFuture<'_, Result<Vec<BackgroundWork>, StoreError>> {
        async move {
            let backfill = BackfillProgress::read(&self.embedded, self.store.key()).await?;
            let backfill = backfill.filter(|progress| progress.done < progress.all);
            let backfill = backfill.map(|progress| BackgroundWork {
                task: BackgroundTask::Backfill,
                done: progress.done,
                all: progress.all,
            });
            let rollups = self.query(Store::background_work).await?;
            Ok(backfill.into_iter().chain(rollups).collect())
        }
        .boxed()
    }

    fn of_agent(&self, agent: &str) -> Option<Arc<dyn Store>> {
        Some(Arc::new(Self {
            store: self.store.narrowed(agent),
            embedded: self.embedded.clone(),
            state: self.state.clone(),
        }))
    }

    fn target_key(&self) -> Option<&str> {
        self.store.target_key()
    }

    fn paths(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.query(Store::paths)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use up_core::{Detail, Kind, Record, Sample, Status};

    use super::*;

    const NOWHERE: &str = "mongodb://127.0.0.1:1";

    /// A reporter of a target for which one sample waits, of an hour ago.
    async fn reporter(dir: &Path, board: &Health) -> TroubleReporter {
        let embedded = Embedded::open(dir).expect("a history");
        let _target = Feed::prepare(&embedded, NOWHERE, "up", "agent").expect("a target");
        let record = Record {
            path: "/a".into(),
            kind: Kind("http"),
            sample: Sample {
                status: Some(Status::UP),
                date: clock::now() - 3_600.0,
                duration: 0.1,
                cause: None,
                detail: Detail::default(),
            },
        };
        embedded.append(vec![record.into()]).await.expect("kept");
        let store = MongoStore::open(NOWHERE, "up").expect("a URI");
        TroubleReporter {
            who: store.name().to_owned(),
            key: store.key().to_owned(),
            embedded,
            board: board.clone(),
        }
    }

    #[tokio::test]
    async fn a_trouble_says_what_waits_and_for_how_long() {
        let (dir, board) = (tempfile::tempdir().expect("a folder"), Health::new());
        let mut lines = board.watch();
        lines.mark_unchanged();
        let reporter = reporter(dir.path(), &board).await;
        let (told, state) = watch::channel(FeedState::Connecting);
        let running = tokio::spawn(reporter.run(state));
        told.send_replace(FeedState::Trouble {
            code: StoreErrorCode::Unavailable,
            text: "no server answers".into(),
            away: None,
        });
        lines.changed().await.expect("the board is there");
        assert_eq!(
            board.troubles()[0].text,
            "no server answers. 1 samples and notes wait for it, the oldest for 1 h"
        );
        lines.mark_unchanged();
        let unremoved = "the note is still there".to_owned();
        told.send_replace(FeedState::Ok {
            lag: 0,
            unremoved: Some(unremoved.clone()),
        });
        lines.changed().await.expect("the board is there");
        assert_eq!(board.troubles()[0].text, unremoved);
        lines.mark_unchanged();
        told.send_replace(FeedState::Ok {
            lag: 0,
            unremoved: None,
        });
        lines.changed().await.expect("the board is there");
        assert_eq!(board.troubles().len(), 0);
        drop(told);
        running.await.expect("it ends with the feed");
    }

    #[tokio::test]
    async fn who_is_away_is_not_asked() {
        let away = FeedState::Trouble {
            code: StoreErrorCode::Unavailable,
            text: "MongoDB is not being written: no server answers".into(),
            away: Some("no server answers".into()),
        };
        let (_told, state) = watch::channel(away);
        let dir = tempfile::tempdir().expect("a folder");
        let store = FedStore {
            store: MongoStore::open(NOWHERE, "up").expect("a URI"),
            embedded: Embedded::open(dir.path()).expect("a history"),
            state,
        };
        let error = store.notes(None, (0.0, 1.0)).await.expect_err("it is away");
        // The driver would name its own error at that port, and would take its time.
        assert_eq!(error.message, "no server answers");
        assert_eq!(error.name, store.name());
        assert_eq!(error.code, StoreErrorCode::Unavailable);
    }
}
