//! A path's samples, asked of the server: as they are while they are few, thinned by it once they
//! are not. Statuses and unknowns lie in two collections and come out as one series.

use std::time::Duration;

use bson::{Document, RawDocumentBuf, doc};
use futures_util::future::try_join;
use mongodb::error::Result;
use mongodb::{Collection, Database};

use super::cursor::gather;
use super::document::{number, sample};
use super::{STATUSES, UNKNOWNS};
use crate::downsample::{DownsampledPoint, Spans, Thinner, in_order};
use crate::store::{KeptCause, Point, Query, Series};

type SeriesPoint = DownsampledPoint<Option<KeptCause>>;
type Samples = Collection<RawDocumentBuf>;

/// What a reader may cost the server, a question.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The samples of one path, thinned on the server when they are more than `query.most`.
pub(super) async fn series(database: &Database, query: &Query) -> Result<Series> {
    let statuses = database.collection::<RawDocumentBuf>(STATUSES);
    let unknowns = database.collection::<RawDocumentBuf>(UNKNOWNS);
    let some = query.most.saturating_add(1);
    let (known, unknown) =
        try_join(count(&statuses, query, some), count(&unknowns, query, some)).await?;
    if known.saturating_add(unknown) <= query.most as u64 {
        let (mut all, unknown) = try_join(find(&statuses, query), find(&unknowns, query)).await?;
        let count = all.len() as u64;
        let sum = all.iter().filter_map(|s| s.status).sum();
        all.extend(unknown);
        in_order(&mut all);
        return Ok(answer(all, count, sum, false));
    }
    let (known, unknown) = try_join(extent(&statuses, query), extent(&unknowns, query)).await?;
    let from = f64::min(known.0, unknown.0).max(query.from);
    let to = f64::max(known.1, unknown.1).min(query.to);
    let spans = Spans::new(from, to, query.most);
    let (known, unknown) = try_join(
        thinned(&statuses, query, spans),
        thinned(&unknowns, query, spans),
    )
    .await?;
    let mut thinner = Thinner::new(spans, query.most);
    for sample in known.samples.into_iter().chain(unknown.samples) {
        thinner.take(sample);
    }
    Ok(answer(thinner.finish(), known.count, known.sum, true))
}

fn answer(samples: Vec<SeriesPoint>, count: u64, sum: f64, thinned: bool) -> Series {
    let point = |s: SeriesPoint| Point {
        date: s.date,
        status: s.status,
        duration: s.duration,
        cause: s.cause,
    };
    Series {
        points: samples.into_iter().map(point).collect(),
        count,
        uptime: (count > 0).then(|| sum / count as f64),
        thinned,
    }
}

/// The path's documents of the span. What is no number from 0 to 1 is nobody's status.
fn filter(collection: &Samples, query: &Query) -> Document {
    let mut filter = doc! {
        "path": &query.path,
        "date": { "$gte": query.from, "$lt": query.to },
    };
    if collection.name() == STATUSES {
        filter.insert("up", doc! { "$gte": 0, "$lte": 1 });
    }
    filter
}

/// A number of documents as the server takes it.
pub(super) fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// How many there are; stops at `most`.
async fn count(collection: &Samples, query: &Query, most: usize) -> Result<u64> {
    collection
        .count_documents(filter(collection, query))
        .limit(limit(most).unsigned_abs())
        .max_time(PATIENCE)
        .await
}

async fn find(collection: &Samples, query: &Query) -> Result<Vec<SeriesPoint>> {
    let found = collection
        .find(filter(collection, query))
        .projection(doc! { "_id": 0, "up": 1, "date": 1, "duration": 1, "cause": 1 })
        .sort(doc! { "date": 1 })
        .limit(limit(query.most))
        .max_time(PATIENCE)
        .await?;
    gather(found, query.most, sample).await
}

/// The dates of its first and last document; infinities when there is none.
async fn extent(collection: &Samples, query: &Query) -> Result<(f64, f64)> {
    let end = async |direction: i32| {
        let found = collection
            .find_one(filter(collection, query))
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

struct Thinned {
    samples: Vec<SeriesPoint>,
    count: u64,
    sum: f64,
}

/// Of each span the first, last, lowest and slowest, with the count and sum of all. Documents
/// compare field by field, so that a minimum of `{up, date, …}` is the earliest of the lowest; this
/// needs no sorting and no server newer than 3.6.
async fn thinned(collection: &Samples, query: &Query, spans: Spans) -> Result<Thinned> {
    let span = doc! { "$floor": { "$divide": [
        { "$subtract": ["$date", spans.from()] }, spans.width(),
    ] } };
    let by_date = doc! { "date": "$date", "up": "$up", "duration": "$duration", "cause": "$cause" };
    let by_status =
        doc! { "up": "$up", "date": "$date", "duration": "$duration", "cause": "$cause" };
    let by_duration =
        doc! { "duration": "$duration", "date": "$date", "up": "$up", "cause": "$cause" };
    let group = doc! {
        "_id": span,
        "count": { "$sum": 1 },
        "sum": { "$sum": "$up" },
        "first": { "$min": &by_date },
        "last": { "$max": by_date },
        "lowest": { "$min": by_status },
        "slowest": { "$max": by_duration },
    };
    let pipeline = [
        doc! { "$match": filter(collection, query) },
        doc! { "$group": group },
    ];
    let groups = collection
        .aggregate(pipeline)
        .with_type::<RawDocumentBuf>()
        .max_time(PATIENCE)
        .await?;
    let mut thinned = Thinned {
        samples: Vec::new(),
        count: 0,
        sum: 0.0,
    };
    // At the end of the last span one more begins.
    gather(groups, spans.count() + 1, |group| {
        let count = number(group, "count").unwrap_or_default() as u64;
        thinned.count = thinned.count.saturating_add(count);
        thinned.sum += number(group, "sum").unwrap_or_default();
        for which in ["first", "last", "lowest", "slowest"] {
            let document = group.get_document(which).ok();
            thinned.samples.extend(document.and_then(sample));
        }
        Some(())
    })
    .await?;
    Ok(thinned)
}
