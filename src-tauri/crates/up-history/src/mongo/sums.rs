//! What every path has, in plain numbers: the server adds up the documents of whole days, and the samples
//! of what is not rolled up.

use std::collections::{BTreeMap, BTreeSet};

use bson::{Bson, Document, doc};
use mongodb::Cursor;
use mongodb::error::Result;

use super::document;
use super::path_sums::PathSums;
use super::paths::{PATHS, paths};
use super::reading::MongoReading;
use super::rollups::{day_begin, rolled_paths};
use super::samples::{PATIENCE, dates, limit};
use super::{STATUSES, UNKNOWNS};

/// So many spans are asked of the server at once.
const SPANS: usize = 100;

/// The sums of every path that has samples.
pub(super) async fn sums(reading: &MongoReading) -> Result<BTreeMap<String, PathSums>> {
    let mut sums = BTreeMap::new();
    let rolled = rolled_paths(reading).await?;
    if rolled.names.is_empty() {
        let all = doc! { "date": dates((i64::MIN, i64::MAX)) };
        add_stored(reading, all, &mut sums).await?;
        return Ok(sums);
    }
    // The paths of all agents: the index has no agents.
    let mut all: BTreeSet<String> = paths(reading, doc! {}).await?.into_iter().collect();
    all.extend(rolled.names);
    // What is to be read from samples: which paths, by their span.
    let mut stored: BTreeMap<(i64, i64), Vec<&str>> = BTreeMap::new();
    let mut store = |path, span: (i64, i64)| {
        if span.0 < span.1 {
            stored.entry(span).or_default().push(path);
        }
    };
    let since = rolled.since;
    let until = |path: &str| rolled.paths.get(path).map_or(since, |path| path.until);
    for path in &all {
        store(path, (i64::MIN, since));
        store(path, (until(path).max(since), i64::MAX));
        if let Some(found) = rolled.paths.get(path) {
            sums.insert(path.clone(), found.sums.clone());
        }
    }
    for (path, day) in &rolled.late {
        let end = day_begin(day.saturating_add(1)).min(until(path));
        store(path, (day_begin(*day), end));
    }
    let span = |(span, paths): (&(i64, i64), &Vec<&str>)| {
        doc! { "path": { "$in": paths }, "date": dates(*span) }
    };
    let spans: Vec<Document> = stored.iter().map(span).collect();
    for spans in spans.chunks(SPANS) {
        add_stored(reading, doc! { "$or": spans }, &mut sums).await?;
    }
    Ok(sums)
}

/// Adds samples as they are stored.
async fn add_stored(
    reading: &MongoReading,
    wanted: Document,
    sums: &mut BTreeMap<String, PathSums>,
) -> Result<()> {
    for collection in [STATUSES, UNKNOWNS] {
        let mut cursor = grouped(reading, collection, wanted.clone()).await?;
        let mut left = PATHS;
        while left > 0 && cursor.advance().await? {
            left -= 1;
            let group = cursor.current();
            let path = group.get_str("_id").ok();
            let path = path.and_then(|path| document::path(Bson::String(path.into())));
            if let Some((path, found)) = path.zip(PathSums::read(group)) {
                sums.entry(path).or_default().add(&found);
            }
        }
    }
    Ok(())
}

/// The sums of a collection's samples, a document for each path.
async fn grouped(
    reading: &MongoReading,
    collection: &str,
    mut wanted: Document,
) -> Result<Cursor<Document>> {
    let is_known = collection == STATUSES;
    if is_known {
        wanted.insert("up", doc! { "$gte": 0, "$lte": 1 });
    }
    let pipeline = vec![
        doc! { "$match": reading.filter(wanted) },
        doc! { "$group": {
            "_id": "$path",
            "count": { "$sum": i32::from(is_known) },
            "unknown": { "$sum": i32::from(!is_known) },
            "first": { "$min": "$date" },
            "last": { "$max": { "date": "$date" } },
        } },
        doc! { "$limit": limit(PATHS) },
    ];
    reading
        .collection(collection)
        .aggregate(pipeline)
        .allow_disk_use(true)
        .max_time(PATIENCE)
        .await
}
