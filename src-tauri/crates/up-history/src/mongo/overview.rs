//! What a span comes to for every path of a `MongoDB`, as the server counts it.

use std::collections::BTreeMap;

use bson::{Bson, doc};
use mongodb::error::Result;
use up_core::Timestamp;

use super::document::{self, number};
use super::reading::MongoReading;
use super::series::{PATIENCE, limit};
use super::{STATUSES, UNKNOWNS};
use crate::answer::PathOverview;

/// The most paths that are listed.
const PATHS: usize = 100_000;

/// Of every path that can be one of Up's and has samples in the span, sorted.
pub(super) async fn overview(
    reading: &MongoReading,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<PathOverview>> {
    let mut found: BTreeMap<String, PathOverview> = BTreeMap::new();
    for collection in [STATUSES, UNKNOWNS] {
        let mut wanted = doc! { "date": { "$gte": from, "$lt": to } };
        if collection == STATUSES {
            wanted.insert("up", doc! { "$gte": 0, "$lte": 1 });
        }
        let pipeline = vec![
            doc! { "$match": reading.filter(wanted) },
            doc! { "$group": {
                "_id": "$path",
                "count": { "$sum": 1 },
                "mean": { "$avg": "$up" },
                "deviation": { "$stdDevPop": "$up" },
                // Documents are compared field by field.
                "last": { "$max": { "date": "$date", "up": "$up" } },
            } },
            doc! { "$limit": limit(PATHS) },
        ];
        let mut cursor = reading
            .collection(collection)
            .aggregate(pipeline)
            .allow_disk_use(true)
            .max_time(PATIENCE)
            .await?;
        let mut left = PATHS;
        while left > 0 && cursor.advance().await? {
            left -= 1;
            let group = cursor.current();
            let path = group.get_str("_id").ok();
            let path = path.and_then(|path| document::path(Bson::String(path.into())));
            let last = group.get_document("last").ok();
            let date = last.and_then(|last| number(last, "date"));
            let (Some(path), Some(count), Some(last), Some(date)) =
                (path, number(group, "count"), last, date)
            else {
                continue;
            };
            let entry = found.entry(path.clone());
            let overview = entry.or_insert_with(|| PathOverview {
                path,
                count: 0,
                unknown: 0,
                mean: None,
                deviation: None,
                last: f64::NEG_INFINITY,
                status: None,
            });
            // `as` saturates.
            if collection == STATUSES {
                overview.count = count as u64;
                overview.mean = number(group, "mean");
                overview.deviation = number(group, "deviation");
            } else {
                overview.unknown = count as u64;
            }
            if date > overview.last {
                overview.last = date;
                overview.status = (collection == STATUSES)
                    .then(|| number(last, "up"))
                    .flatten();
            }
        }
    }
    Ok(found.into_values().collect())
}
