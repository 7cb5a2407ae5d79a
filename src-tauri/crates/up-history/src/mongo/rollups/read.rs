//! Reading rollups, and the samples of a path from wherever they are quickest to read.

use std::collections::BTreeMap;

use bson::{RawDocumentBuf, doc};
use mongodb::Cursor;
use mongodb::error::Result;

use super::super::cursor::gather;
use super::super::explain::is_refused;
use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, SeriesPoint, each_stored, limit};
use super::day::{DayHead, day_of, id, ids, whole};
use super::{ROLLUPS, RUNS};
use crate::answer::Rollup;

/// The most days of a path that are read.
const MOST_DAYS: usize = 40_000;

/// So many days of samples are held at once.
const RUNS_AT_ONCE: u32 = 100;

/// The days of a path that are rolled up and have a part in a span, in milliseconds, oldest first.
pub(in super::super) async fn heads(
    reading: &MongoReading,
    path: &str,
    (from, to): (i64, i64),
) -> Result<Vec<DayHead>> {
    let days = (day_of(from).max(0), day_of(to.saturating_sub(1)));
    // All agents' samples are rolled up together.
    if days.0 > days.1 || reading.agent.is_some() {
        return Ok(Vec::new());
    }
    let found = reading
        .collection(ROLLUPS)
        .find(ids(path, days))
        .projection(doc! { "_id": 0, "day": 1, "until": 1, "made": 1, "late": 1, "whole": 1 })
        .sort(doc! { "_id": 1 })
        .limit(limit(MOST_DAYS))
        .max_time(PATIENCE)
        .await;
    let found = match found {
        // Who may read samples only.
        Err(error) if is_refused(&error) => return Ok(Vec::new()),
        found => found?,
    };
    let mut heads = gather(found, MOST_DAYS, DayHead::read).await?;
    heads.retain(|head| (days.0..=days.1).contains(&head.day));
    heads.sort_by_key(|head| head.day);
    heads.dedup_by_key(|head| head.day);
    Ok(heads)
}

/// The hours of these days. Those that have been made anew since their heads were read are missing.
pub(in super::super) async fn hours(
    reading: &MongoReading,
    path: &str,
    heads: &[&DayHead],
) -> Result<BTreeMap<i64, Vec<Rollup>>> {
    if heads.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<_> = heads.iter().map(|head| id(path, head.day)).collect();
    let found = reading
        .collection(ROLLUPS)
        .find(doc! { "_id": { "$in": ids } })
        .projection(doc! { "_id": 0, "day": 1, "made": 1, "hours": 1 })
        .max_time(PATIENCE)
        .await?;
    let of = |day: i64| {
        let index = heads.binary_search_by_key(&day, |head| head.day).ok()?;
        heads.get(index)
    };
    let read = gather(found, heads.len(), |document| {
        let head = of(whole(document, "day")?)?;
        Some((head.day, head.hours(document)?))
    });
    Ok(read.await?.into_iter().collect())
}

/// Hands out a path's samples of a span, in milliseconds, oldest first: from runs where there are any,
/// and as they are stored elsewhere. Ends when `take` returns false, and returns whether it never did.
pub(in super::super) async fn each_sample(
    reading: &MongoReading,
    path: &str,
    span: (i64, i64),
    take: impl FnMut(SeriesPoint) -> bool,
) -> Result<bool> {
    each_wanted(reading, path, span, |_| true, take).await
}

/// The same, but of days that were wholly up only the first sample.
pub(in super::super) async fn each_doubtful_sample(
    reading: &MongoReading,
    path: &str,
    span: (i64, i64),
    take: impl FnMut(SeriesPoint) -> bool,
) -> Result<bool> {
    let is_doubtful = |head: &DayHead| head.begin() < span.0 || !head.whole.is_up();
    each_wanted(reading, path, span, is_doubtful, take).await
}

/// Of days that are not wanted only the first sample, as one that is up.
async fn each_wanted(
    reading: &MongoReading,
    path: &str,
    (from, to): (i64, i64),
    is_wanted: impl Fn(&DayHead) -> bool,
    mut take: impl FnMut(SeriesPoint) -> bool,
) -> Result<bool> {
    let heads = heads(reading, path, (from, to)).await?;
    let wanted: Vec<_> = heads.iter().filter(|head| is_wanted(head)).collect();
    let mut runs = DayRuns::find(reading, path, &wanted).await?;
    let mut at = from;
    for head in &heads {
        let samples = if is_wanted(head) {
            runs.of(head).await?
        } else {
            head.first_up().map(|first| vec![first])
        };
        // What cannot be read there is read as it is stored.
        let Some(samples) = samples else { continue };
        if !each_stored(reading, path, (at, head.begin()), &mut take).await? {
            return Ok(false);
        }
        let (from, to) = (at.max(head.begin()) as f64 / 1e3, to as f64 / 1e3);
        let within = |sample: &SeriesPoint| sample.date >= from && sample.date < to;
        if !samples.into_iter().filter(within).all(&mut take) {
            return Ok(false);
        }
        at = at.max(head.until);
        tokio::task::yield_now().await;
    }
    each_stored(reading, path, (at, to), take).await
}

/// The runs of some days of a path, in their order.
struct DayRuns {
    cursor: Option<Cursor<RawDocumentBuf>>,
    /// The document that the cursor is at has been passed.
    is_passed: bool,
}

impl DayRuns {
    async fn find(reading: &MongoReading, path: &str, heads: &[&DayHead]) -> Result<Self> {
        let cursor = if let (Some(first), Some(last)) = (heads.first(), heads.last()) {
            let is_each = last.day - first.day + 1 == limit(heads.len());
            let wanted = if is_each {
                ids(path, (first.day, last.day))
            } else {
                let ids: Vec<_> = heads.iter().map(|head| id(path, head.day)).collect();
                doc! { "_id": { "$in": ids } }
            };
            let found = reading
                .collection(RUNS)
                .find(wanted)
                .sort(doc! { "_id": 1 })
                .batch_size(RUNS_AT_ONCE)
                .max_time(PATIENCE)
                .await?;
            Some(found)
        } else {
            None
        };
        Ok(Self {
            cursor,
            is_passed: true,
        })
    }

    /// The samples of a day that is later than those before; `None` if they are not there.
    async fn of(&mut self, head: &DayHead) -> Result<Option<Vec<SeriesPoint>>> {
        let Some(runs) = &mut self.cursor else {
            return Ok(None);
        };
        loop {
            if self.is_passed && !runs.advance().await? {
                self.cursor = None;
                return Ok(None);
            }
            let run = runs.current();
            let id = run.get_document("_id").ok();
            let day = id.and_then(|id| whole(id, "day"));
            self.is_passed = day.is_none_or(|day| day <= head.day);
            if day.is_some_and(|day| day >= head.day) {
                return Ok(self.is_passed.then(|| head.samples(run)).flatten());
            }
        }
    }
}
