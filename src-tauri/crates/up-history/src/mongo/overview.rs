//! What a span comes to for every path of a `MongoDB`.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use mongodb::error::Result;
use up_core::Timestamp;

use super::path_sums::PathSums;
use super::reading::MongoReading;
use super::spans::{UPTIMES_AT_ONCE, uptime};
use super::sums::sums;
use crate::answer::{PathOverview, millis};

/// Of every path that can be one of Up's and has samples in the span, sorted.
pub(super) async fn overview(
    reading: &MongoReading,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<PathOverview>> {
    let found = sums(reading, (millis(from), millis(to))).await?;
    let some = found
        .into_iter()
        .filter(|(_, sums)| sums.count + sums.unknown > 0);
    // The server adds up samples in no order, which tells nothing about their time.
    let with_uptime = async |(path, sums): (String, PathSums)| {
        let uptime = uptime(reading, &path, (from, to)).await?;
        Ok(of(path, &sums, uptime))
    };
    let all = stream::iter(some).map(with_uptime);
    all.buffered(UPTIMES_AT_ONCE).try_collect().await
}

fn of(path: String, sums: &PathSums, (uptime, known): (Option<f64>, f64)) -> PathOverview {
    let count = sums.count as f64;
    let mean = (sums.count > 0).then(|| sums.sum / count);
    let deviation = mean.map(|mean| (sums.squares / count - mean * mean).max(0.0).sqrt());
    PathOverview {
        path,
        count: sums.count,
        unknown: sums.unknown,
        uptime,
        known,
        deviation,
        last: sums.last,
        status: sums.status,
    }
}
