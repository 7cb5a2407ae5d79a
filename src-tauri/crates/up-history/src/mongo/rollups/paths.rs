//! What is rolled up of every path, for answers about all of them.

use std::collections::{BTreeMap, BTreeSet};

use bson::raw::RawBsonRef;
use bson::{Bson, Document, doc};
use mongodb::error::Result;

use super::super::explain::is_refused;
use super::super::path_sums::PathSums;
use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, SeriesPoint, limit};
use super::day::{DayHead, day_of, id, whole};
use super::{ROLLUPS, RUNS, progress};

/// The most paths and late days that are read.
const MOST: usize = 100_000;

/// Runs of so many paths are asked for at once.
const RUNS_AT_ONCE: usize = 200;

/// What is rolled up of all paths.
#[derive(Debug, Default)]
pub(in super::super) struct RolledPaths {
    /// What whole days come to, by path.
    pub(in super::super) paths: BTreeMap<String, RolledPath>,
    /// The paths of which anything is rolled up.
    pub(in super::super) names: BTreeSet<String>,
    /// Days that are to be made anew.
    pub(in super::super) late: Vec<(String, i64)>,
    /// Before this time, in milliseconds, rollups may be missing.
    pub(in super::super) since: i64,
}

/// What is rolled up of one path.
#[derive(Debug)]
pub(in super::super) struct RolledPath {
    pub(in super::super) sums: PathSums,
    /// All of its samples before this time are rolled up, in milliseconds, or late.
    pub(in super::super) until: i64,
}

/// What the days come to that lie wholly within a span, in milliseconds.
pub(in super::super) async fn rolled_paths(
    reading: &MongoReading,
    (from, to): (i64, i64),
) -> Result<RolledPaths> {
    let none = RolledPaths {
        since: i64::MAX,
        ..RolledPaths::default()
    };
    // All agents' samples are rolled up together.
    if reading.agent.is_some() {
        return Ok(none);
    }
    let since = match progress::since(&reading.database).await {
        // Who may read samples only.
        Err(error) if is_refused(&error) => return Ok(none),
        since => since?,
    };
    let from = from.max(since);
    let first = day_of(from.saturating_sub(1)) + 1;
    let mut rolled = RolledPaths {
        since,
        ..RolledPaths::default()
    };
    if from >= to {
        return Ok(rolled);
    }
    let rollups = reading.collection(ROLLUPS);
    let days = doc! { "$gte": day_of(from), "$lte": day_of(to) };
    // Every document is read once: what is told of a late sample meanwhile counts as one or the other.
    let pipeline = vec![
        doc! { "$match": { "day": days } },
        doc! { "$set": { "ready": { "$eq": [{ "$type": "$late" }, "missing"] } } },
        doc! { "$set": { "valid": { "$and": [
            "$ready", { "$gte": ["$day", first] }, { "$lte": ["$until", to] },
        ] } } },
        doc! { "$group": {
            "_id": "$_id.path",
            "until": { "$max": valid("$until") },
            "count": { "$sum": valid("$count") },
            "unknown": { "$sum": valid("$unknown") },
            "sum": { "$sum": valid("$sum") },
            "squares": { "$sum": valid("$squares") },
            "first": { "$min": valid("$first") },
            "last": { "$max": valid("$last") },
            "late": { "$push": { "$cond": ["$ready", "$$REMOVE", "$day"] } },
        } },
        doc! { "$limit": limit(MOST) },
    ];
    let mut groups = rollups
        .aggregate(pipeline)
        .allow_disk_use(true)
        .max_time(PATIENCE)
        .await?;
    while rolled.names.len() < MOST && groups.advance().await? {
        let group = groups.current();
        let Ok(path) = group.get_str("_id") else {
            continue;
        };
        rolled.names.insert(path.to_owned());
        // A path of which no whole day is rolled up is read as it is stored.
        let Some((until, sums)) = whole(group, "until").zip(PathSums::read(group)) else {
            continue;
        };
        for day in group.get_array("late").into_iter().flatten() {
            if let Ok(RawBsonRef::Int64(day)) = day {
                rolled.late.push((path.to_owned(), day));
            }
        }
        let path = path.to_owned();
        rolled.paths.insert(path, RolledPath { sums, until });
    }
    Ok(rolled)
}

/// A field of a document that may be read.
fn valid(field: &str) -> Document {
    doc! { "$cond": ["$valid", field, Bson::Null] }
}

/// Hands out the samples of a day that are rolled up, of each of these paths.
pub(in super::super) async fn each_run(
    reading: &MongoReading,
    paths: &BTreeSet<String>,
    day: i64,
    mut take: impl FnMut(&str, &DayHead, Vec<SeriesPoint>),
) -> Result<()> {
    let paths: Vec<_> = paths.iter().collect();
    for paths in paths.chunks(RUNS_AT_ONCE) {
        let ids: Vec<_> = paths.iter().map(|path| id(path, day)).collect();
        let wanted = || doc! { "_id": { "$in": ids.clone() } };
        let mut heads: BTreeMap<String, DayHead> = BTreeMap::new();
        let mut found = reading
            .collection(ROLLUPS)
            .find(wanted())
            .projection(doc! { "day": 1, "until": 1, "made": 1, "late": 1, "whole": 1 })
            .max_time(PATIENCE)
            .await?;
        while heads.len() < paths.len() && found.advance().await? {
            let head = found.current();
            let id = head.get_document("_id").ok();
            let path = id.and_then(|id| id.get_str("path").ok());
            if let (Some(path), Some(head)) = (path, DayHead::read(head)) {
                heads.insert(path.to_owned(), head);
            }
        }
        let mut runs = reading
            .collection(RUNS)
            .find(wanted())
            .max_time(PATIENCE)
            .await?;
        while !heads.is_empty() && runs.advance().await? {
            let run = runs.current();
            let id = run.get_document("_id").ok();
            let path = id.and_then(|id| id.get_str("path").ok());
            let head = path.and_then(|path| heads.remove_entry(path));
            if let Some((path, head)) = head
                && let Some(samples) = head.samples(run)
            {
                take(&path, &head, samples);
                tokio::task::yield_now().await;
            }
        }
    }
    Ok(())
}
