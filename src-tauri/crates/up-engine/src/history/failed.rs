//! A store that could not be opened.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use up_core::{Note, Timestamp};
use up_history::{
    BackgroundWork, HistoryPart, IncidentPage, IncidentQuery, MetricSeries, PathExtent,
    PathOverview, Query, Series, SpanToCut, Store, StoreError,
};

/// A store that cannot be used: it answers with the reason.
pub(super) struct FailedStore(pub(super) StoreError);

impl FailedStore {
    fn fail<'a, T: Send + 'a>(&'a self) -> BoxFuture<'a, Result<T, StoreError>> {
        ready(Err(self.0.clone())).boxed()
    }
}

impl Store for FailedStore {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn series(&self, _: Query) -> BoxFuture<'_, Result<Series, StoreError>> {
        self.fail()
    }

    fn cut(
        &self,
        _: String,
        _: Vec<SpanToCut>,
    ) -> BoxFuture<'_, Result<Vec<Vec<HistoryPart>>, StoreError>> {
        self.fail()
    }

    fn overview(
        &self,
        _: Timestamp,
        _: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<PathOverview>, StoreError>> {
        self.fail()
    }

    fn incidents(&self, _: IncidentQuery) -> BoxFuture<'_, Result<IncidentPage, StoreError>> {
        self.fail()
    }

    fn extent(
        &self,
        _: String,
        _: (Timestamp, Timestamp),
    ) -> BoxFuture<'_, Result<Option<PathExtent>, StoreError>> {
        self.fail()
    }

    fn metrics(&self, _: Query) -> BoxFuture<'_, Result<Vec<MetricSeries>, StoreError>> {
        self.fail()
    }

    fn notes(
        &self,
        _: Option<String>,
        _: (Timestamp, Timestamp),
    ) -> BoxFuture<'_, Result<Vec<Note>, StoreError>> {
        self.fail()
    }

    fn paths(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.fail()
    }

    fn extents(&self) -> BoxFuture<'_, Result<Vec<PathExtent>, StoreError>> {
        self.fail()
    }

    fn background_work(&self) -> BoxFuture<'_, Result<Vec<BackgroundWork>, StoreError>> {
        self.fail()
    }

    fn of_agent(&self, _: &str) -> Option<Arc<dyn Store>> {
        Some(Arc::new(Self(self.0.clone())))
    }
}
