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

/// The documents that are `wanted`. What is no number from 0 to 1 is nobody's status.
fn filter(reading: &MongoReading, collection: &str, wanted: Document) -> Document {
    let mut filter = wanted;
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
    each_of_path(reading, path, span, |_| (), |sample, ()| take(sample)).await
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
    each_of_path(reading, path, span, agent, take).await
}

/// Hands out all samples of the documents that are `wanted`, each with its path, and those of a path
/// oldest first. Their durations and causes are not read.
pub(super) async fn each_of_paths(
    reading: &MongoReading,
    wanted: Document,
    mut take: impl FnMut(&str, &SeriesPoint),
) -> Result<()> {
    let of = async |name: &str| {
        // Without the index, there may be too much to sort in the memory of the server.
        let pipeline = vec![
            doc! { "$match": filter(reading, name, wanted.clone()) },
            doc! { "$sort": { "path": 1, "date": 1 } },
            doc! { "$project": { "_id": 0, "path": 1, "up": 1, "date": 1 } },
        ];
        reading
            .collection(name)
            .aggregate(pipeline)
            .with_type::<RawDocumentBuf>()
            .allow_disk_use(true)
            .max_time(PATIENCE)
            .await
    };
    let cursors = try_join(of(STATUSES), of(UNKNOWNS)).await?;
    let path = |document: &RawDocument| document.get_str("path").unwrap_or_default().to_owned();
    let is_first = |(a, path_a): &(SeriesPoint, String), (b, path_b): &(SeriesPoint, String)| {
        (path_a, a.date) <= (path_b, b.date)
    };
    let take = |sample: SeriesPoint, path: String| {
        take(&path, &sample);
        true
    };
    each_with(cursors, path, is_first, take).await.map(drop)
}

async fn each_of_path<T>(
    reading: &MongoReading,
    path: &str,
    span: (i64, i64),
    with: impl Fn(&RawDocument) -> T,
    take: impl FnMut(SeriesPoint, T) -> bool,
) -> Result<bool> {
    if span.0 >= span.1 {
        return Ok(true);
    }
    let known = find(reading, STATUSES, path, span);
    let cursors = try_join(known, find(reading, UNKNOWNS, path, span)).await?;
    let is_first = |(a, _): &(SeriesPoint, T), (b, _): &(SeriesPoint, T)| a.date <= b.date;
    each_with(cursors, with, is_first, take).await
}

/// Hands out the samples of two cursors. `is_first` says which of two samples comes first.
async fn each_with<T>(
    (known, unknown): (Cursor<RawDocumentBuf>, Cursor<RawDocumentBuf>),
    with: impl Fn(&RawDocument) -> T,
    is_first: impl Fn(&(SeriesPoint, T), &(SeriesPoint, T)) -> bool,
    mut take: impl FnMut(SeriesPoint, T) -> bool,
) -> Result<bool> {
    let mut known = CursorAhead::new(known, &with).await?;
    let mut unknown = CursorAhead::new(unknown, &with).await?;
    let mut taken = 0_usize;
    while let Some((sample, more)) = first_of(&mut known, &mut unknown, &is_first).await? {
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
    let of_path = doc! { "path": path, "date": dates(span) };
    let found = reading
        .collection(collection)
        .find_one(filter(reading, collection, of_path))
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
    let of_path = doc! { "path": path, "date": dates(span) };
    reading
        .collection(collection)
        .find(filter(reading, collection, of_path))
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

/// The first of two samples that come next.
async fn first_of<T, W: Fn(&RawDocument) -> T>(
    one: &mut CursorAhead<'_, T, W>,
    other: &mut CursorAhead<'_, T, W>,
    is_first: impl Fn(&(SeriesPoint, T), &(SeriesPoint, T)) -> bool,
) -> Result<Option<(SeriesPoint, T)>> {
    let is_one = match (&one.next, &other.next) {
        (Some(a), Some(b)) => is_first(a, b),
        (_, None) => true,
        (None, _) => false,
    };
    if is_one {
        one.step().await
    } else {
        other.step().await
    }
}
