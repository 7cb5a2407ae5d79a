//! A path's samples as they lie in the collections. Statuses and unknowns lie in two of them and come
//! out as one series, in the order of their dates.

use std::time::Duration;

use bson::raw::{RawBsonRef, RawDocument};
use bson::{Document, RawDocumentBuf, doc};
use futures_util::future::try_join;
use mongodb::Cursor;
use mongodb::error::Result;

use super::document::{number, sample};
use super::reading::MongoReading;
use super::{STATUSES, UNKNOWNS};
use crate::downsample::DownsampledPoint;
use crate::sample::KeptCause;

pub(super) type SeriesPoint = DownsampledPoint<Option<KeptCause>>;

/// What a reader may cost the server, a question.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// After so many documents whoever else waits for this thread gets a turn.
const TURN: usize = 1_000;

/// A number of documents as the server takes it.
pub(super) fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// Dates in seconds that are a span of milliseconds once they are rounded.
pub(super) fn dates((from, to): (i64, i64)) -> Document {
    let seconds = |millis: i64| (millis as f64 - 0.5) / 1e3;
    doc! { "$gte": seconds(from), "$lt": seconds(to) }
}

/// The path's documents of a span in milliseconds. What is no number from 0 to 1 is nobody's status.
fn filter(reading: &MongoReading, collection: &str, path: &str, span: (i64, i64)) -> Document {
    let mut filter = doc! { "path": path, "date": dates(span) };
    if collection == STATUSES {
        filter.insert("up", doc! { "$gte": 0, "$lte": 1 });
    }
    reading.filter(filter)
}

/// Hands out all samples of a span, in milliseconds, oldest first, until `take` returns false. Returns
/// whether it never did.
pub(super) async fn each_stored(
    reading: &MongoReading,
    path: &str,
    span: (i64, i64),
    mut take: impl FnMut(SeriesPoint) -> bool,
) -> Result<bool> {
    each_with(reading, path, span, |_| (), |sample, ()| take(sample)).await
}

/// The same, with the agent of each sample: empty if it names none, and `None` if that is no name.
pub(super) async fn each_attributed(
    reading: &MongoReading,
    path: &str,
    span: (i64, i64),
    take: impl FnMut(SeriesPoint, Option<String>) -> bool,
) -> Result<bool> {
    let agent = |document: &RawDocument| match document.get("agent") {
        Ok(None | Some(RawBsonRef::Null)) => Some(String::new()),
        Ok(Some(RawBsonRef::String(agent))) => Some(agent.to_owned()),
        _ => None,
    };
    each_with(reading, path, span, agent, take).await
}

async fn each_with<T>(
    reading: &MongoReading,
    path: &str,
    span: (i64, i64),
    with: impl Fn(&RawDocument) -> T,
    mut take: impl FnMut(SeriesPoint, T) -> bool,
) -> Result<bool> {
    if span.0 >= span.1 {
        return Ok(true);
    }
    let known = find(reading, STATUSES, path, span);
    let (known, unknown) = try_join(known, find(reading, UNKNOWNS, path, span)).await?;
    let mut known = CursorAhead::new(known, &with).await?;
    let mut unknown = CursorAhead::new(unknown, &with).await?;
    let mut taken = 0_usize;
    while let Some((sample, more)) = earlier(&mut known, &mut unknown).await? {
        if !take(sample, more) {
            return Ok(false);
        }
        taken = taken.wrapping_add(1);
        if taken.is_multiple_of(TURN) {
            tokio::task::yield_now().await;
        }
    }
    Ok(true)
}

/// The dates of the first and the last sample of a span; `None` when there is none.
pub(super) async fn stored_ends(
    reading: &MongoReading,
    path: &str,
    span: (i64, i64),
) -> Result<Option<(f64, f64)>> {
    let last = last_stored(reading, path, span);
    let (first, last) = try_join(first_stored(reading, path, span), last).await?;
    Ok(first.zip(last))
}

/// The date of the first sample of a span; `None` when there is none.
pub(super) async fn first_stored(
    reading: &MongoReading,
    path: &str,
    span: (i64, i64),
) -> Result<Option<f64>> {
    let known = end(reading, STATUSES, path, span, 1);
    let (known, unknown) = try_join(known, end(reading, UNKNOWNS, path, span, 1)).await?;
    Ok([known, unknown].into_iter().flatten().reduce(f64::min))
}

async fn last_stored(reading: &MongoReading, path: &str, span: (i64, i64)) -> Result<Option<f64>> {
    let known = end(reading, STATUSES, path, span, -1);
    let (known, unknown) = try_join(known, end(reading, UNKNOWNS, path, span, -1)).await?;
    Ok([known, unknown].into_iter().flatten().reduce(f64::max))
}

async fn end(
    reading: &MongoReading,
    collection: &str,
    path: &str,
    span: (i64, i64),
    direction: i32,
) -> Result<Option<f64>> {
    let found = reading
        .collection(collection)
        .find_one(filter(reading, collection, path, span))
        .projection(doc! { "_id": 0, "date": 1 })
        .sort(doc! { "date": direction })
        .max_time(PATIENCE)
        .await?;
    Ok(found.and_then(|found| number(&found, "date")))
}

async fn find(
    reading: &MongoReading,
    collection: &str,
    path: &str,
    span: (i64, i64),
) -> Result<Cursor<RawDocumentBuf>> {
    reading
        .collection(collection)
        .find(filter(reading, collection, path, span))
        .projection(doc! { "_id": 0, "up": 1, "date": 1, "duration": 1, "cause": 1, "agent": 1 })
        .sort(doc! { "date": 1 })
        .max_time(PATIENCE)
        .await
}

/// A cursor and the sample that comes next, with what else is read of its document.
struct CursorAhead<'w, T, W> {
    cursor: Cursor<RawDocumentBuf>,
    with: &'w W,
    next: Option<(SeriesPoint, T)>,
}

impl<'w, T, W: Fn(&RawDocument) -> T> CursorAhead<'w, T, W> {
    async fn new(cursor: Cursor<RawDocumentBuf>, with: &'w W) -> Result<Self> {
        let mut ahead = Self {
            cursor,
            with,
            next: None,
        };
        ahead.step().await?;
        Ok(ahead)
    }

    /// Takes what comes next and looks for what comes after it.
    async fn step(&mut self) -> Result<Option<(SeriesPoint, T)>> {
        let taken = self.next.take();
        let mut passed = 0_usize;
        while self.next.is_none() && self.cursor.advance().await? {
            let document = self.cursor.current();
            self.next = sample(document).map(|sample| (sample, (self.with)(document)));
            passed = passed.wrapping_add(1);
            if passed.is_multiple_of(TURN) {
                tokio::task::yield_now().await;
            }
        }
        Ok(taken)
    }
}

/// The earlier of two samples that come next.
async fn earlier<T, W: Fn(&RawDocument) -> T>(
    one: &mut CursorAhead<'_, T, W>,
    other: &mut CursorAhead<'_, T, W>,
) -> Result<Option<(SeriesPoint, T)>> {
    let first = match (&one.next, &other.next) {
        (Some((a, _)), Some((b, _))) => a.date <= b.date,
        (_, None) => true,
        (None, _) => false,
    };
    if first {
        one.step().await
    } else {
        other.step().await
    }
}
