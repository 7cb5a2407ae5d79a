//! A path's samples, asked of the server. Statuses and unknowns lie in two collections and come out
//! as one series, in the order of their dates.

use std::time::Duration;

use bson::{Document, RawDocumentBuf, doc};
use futures_util::future::try_join;
use mongodb::error::Result;
use mongodb::{Collection, Cursor};
use up_core::Timestamp;

use super::document::{number, sample};
use super::reading::MongoReading;
use super::{STATUSES, UNKNOWNS};
use crate::answer::{
    CutSpan, HistoryPart, HistorySummary, IncidentJudge, JudgedIncident, KeptIncident, LOOK_BACK,
    PartsDigest, SeriesDigest, SpanCut, SummaryDigest,
};
use crate::downsample::{DownsampledPoint, Spans};
use crate::sample::{KeptCause, Point, Query};
use crate::store::{PathExtent, Series};

type SeriesPoint = DownsampledPoint<Option<KeptCause>>;

/// A collection of samples, and those of them that may be read.
struct Samples<'r> {
    collection: Collection<RawDocumentBuf>,
    reading: &'r MongoReading,
}

fn both(reading: &MongoReading) -> (Samples<'_>, Samples<'_>) {
    let of = |name| Samples {
        collection: reading.collection(name),
        reading,
    };
    (of(STATUSES), of(UNKNOWNS))
}

/// What a reader may cost the server, a question.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// After so many documents whoever else waits for this thread gets a turn.
const TURN: usize = 1_000;

/// The samples of one path, thinned when they are more than `query.most`.
pub(super) async fn series(reading: &MongoReading, query: &Query) -> Result<Series> {
    let (statuses, unknowns) = both(reading);
    let (known, unknown) = try_join(extent(&statuses, query), extent(&unknowns, query)).await?;
    let from = f64::min(known.0, unknown.0).max(query.from);
    let to = f64::max(known.1, unknown.1).min(query.to);
    let mut digest = SeriesDigest::new(query, Spans::new(from, to, query.most));
    let mut judge = IncidentJudge::new();
    let around = around(&statuses, query).await?;
    each(&statuses, &unknowns, &around, |sample| {
        judge.take(sample.date, sample.status, &sample.cause);
        digest.take(sample);
    })
    .await?;
    let digested = digest.finish();
    let incidents = lasting(judge, query);
    let point = |s: SeriesPoint| Point {
        date: s.date,
        status: s.status,
        duration: s.duration,
        cause: s.cause,
    };
    Ok(Series {
        points: digested.points.into_iter().map(point).collect(),
        count: digested.summary.count,
        unknown: digested.summary.unknown,
        uptime: digested.summary.uptime,
        durations: digested.summary.durations,
        incidents,
        thinned: digested.thinned,
        damaged: 0,
    })
}

/// What there is of one path in the query's span.
pub(super) async fn extent_of(reading: &MongoReading, query: &Query) -> Result<Option<PathExtent>> {
    let (statuses, unknowns) = both(reading);
    let count = async |samples: &Samples<'_>| {
        let wanted = filter(samples, query, query.from);
        samples
            .collection
            .count_documents(wanted)
            .max_time(PATIENCE)
            .await
    };
    let ends = try_join(extent(&statuses, query), extent(&unknowns, query));
    let counts = try_join(count(&statuses), count(&unknowns));
    let ((known, unknown), counts) = try_join(ends, counts).await?;
    let (first, last) = (known.0.min(unknown.0), known.1.max(unknown.1));
    Ok((first <= last).then(|| PathExtent {
        path: query.path.clone(),
        count: counts.0,
        unknown: counts.1,
        first,
        last,
    }))
}

/// The incidents of one path that last at some time of the query's span.
pub(super) async fn incidents(reading: &MongoReading, query: &Query) -> Result<Vec<KeptIncident>> {
    let (statuses, unknowns) = both(reading);
    let mut judge = IncidentJudge::new();
    let around = around(&statuses, query).await?;
    each(&statuses, &unknowns, &around, |sample| {
        judge.take(sample.date, sample.status, &sample.cause);
    })
    .await?;
    Ok(lasting(judge, query))
}

fn lasting(judge: IncidentJudge<Option<KeptCause>>, query: &Query) -> Vec<KeptIncident> {
    let lasts = |incident: &KeptIncident| {
        incident.from < query.to && incident.until.is_none_or(|until| until > query.from)
    };
    let all = judge.finish().into_iter().map(JudgedIncident::kept);
    all.filter(lasts).collect()
}

/// How far incidents are followed out of a span, in seconds.
const FURTHER: f64 = 30.0 * 86_400.0;

/// The span from the last sample that was wholly up before it, which decides what was believed, up to the
/// first one after it, which ends what lasts.
async fn around(statuses: &Samples<'_>, query: &Query) -> Result<Query> {
    let up = async |from: f64, to: f64, direction: i32| {
        let up = doc! { "path": &query.path, "date": { "$gte": from, "$lt": to }, "up": 1 };
        let found = statuses
            .collection
            .find_one(statuses.reading.filter(up))
            .projection(doc! { "_id": 0, "date": 1 })
            .sort(doc! { "date": direction })
            .max_time(PATIENCE)
            .await?;
        Ok::<_, mongodb::error::Error>(found.and_then(|d| number(&d, "date")))
    };
    let (first, last) = (query.from - FURTHER, query.to + FURTHER);
    let (before, after) = try_join(up(first, query.from, -1), up(query.to, last, 1)).await?;
    Ok(Query {
        from: before.unwrap_or(first),
        // The sample itself too.
        to: after.map_or(last, f64::next_up),
        ..query.clone()
    })
}

/// What spans of a path's history come to, in one pass over all of them.
pub(super) async fn summaries(
    reading: &MongoReading,
    path: String,
    spans: &[(Timestamp, Timestamp)],
) -> Result<Vec<HistorySummary>> {
    let (statuses, unknowns) = both(reading);
    let (from, to) = (spans.iter()).fold((f64::INFINITY, f64::NEG_INFINITY), |all, span| {
        (all.0.min(span.0), all.1.max(span.1))
    });
    let query = |(from, to)| Query {
        path: path.clone(),
        from,
        to,
        most: 0,
    };
    let mut digests: Vec<_> = (spans.iter())
        .map(|span| SummaryDigest::new(span.0, span.1))
        .collect();
    each(&statuses, &unknowns, &query((from, to)), |sample| {
        for digest in &mut digests {
            digest.take(sample.date, sample.status, sample.duration);
        }
    })
    .await?;
    Ok(digests.into_iter().map(SummaryDigest::finish).collect())
}

/// What the parts of a span of a path's history come to.
pub(super) async fn parts(
    reading: &MongoReading,
    path: String,
    (from, to): (Timestamp, Timestamp),
    cut: SpanCut,
) -> Result<Vec<HistoryPart>> {
    let (statuses, unknowns) = both(reading);
    let query = Query {
        path,
        from,
        to,
        most: 0,
    };
    let mut digest = PartsDigest::new(CutSpan::new(from, to, cut));
    each(&statuses, &unknowns, &query, |sample| {
        digest.take(sample.date, sample.status, sample.duration);
    })
    .await?;
    Ok(digest.finish().finish())
}

/// Hands out all samples of a query's span, and those that may stand into it, oldest first.
async fn each(
    statuses: &Samples<'_>,
    unknowns: &Samples<'_>,
    query: &Query,
    mut take: impl FnMut(SeriesPoint),
) -> Result<()> {
    let (known, unknown) = try_join(find(statuses, query), find(unknowns, query)).await?;
    let mut known = CursorAhead::new(known).await?;
    let mut unknown = CursorAhead::new(unknown).await?;
    let mut taken = 0_usize;
    while let Some(sample) = earlier(&mut known, &mut unknown).await? {
        take(sample);
        taken = taken.wrapping_add(1);
        if taken.is_multiple_of(TURN) {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

/// The path's documents from `from` on. What is no number from 0 to 1 is nobody's status.
fn filter(samples: &Samples<'_>, query: &Query, from: f64) -> Document {
    let mut filter = doc! {
        "path": &query.path,
        "date": { "$gte": from, "$lt": query.to },
    };
    if samples.collection.name() == STATUSES {
        filter.insert("up", doc! { "$gte": 0, "$lte": 1 });
    }
    samples.reading.filter(filter)
}

/// A number of documents as the server takes it.
pub(super) fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// The dates of its first and last document; infinities when there is none.
async fn extent(samples: &Samples<'_>, query: &Query) -> Result<(f64, f64)> {
    let end = async |direction: i32| {
        let found = samples
            .collection
            .find_one(filter(samples, query, query.from))
            .projection(doc! { "_id": 0, "date": 1 })
            .sort(doc! { "date": direction })
            .max_time(PATIENCE)
            .await?;
        Ok::<_, mongodb::error::Error>(found.and_then(|d| number(&d, "date")))
    };
    let (first, last) = try_join(end(1), end(-1)).await?;
    Ok((
        first.unwrap_or(f64::INFINITY),
        last.unwrap_or(f64::NEG_INFINITY),
    ))
}

/// All of the span, and what may stand into it, oldest first.
async fn find(samples: &Samples<'_>, query: &Query) -> Result<Cursor<RawDocumentBuf>> {
    samples
        .collection
        .find(filter(samples, query, query.from - LOOK_BACK))
        .projection(doc! { "_id": 0, "up": 1, "date": 1, "duration": 1, "cause": 1 })
        .sort(doc! { "date": 1 })
        .max_time(PATIENCE)
        .await
}

/// A cursor and the sample that comes next.
struct CursorAhead {
    cursor: Cursor<RawDocumentBuf>,
    next: Option<SeriesPoint>,
}

impl CursorAhead {
    async fn new(cursor: Cursor<RawDocumentBuf>) -> Result<Self> {
        let mut ahead = Self { cursor, next: None };
        ahead.step().await?;
        Ok(ahead)
    }

    /// Takes what comes next and looks for what comes after it.
    async fn step(&mut self) -> Result<Option<SeriesPoint>> {
        let taken = self.next.take();
        let mut passed = 0_usize;
        while self.next.is_none() && self.cursor.advance().await? {
            self.next = sample(self.cursor.current());
            passed = passed.wrapping_add(1);
            if passed.is_multiple_of(TURN) {
                tokio::task::yield_now().await;
            }
        }
        Ok(taken)
    }
}

/// The earlier of two samples that come next.
async fn earlier(one: &mut CursorAhead, other: &mut CursorAhead) -> Result<Option<SeriesPoint>> {
    let first = match (&one.next, &other.next) {
        (Some(a), Some(b)) => a.date <= b.date,
        (_, None) => true,
        (None, _) => false,
    };
    if first {
        one.step().await
    } else {
        other.step().await
    }
}
