//! The interface of a store that answers queries about the history, and the shapes of its answers.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryFutureExt, TryStreamExt, stream};
use up_core::{Note, NoteEdit, Timestamp};

use crate::acknowledgement::KeptAcknowledgement;
use crate::answer::{
    DurationDetail, HistoryPart, HistorySummary, KeptIncident, PathOverview, Percentiles, SpanCut,
    SpanToCut,
};
use crate::incident_filter::IncidentFilter;
use crate::metric::MetricSeries;
use crate::sample::{Point, Query};

/// A path's samples over a span, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The points.
    pub points: Vec<Point>,
    /// How many samples with a status there were, thinned ones included.
    pub count: u64,
    /// How many unknown ones there were, thinned ones included.
    pub unknown: u64,
    /// The mean status by time, thinned samples included (the module `answer` has the formula);
    /// `None` when no time is known.
    pub uptime: Option<f64>,
    /// Percentiles of the durations of the samples with a status, thinned ones included.
    pub durations: Percentiles,
    /// The incidents that last at some time of the span, oldest first, as they were judged over all of
    /// the path's samples, those before and after the span included.
    pub incidents: Vec<KeptIncident>,
    /// True when there were more samples than `most`: of each of `most / 4` equal spans (of fewer
    /// whole days over more than a hundred days) the first, the last, the lowest status and the longest
    /// duration are kept, so no outage is lost.
    pub thinned: bool,
    /// How many pieces of at most an hour could not be read, because their file is damaged there.
    /// Their samples are missing.
    pub damaged: u64,
}

/// What a store has of one path, as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct PathExtent {
    /// The path.
    pub path: String,
    /// How many samples with a status, those that only rollups are left of included.
    pub count: u64,
    /// How many unknown samples.
    pub unknown: u64,
    /// The date of the first sample.
    pub first: Timestamp,
    /// The date of the last sample.
    pub last: Timestamp,
}

/// A question about the incidents of one path.
#[derive(Clone, Debug)]
pub struct IncidentQuery {
    /// The path.
    pub path: String,
    /// The beginning of the span, included.
    pub from: Timestamp,
    /// The end of the span, excluded.
    pub to: Timestamp,
    /// How many incidents to list.
    pub limit: usize,
    /// Only those that it wants are listed and counted; all without one.
    pub filter: Option<Arc<IncidentFilter>>,
}

/// Some of the incidents of one path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentPage {
    /// Newest first.
    pub newest: Vec<KeptIncident>,
    /// How many older ones there are.
    pub more: u64,
}

impl IncidentPage {
    /// The newest of all incidents, which come oldest first. The one that lasts is the newest of its path,
    /// so that it is always among them.
    pub(crate) fn newest_of<T>(all: Vec<T>, limit: usize) -> (impl Iterator<Item = T>, u64) {
        let more = all.len().saturating_sub(limit) as u64;
        (all.into_iter().rev().take(limit), more)
    }

    /// The newest of all incidents that are wanted, which come oldest first.
    pub(crate) fn of(mut all: Vec<KeptIncident>, query: &IncidentQuery) -> Self {
        if let Some(filter) = &query.filter {
            all.retain(|incident| filter.wants(incident));
        }
        let (newest, more) = Self::newest_of(all, query.limit);
        let newest = newest.collect();
        Self { newest, more }
    }
}

/// Work on a store that goes on in the background. Every answer is whole meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackgroundWork {
    /// What is being done.
    pub task: BackgroundTask,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do, the part that is done included.
    pub all: u64,
}

/// What is being done to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackgroundTask {
    /// Rollups of older samples are made.
    RollUp,
    /// What was stored before the store was a target is copied to it.
    Backfill,
}

/// Where history can be asked.
pub trait Store: Send + Sync {
    /// Which store this is, for a person: `the embedded history`, `MongoDB db.example.org/up`. No secrets.
    fn name(&self) -> &str;
    /// The samples of one path.
    fn series(&self, query: Query) -> BoxFuture<'_, Result<Series, StoreError>>;
    /// What the parts come to that spans of one path's history are cut into, for each span in the order
    /// of the question. Parts without a sample or a known time are left out. Rollups are read where they
    /// lie in a part, and samples at its edges; whatever several spans need is read once.
    fn cut(
        &self,
        path: String,
        spans: Vec<SpanToCut>,
    ) -> BoxFuture<'_, Result<Vec<Vec<HistoryPart>>, StoreError>>;
    /// The parts of one span.
    fn parts(
        &self,
        path: String,
        (from, to): (Timestamp, Timestamp),
        cut: SpanCut,
    ) -> BoxFuture<'_, Result<Vec<HistoryPart>, StoreError>> {
        let span = SpanToCut {
            from,
            to,
            cut,
            detail: DurationDetail::Spread,
        };
        let parts = self.cut(path, vec![span]);
        let only = |parts: Vec<Vec<HistoryPart>>| parts.into_iter().next().unwrap_or_default();
        parts.map_ok(only).boxed()
    }
    /// What spans of one path's history come to, each from its first time up to, but without, its
    /// second, in the order of the question.
    fn summaries(
        &self,
        path: String,
        spans: Vec<(Timestamp, Timestamp)>,
        detail: DurationDetail,
    ) -> BoxFuture<'_, Result<Vec<HistorySummary>, StoreError>> {
        let whole = |(from, to)| SpanToCut {
            from,
            to,
            cut: SpanCut::Whole,
            detail,
        };
        let spans = spans.into_iter().map(whole).collect();
        let summaries = |all: Vec<Vec<HistoryPart>>| {
            let parts = all.into_iter();
            parts.map(HistoryPart::summary_of_whole).collect()
        };
        self.cut(path, spans).map_ok(summaries).boxed()
    }
    /// What a span comes to for every path that has samples in it, sorted by path.
    fn overview(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<PathOverview>, StoreError>>;
    /// The newest incidents of one path that last at some time of a span, as [`Series::incidents`] has
    /// them. The next page is that of the span that ends when the last one of this page began.
    fn incidents(&self, query: IncidentQuery) -> BoxFuture<'_, Result<IncidentPage, StoreError>>;
    /// The same for several questions, in their order. A store in which the samples of all paths lie
    /// together reads what they have in common once.
    fn incidents_of_many(
        &self,
        queries: Vec<IncidentQuery>,
    ) -> BoxFuture<'_, Result<Vec<IncidentPage>, StoreError>> {
        let pages = stream::iter(queries).then(|query| self.incidents(query));
        pages.try_collect().boxed()
    }
    /// What there is of one path from the first time of a span up to, but without, its second; `None` if
    /// there is no sample. It takes less than the samples do.
    fn extent(
        &self,
        path: String,
        span: (Timestamp, Timestamp),
    ) -> BoxFuture<'_, Result<Option<PathExtent>, StoreError>>;
    /// The series of the metrics of one path that have values in a span, each of at most `most` points.
    /// Only the embedded store keeps some.
    fn metrics(&self, _query: Query) -> BoxFuture<'_, Result<Vec<MetricSeries>, StoreError>> {
        std::future::ready(Ok(Vec::new())).boxed()
    }
    /// The notes of a span, oldest first, the newest 1,000 at the most; those that concern a path if
    /// there is one (see [`Note::concerns`]).
    fn notes(
        &self,
        path: Option<String>,
        span: (Timestamp, Timestamp),
    ) -> BoxFuture<'_, Result<Vec<Note>, StoreError>>;
    /// The key under which what is written to the embedded store waits for this one; `None` for a store
    /// that nothing waits for.
    fn target_key(&self) -> Option<&str> {
        None
    }
    /// What people did with notes since a time, if one is asked for, and what waits for these stores, by
    /// their target keys, in the order in which it was done. Only the embedded store, where everything is
    /// written first, has an answer.
    fn note_edits(
        &self,
        _since: Option<Timestamp>,
        _targets: Vec<String>,
    ) -> BoxFuture<'_, Result<Vec<NoteEdit>, StoreError>> {
        std::future::ready(Ok(Vec::new())).boxed()
    }
    /// The acknowledgements that were given in a span, oldest first. Only the embedded store keeps some.
    fn acknowledgements(
        &self,
        _from: Timestamp,
        _to: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<KeptAcknowledgement>, StoreError>> {
        std::future::ready(Ok(Vec::new())).boxed()
    }
    /// Every path that has samples, sorted, 100,000 at the most.
    fn paths(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>>;
    /// What there is of every path, sorted by path.
    fn extents(&self) -> BoxFuture<'_, Result<Vec<PathExtent>, StoreError>>;
    /// The work on the store that is under way.
    fn background_work(&self) -> BoxFuture<'_, Result<Vec<BackgroundWork>, StoreError>>;
    /// The same store, answering only from what this agent wrote; `None` if it cannot have anything of
    /// that agent. Notes about everything are everyone's.
    fn of_agent(&self, agent: &str) -> Option<Arc<dyn Store>>;
}

/// What can go wrong with a store.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{name}: {message}")]
pub struct StoreError {
    /// The store's name.
    pub name: String,
    /// What kind of trouble.
    pub code: StoreErrorCode,
    /// What happened and what to do; no secrets.
    pub message: String,
}

/// The kinds of trouble, closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorCode {
    /// It does not answer (yet).
    Unavailable,
    /// The disk or the server refused: full, read-only, not permitted.
    Refused,
    /// What is there is not a history of ours.
    Format,
    /// The store was closed.
    Closed,
}
