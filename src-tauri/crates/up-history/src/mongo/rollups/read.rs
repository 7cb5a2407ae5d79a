//! Reads the samples of a path from wherever they are quickest to read.

use std::sync::Arc;

use mongodb::error::Result;

use super::super::reading::MongoReading;
use super::super::samples::{SeriesPoint, each_stored};
use super::day::DayHead;
use super::day_runs::DayRuns;
use super::heads::heads;
use crate::answer::DurationDetail;

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
    let heads = heads(reading, path, (from, to), DurationDetail::Sums).await?;
    let heads: Arc<[DayHead]> = heads.into();
    let mut runs = DayRuns::find(reading, path, &heads, is_wanted).await?;
    let mut at = from;
    let mut days = runs.unpack_from(&heads, 0).await?;
    while let Some(unpacking) = days {
        // While these are taken, the next ones are unpacked.
        days = runs.unpack_from(&heads, unpacking.end()).await?;
        let (range, samples) = unpacking.finish().await;
        for (head, samples) in heads[range].iter().zip(samples) {
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
    }
    each_stored(reading, path, (at, to), take).await
}
