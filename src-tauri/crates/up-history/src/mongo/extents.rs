//! Of which paths a `MongoDB` has samples, how many, and from when to when.

use std::collections::BTreeMap;

use bson::{Bson, doc};
use mongodb::error::Result;

use super::document::{self, number};
use super::reading::MongoReading;
use super::series::{PATIENCE, limit};
use super::{STATUSES, UNKNOWNS};
use crate::store::PathExtent;

/// The most paths that are listed.
const PATHS: usize = 100_000;

/// Of every path that can be one of Up's, sorted.
pub(super) async fn extents(reading: &MongoReading) -> Result<Vec<PathExtent>> {
    let mut found: BTreeMap<String, PathExtent> = BTreeMap::new();
    for collection in [STATUSES, UNKNOWNS] {
        // A date that is no number is nobody's.
        let pipeline = vec![
            doc! { "$match": reading.filter(doc! { "date": { "$type": "number" } }) },
            doc! { "$group": {
                "_id": "$path",
                "count": { "$sum": 1 },
                "first": { "$min": "$date" },
                "last": { "$max": "$date" },
            } },
            doc! { "$limit": limit(PATHS) },
        ];
        let mut cursor = reading
            .collection(collection)
            .aggregate(pipeline)
            .max_time(PATIENCE)
            .await?;
        let mut left = PATHS;
        while left > 0 && cursor.advance().await? {
            left -= 1;
            let group = cursor.current();
            let path = group.get_str("_id").ok();
            let path = path.and_then(|path| document::path(Bson::String(path.into())));
            let numbers = (
                number(group, "count"),
                number(group, "first"),
                number(group, "last"),
            );
            let (Some(path), (Some(count), Some(first), Some(last))) = (path, numbers) else {
                continue;
            };
            let extent = found.entry(path.clone()).or_insert(PathExtent {
                path,
                count: 0,
                unknown: 0,
                first,
                last,
            });
            // `as` saturates.
            if collection == STATUSES {
                extent.count += count as u64;
            } else {
                extent.unknown += count as u64;
            }
            extent.first = extent.first.min(first);
            extent.last = extent.last.max(last);
        }
    }
    Ok(found.into_values().collect())
}
