//! The embedded store's answers: which reader answers which query. Nothing here writes.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};
use up_core::{Note, NoteEdit, Timestamp};

use super::{
    Embedded, NAME, acknowledgements, extents, halves, metrics, notes, overview, read, status,
};
use crate::acknowledgement::KeptAcknowledgement;
use crate::answer::{CutSpan, HistoryPart, PathOverview, SpanToCut};
use crate::metric::MetricSeries;
use crate::sample::Query;
use crate::store::{
    BackgroundWork, IncidentPage, IncidentQuery, PathExtent, Series, Store, StoreError,
};

impl Store for Embedded {
    fn name(&self) -> &str {
        NAME
    }

    fn series(&self, query: Query) -> BoxFuture<'_, Result<Series, StoreError>> {
        halves::series(&self.inner.shared.readers, query).boxed()
    }

    fn cut(
        &self,
        path: String,
        spans: Vec<SpanToCut>,
    ) -> BoxFuture<'_, Result<Vec<Vec<HistoryPart>>, StoreError>> {
        let spans: Vec<_> = spans.into_iter().map(CutSpan::new).collect();
        let readers = &self.inner.shared.readers;
        halves::fill(readers, path, spans)
            .map_ok(|spans| spans.into_iter().map(CutSpan::finish).collect())
            .boxed()
    }

    fn overview(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<PathOverview>, StoreError>> {
        self.inner
            .shared
            .readers
            .query(move |c| overview::overview(c, from, to))
            .boxed()
    }

    fn incidents(&self, query: IncidentQuery) -> BoxFuture<'_, Result<IncidentPage, StoreError>> {
        let pages = self.incidents_of_many(vec![query]);
        let only = |pages: Vec<IncidentPage>| pages.into_iter().next().unwrap_or_default();
        pages.map_ok(only).boxed()
    }

    fn incidents_of_many(
        &self,
        queries: Vec<IncidentQuery>,
    ) -> BoxFuture<'_, Result<Vec<IncidentPage>, StoreError>> {
        let readers = &self.inner.shared.readers;
        readers.query(move |c| read::incidents(c, &queries)).boxed()
    }

    fn extent(
        &self,
        path: String,
        span: (Timestamp, Timestamp),
    ) -> BoxFuture<'_, Result<Option<PathExtent>, StoreError>> {
        self.inner
            .shared
            .readers
            .query(move |c| extents::of_path(c, path, span))
            .boxed()
    }

    fn metrics(&self, query: Query) -> BoxFuture<'_, Result<Vec<MetricSeries>, StoreError>> {
        let readers = &self.inner.shared.readers;
        readers
            .query(move |c| metrics::read::series(c, &query))
            .boxed()
    }

    fn notes(
        &self,
        path: Option<String>,
        span: (Timestamp, Timestamp),
    ) -> BoxFuture<'_, Result<Vec<Note>, StoreError>> {
        let readers = &self.inner.shared.readers;
        readers
            .query(move |c| notes::within(c, path.as_deref(), span))
            .boxed()
    }

    fn note_edits(
        &self,
        since: Option<Timestamp>,
        targets: Vec<String>,
    ) -> BoxFuture<'_, Result<Vec<NoteEdit>, StoreError>> {
        let readers = &self.inner.shared.readers;
        readers
            .query(move |c| notes::edits_since(c, since, &targets))
            .boxed()
    }

    fn acknowledgements(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<KeptAcknowledgement>, StoreError>> {
        self.inner
            .shared
            .readers
            .query(move |c| acknowledgements::within(c, from, to))
            .boxed()
    }

    fn paths(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.inner.shared.readers.query(read::paths).boxed()
    }

    fn extents(&self) -> BoxFuture<'_, Result<Vec<PathExtent>, StoreError>> {
        self.read_extents().boxed()
    }

    fn background_work(&self) -> BoxFuture<'_, Result<Vec<BackgroundWork>, StoreError>> {
        let progress = self.inner.shared.readers.query(status::progress);
        async move { Ok(progress.await?.work().into_iter().collect()) }.boxed()
    }

    fn of_agent(&self, agent: &str) -> Option<Arc<dyn Store>> {
        let is_own = self.agent.as_deref() == Some(agent);
        is_own.then(|| Arc::new(self.clone()) as Arc<dyn Store>)
    }
}
