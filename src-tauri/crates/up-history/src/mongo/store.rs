//! A `MongoDB` as a store: what the original wrote there, and every Up since.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bson::doc;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mongodb::error::Result;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use up_core::{Note, Timestamp};

use super::changes::STREAMS;
use super::extents::extents;
use super::incidents::incidents;
use super::notes;
use super::overview::overview;
use super::paths::paths;
use super::reading::{MongoReading, SharedRules};
use super::rollups::rollups_under_way;
use super::series::{extent_of, series};
use super::spans::cut;
use super::target::MongoTarget;
use crate::answer::{HistoryPart, PathOverview, SpanToCut};
use crate::sample::Query;
use crate::store::{
    BackgroundTask, BackgroundWork, IncidentPage, IncidentQuery, PathExtent, Series, Store,
    StoreError,
};

/// A question, looking for a server included, takes no longer.
const ANSWER: Duration = Duration::from_secs(8);

/// A `MongoDB` to ask. It is spoken to only when it is asked something.
pub struct MongoStore {
    target: Arc<MongoTarget>,
    /// The agent whose documents alone are read; all agents' if none is named.
    agent: Option<Arc<str>>,
    /// The places of the change streams that are read at once.
    streams: Arc<Semaphore>,
    rules: SharedRules,
}

impl MongoStore {
    /// Names it. Fails only on a URI or a database's name that cannot be one.
    pub fn open(uri: &str, database: &str) -> std::result::Result<Self, StoreError> {
        Ok(Self {
            target: Arc::new(MongoTarget::new(uri, database)?),
            agent: None,
            streams: Arc::new(Semaphore::new(STREAMS)),
            rules: SharedRules::default(),
        })
    }

    /// The same, judging by these rules.
    pub fn judging_by(self, rules: SharedRules) -> Self {
        Self { rules, ..self }
    }

    /// The same, reading only what this agent wrote.
    pub fn narrowed(&self, agent: &str) -> Self {
        Self {
            target: Arc::clone(&self.target),
            agent: Some(agent.into()),
            streams: Arc::clone(&self.streams),
            rules: Arc::clone(&self.rules),
        }
    }

    pub(super) fn streams(&self) -> &Semaphore {
        &self.streams
    }

    /// The agent whose documents alone are read.
    pub(super) fn agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }

    /// The same for the same hosts and database, whatever the credentials.
    pub fn key(&self) -> &str {
        &self.target.key
    }

    /// The certificate files that its URI names (`tlsCAFile`, `tlsCertificateKeyFile`): they are read
    /// whenever it is first spoken to.
    pub fn files(&self) -> &[PathBuf] {
        &self.target.files
    }

    /// The host, if its URI names one alone, and not by way of a service record.
    pub fn host(&self) -> Option<&str> {
        self.target.host.as_deref()
    }

    pub(super) async fn query<T>(
        &self,
        question: impl AsyncFnOnce(MongoReading) -> Result<T>,
    ) -> std::result::Result<T, StoreError> {
        self.query_within(ANSWER, question).await
    }

    pub(super) async fn query_within<T>(
        &self,
        limit: Duration,
        question: impl AsyncFnOnce(MongoReading) -> Result<T>,
    ) -> std::result::Result<T, StoreError> {
        let answer = async {
            let reading = MongoReading {
                database: self.target.database().await?,
                agent: self.agent.clone(),
                rules: Arc::clone(&self.rules),
            };
            question(reading).await.map_err(|e| self.target.error(&e))
        };
        let late = |_| self.target.too_slow(limit);
        timeout(limit, answer).await.map_err(late)?
    }
}

impl Store for MongoStore {
    fn name(&self) -> &str {
        &self.target.name
    }

    fn series(&self, query: Query) -> BoxFuture<'_, std::result::Result<Series, StoreError>> {
        self.query(async move |reading| series(&reading, &query).await)
            .boxed()
    }

    fn cut(
        &self,
        path: String,
        spans: Vec<SpanToCut>,
    ) -> BoxFuture<'_, std::result::Result<Vec<Vec<HistoryPart>>, StoreError>> {
        self.query(async move |reading| cut(&reading, &path, spans).await)
            .boxed()
    }

    fn overview(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> BoxFuture<'_, std::result::Result<Vec<PathOverview>, StoreError>> {
        self.query(async move |reading| overview(&reading, from, to).await)
            .boxed()
    }

    fn incidents(
        &self,
        wanted: IncidentQuery,
    ) -> BoxFuture<'_, std::result::Result<IncidentPage, StoreError>> {
        let query = Query {
            path: wanted.path.clone(),
            from: wanted.from,
            to: wanted.to,
            most: 0,
        };
        self.query(async move |reading| {
            let found = incidents(&reading, &query).await?;
            Ok(IncidentPage::of(found, &wanted))
        })
        .boxed()
    }

    fn extent(
        &self,
        path: String,
        (from, to): (Timestamp, Timestamp),
    ) -> BoxFuture<'_, std::result::Result<Option<PathExtent>, StoreError>> {
        let query = Query {
            path,
            from,
            to,
            most: 0,
        };
        self.query(async move |reading| extent_of(&reading, &query).await)
            .boxed()
    }

    fn notes(
        &self,
        path: Option<String>,
        span: (Timestamp, Timestamp),
    ) -> BoxFuture<'_, std::result::Result<Vec<Note>, StoreError>> {
        self.query(async move |reading| notes::within(&reading, path.as_deref(), span).await)
            .boxed()
    }

    fn target_key(&self) -> Option<&str> {
        Some(self.key())
    }

    fn paths(&self) -> BoxFuture<'_, std::result::Result<Vec<String>, StoreError>> {
        self.query(async |reading| {
            if reading.agent.is_none() {
                return paths(&reading, doc! {}).await;
            }
            // No index has the agents of samples; rollups list them.
            let found = extents(&reading).await?;
            Ok(found.into_iter().map(|extent| extent.path).collect())
        })
        .boxed()
    }

    fn extents(&self) -> BoxFuture<'_, std::result::Result<Vec<PathExtent>, StoreError>> {
        self.query(async |reading| extents(&reading).await).boxed()
    }

    fn background_work(
        &self,
    ) -> BoxFuture<'_, std::result::Result<Vec<BackgroundWork>, StoreError>> {
        self.query(async |reading| {
            let under_way = rollups_under_way(&reading.database).await?;
            let work = under_way.map(|(done, all)| BackgroundWork {
                task: BackgroundTask::RollUp,
                done,
                all,
            });
            Ok(work.into_iter().collect())
        })
        .boxed()
    }

    fn of_agent(&self, agent: &str) -> Option<Arc<dyn Store>> {
        Some(Arc::new(self.narrowed(agent)))
    }
}
