//! What a span comes to for every path of every agent, as the server counts it.

use std::collections::BTreeMap;

use bson::{Bson, Document, doc};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use mongodb::error::Result;
use up_core::Timestamp;

use super::document::{self, number};
use super::fleet::text;
use super::paths::{PATHS, paths};
use super::reading::MongoReading;
use super::samples::{PATIENCE, limit};
use super::spans::{UPTIMES_AT_ONCE, uptime};
use super::{STATUSES, UNKNOWNS};
use crate::answer::PathOverview;

/// So many paths are asked for at once.
const PATHS_AT_ONCE: usize = 5_000;

/// By agent and path, of the documents that are `wanted` and the paths that are.
pub(super) async fn overview_by_agent(
    reading: &MongoReading,
    (wanted, wanted_paths): (Document, Document),
    span: (Timestamp, Timestamp),
) -> Result<BTreeMap<(String, String), PathOverview>> {
    let mut found = BTreeMap::new();
    // No index has dates alone: each path's are a piece of one.
    let all = paths(reading, wanted_paths).await?;
    for some in all.chunks(PATHS_AT_ONCE) {
        let mut wanted = wanted.clone();
        wanted.insert("path", doc! { "$in": some });
        add_overview(reading, wanted, span, &mut found).await?;
    }
    let with_uptime = async |((agent, path), overview): ((String, String), PathOverview)| {
        let (uptime, known) = uptime(&reading.of_agent(&agent), &path, span).await?;
        let overview = PathOverview {
            uptime,
            known,
            ..overview
        };
        Ok(((agent, path), overview))
    };
    let all = stream::iter(found).map(with_uptime);
    all.buffered(UPTIMES_AT_ONCE).try_collect().await
}

async fn add_overview(
    reading: &MongoReading,
    wanted: Document,
    (from, to): (Timestamp, Timestamp),
    found: &mut BTreeMap<(String, String), PathOverview>,
) -> Result<()> {
    let agent = text("$agent");
    for collection in [STATUSES, UNKNOWNS] {
        let mut wanted = wanted.clone();
        wanted.insert("date", doc! { "$gte": from, "$lt": to });
        if collection == STATUSES {
            wanted.insert("up", doc! { "$gte": 0, "$lte": 1 });
        }
        let pipeline = vec![
            doc! { "$match": reading.filter(wanted) },
            doc! { "$group": {
                "_id": { "path": "$path", "agent": &agent },
                "count": { "$sum": 1 },
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
            let of = group.get_document("_id").ok();
            let agent = of.and_then(|of| of.get_str("agent").ok());
            let agent = agent.unwrap_or_default().to_owned();
            let path = of.and_then(|of| of.get_str("path").ok());
            let path = path.and_then(|path| document::path(Bson::String(path.into())));
            let last = group.get_document("last").ok();
            let date = last.and_then(|last| number(last, "date"));
            let (Some(path), Some(count), Some(last), Some(date)) =
                (path, number(group, "count"), last, date)
            else {
                continue;
            };
            let entry = found.entry((agent, path.clone()));
            let overview = entry.or_insert_with(|| PathOverview {
                path,
                count: 0,
                unknown: 0,
                uptime: None,
                known: 0.0,
                deviation: None,
                last: f64::NEG_INFINITY,
                status: None,
            });
            // `as` saturates.
            if collection == STATUSES {
                overview.count = count as u64;
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
    Ok(())
}
