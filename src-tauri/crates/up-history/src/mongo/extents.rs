//! Of which paths a `MongoDB` has samples, how many, and from when to when.

use mongodb::error::Result;

use super::path_sums::PathSums;
use super::reading::MongoReading;
use super::sums::sums;
use crate::store::PathExtent;

/// Of every path that can be one of Up's, sorted.
pub(super) async fn extents(reading: &MongoReading) -> Result<Vec<PathExtent>> {
    let found = sums(reading).await?;
    let some = found
        .into_iter()
        .filter(|(_, sums)| sums.count + sums.unknown > 0);
    let extent = |(path, sums): (String, PathSums)| PathExtent {
        path,
        count: sums.count,
        unknown: sums.unknown,
        first: sums.first,
        last: sums.last,
    };
    Ok(some.map(extent).collect())
}
