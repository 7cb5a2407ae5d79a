//! How many samples are rolled up of every path, and from when to when.

use std::collections::{BTreeMap, BTreeSet};

use bson::raw::{RawBsonRef, RawDocument};
use bson::{Bson, Document, doc};
use mongodb::error::Result;

use super::super::explain::is_refused;
use super::super::path_sums::PathSums;
use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, limit};
use super::day::{day_begin, day_of, whole};
use super::{ROLLUPS, progress};

/// The most paths and late days that are read.
const MOST: usize = 100_000;

/// What is rolled up of all paths.
#[derive(Debug, Default)]
pub(in super::super) struct RolledPaths {
    /// What whole days come to, by path.
    pub(in super::super) paths: BTreeMap<String, RolledPath>,
    /// The paths of which anything is rolled up.
    pub(in super::super) names: BTreeSet<String>,
    /// Days that are to be made anew.
    pub(in super::super) late: Vec<(String, i64)>,
    /// Before this begin of a day, in milliseconds, rollups may be missing.
    pub(in super::super) since: i64,
}

/// What is rolled up of one path.
#[derive(Debug)]
pub(in super::super) struct RolledPath {
    pub(in super::super) sums: PathSums,
    /// All of its samples before this time are rolled up, in milliseconds, or late.
    pub(in super::super) until: i64,
}

/// What the days come to of which no rollup may be missing.
pub(in super::super) async fn rolled_paths(reading: &MongoReading) -> Result<RolledPaths> {
    let none = RolledPaths {
        since: i64::MAX,
        ..RolledPaths::default()
    };
    let since = match progress::since(&reading.database).await {
        // Who may read samples only.
        Err(error) if is_refused(&error) => return Ok(none),
        since => since?,
    };
    let first = day_of(since.saturating_sub(1)) + 1;
    let mut rolled = RolledPaths {
        since: day_begin(first),
        ..RolledPaths::default()
    };
    let mut parts = AgentParts::default();
    let mut groups = reading
        .collection(ROLLUPS)
        .aggregate(by_path(reading.agent.as_deref(), first))
        .allow_disk_use(true)
        .max_time(PATIENCE)
        .await?;
    while rolled.names.len() < MOST && groups.advance().await? {
        let group = groups.current();
        let Ok(path) = group.get_str("_id") else {
            continue;
        };
        rolled.names.insert(path.to_owned());
        // A path of which no day may be read is read as it is stored.
        let Some(until) = whole(group, "until") else {
            continue;
        };
        // An agent may have written none of it.
        let sums = PathSums::read(group).unwrap_or_default();
        for day in group.get_array("late").into_iter().flatten() {
            if let Ok(RawBsonRef::Int64(day)) = day {
                rolled.late.push((path.to_owned(), day));
            }
        }
        parts.add(path, group);
        let path = path.to_owned();
        rolled.paths.insert(path, RolledPath { sums, until });
    }
    if let Some(agent) = &reading.agent {
        parts.read(reading, agent, first, &mut rolled).await?;
    }
    Ok(rolled)
}

/// Sums up days by path: of all agents, or of days that are of one agent alone. Of the days that are of
/// this agent in part, it lists the numbers of their documents.
fn by_path(agent: Option<&str>, first: i64) -> Vec<Document> {
    let mut flags = doc! {
        "listed": true,
        "mine": true,
        "part": false,
    };
    if let Some(agent) = agent {
        let name = || doc! { "$literal": agent };
        let names = doc! { "$cond": [{ "$isArray": "$agents" }, "$agents", []] };
        flags = doc! {
            "listed": { "$isArray": "$agents" },
            "mine": { "$eq": [names.clone(), [name()]] },
            "part": { "$and": [
                { "$in": [name(), names.clone()] }, { "$gt": [{ "$size": names }, 1] },
            ] },
        };
    }
    // Every document is read once: what is told of a late sample meanwhile counts as one or the other.
    flags.insert("ready", doc! { "$eq": [{ "$type": "$late" }, "missing"] });
    vec![
        doc! { "$match": { "day": { "$gte": first } } },
        doc! { "$set": flags },
        doc! { "$set": { "mine": { "$and": ["$ready", "$mine"] } } },
        doc! { "$group": {
            "_id": "$_id.path",
            "until": { "$max": field_if("$ready", "$until") },
            "count": { "$sum": field_if("$mine", "$count") },
            "unknown": { "$sum": field_if("$mine", "$unknown") },
            "first": { "$min": field_if("$mine", "$first") },
            "last": { "$max": field_if("$mine", "$last") },
            "late": { "$push": { "$cond": [
                { "$and": ["$ready", "$listed"] }, "$$REMOVE", "$day",
            ] } },
            "parts": { "$push": { "$cond": [
                { "$and": ["$ready", "$part"] },
                { "day": "$day", "made": "$made" }, "$$REMOVE",
            ] } },
        } },
        doc! { "$limit": limit(MOST) },
    ]
}

/// A field of the documents that have a flag.
fn field_if(flag: &str, field: &str) -> Document {
    doc! { "$cond": [flag, field, Bson::Null] }
}

/// The days of which an agent wrote a part, with the numbers of their documents.
#[derive(Debug, Default)]
struct AgentParts {
    days: BTreeMap<(String, i64), i64>,
}

impl AgentParts {
    fn add(&mut self, path: &str, group: &RawDocument) {
        for part in group.get_array("parts").into_iter().flatten() {
            if let Ok(RawBsonRef::Document(part)) = part
                && let Some((day, made)) = whole(part, "day").zip(whole(part, "made"))
            {
                self.days.insert((path.to_owned(), day), made);
            }
        }
    }

    /// Adds what the agent's parts come to. A day whose part is not there is read as it is stored.
    async fn read(
        mut self,
        reading: &MongoReading,
        agent: &str,
        first: i64,
        rolled: &mut RolledPaths,
    ) -> Result<()> {
        if self.days.is_empty() {
            return Ok(());
        }
        let mut found = reading
            .collection(ROLLUPS)
            .find(doc! { "agent_day": { "$gte": first }, "agent": agent })
            .projection(doc! { "whole": 0, "hours": 0 })
            .max_time(PATIENCE)
            .await?;
        while !self.days.is_empty() && found.advance().await? {
            let part = found.current();
            let path = part.get_document("_id").ok();
            let path = path.and_then(|id| id.get_str("path").ok());
            let (Some(path), Some(day), Some(sums)) =
                (path, whole(part, "agent_day"), PathSums::read(part))
            else {
                continue;
            };
            let key = (path.to_owned(), day);
            let is_of = self.days.get(&key).copied() == whole(part, "made");
            if is_of && let Some(rolled) = rolled.paths.get_mut(path) {
                rolled.sums.add(&sums);
                self.days.remove(&key);
            }
        }
        rolled.late.extend(self.days.into_keys());
        Ok(())
    }
}
