//! What is known of days that are rolled up: of all agents' samples, or of one agent's.

use std::collections::BTreeMap;
use std::sync::Arc;

use bson::{Document, doc};
use mongodb::error::Result;

use super::super::cursor::gather;
use super::super::explain::is_refused;
use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, limit};
use super::ROLLUPS;
use super::day::{DAY, DayHead, DayOwner, HOUR, day_of, ids, whole};
use super::day_agents::{AgentShare, DayAgents, agent_ids};
use crate::answer::{DurationDetail, Rollup};

/// The most days of a path that are read.
const MOST_DAYS: usize = 40_000;

/// A day of a path, and whose samples it has.
pub(super) struct PathDay {
    pub(super) path: String,
    pub(super) head: DayHead,
    pub(super) agents: DayAgents,
}

/// The days of a path that are rolled up and have a part in a span, in milliseconds, oldest first.
pub(in super::super) async fn heads(
    reading: &MongoReading,
    path: &str,
    (from, to): (i64, i64),
    detail: DurationDetail,
) -> Result<Vec<DayHead>> {
    let days = (day_of(from).max(0), day_of(to.saturating_sub(1)));
    if days.0 > days.1 {
        return Ok(Vec::new());
    }
    let mut fields = doc! { "_id": 0, "day": 1, "until": 1, "made": 1, "late": 1, "whole": 1 };
    if reading.agent.is_some() {
        fields.insert("agents", 1);
    }
    let found = reading
        .collection(ROLLUPS)
        .find(ids(path, days))
        .projection(fields)
        .sort(doc! { "_id": 1 })
        .limit(limit(MOST_DAYS))
        .max_time(PATIENCE)
        .await;
    let found = match found {
        // Who may read samples only.
        Err(error) if is_refused(&error) => return Ok(Vec::new()),
        found => found?,
    };
    let day = |found: &bson::raw::RawDocument| {
        Some(PathDay {
            path: path.to_owned(),
            head: DayHead::read(found, detail)?,
            agents: DayAgents::read(found),
        })
    };
    let mut found = gather(found, MOST_DAYS, day).await?;
    found.retain(|day| (days.0..=days.1).contains(&day.head.day));
    found.sort_by_key(|day| day.head.day);
    found.dedup_by_key(|day| day.head.day);
    let Some(agent) = &reading.agent else {
        return Ok(found.into_iter().map(|day| day.head).collect());
    };
    let parts = agent_ids(agent, path, days);
    let found = narrow(reading, agent, found, parts).await?;
    Ok(found.into_iter().map(|(_, head)| head).collect())
}

/// What of these days an agent wrote; those of which that is not known are left out. `parts` finds the
/// documents of the agent's parts of them.
pub(super) async fn narrow(
    reading: &MongoReading,
    agent: &Arc<str>,
    days: Vec<PathDay>,
    parts: Document,
) -> Result<Vec<(String, DayHead)>> {
    let is_part = |day: &PathDay| day.agents.share(agent) == AgentShare::Part;
    let mut found: BTreeMap<(String, i64), DayHead> = BTreeMap::new();
    let wanted = days.iter().filter(|day| is_part(day));
    let wanted: BTreeMap<_, _> = wanted
        .map(|day| ((&*day.path, day.head.day), &day.head))
        .collect();
    if !wanted.is_empty() {
        let mut cursor = reading
            .collection(ROLLUPS)
            .find(parts)
            .projection(doc! { "_id": 1, "agent_day": 1, "until": 1, "made": 1, "whole": 1 })
            .max_time(PATIENCE)
            .await?;
        let mut left = MOST_DAYS;
        while found.len() < wanted.len() && left > 0 && cursor.advance().await? {
            left -= 1;
            let part = cursor.current();
            let id = part.get_document("_id").ok();
            let path = id.and_then(|id| id.get_str("path").ok());
            if let (Some(path), Some(day)) = (path, whole(part, "agent_day"))
                && let Some(head) = wanted.get(&(path, day))
                && let Some(part) = head.read_part(part, agent)
            {
                found.insert((path.to_owned(), day), part);
            }
        }
    }
    let narrowed = |day: PathDay| {
        let head = match day.agents.share(agent) {
            AgentShare::All => day.head,
            AgentShare::Nothing => day.head.without_samples(),
            AgentShare::Part => found.remove(&(day.path.clone(), day.head.day))?,
            AgentShare::Unknown => return None,
        };
        Some((day.path, head))
    };
    Ok(days.into_iter().filter_map(narrowed).collect())
}

/// Finds the documents of some days, and maybe others between them: a range is read far more quickly than as
/// many documents one by one. `None` if none of them has any.
pub(super) fn documents_of(path: &str, heads: &[&DayHead]) -> Option<Document> {
    let each: Vec<_> = heads.iter().filter_map(|head| head.id(path)).collect();
    let (first, last) = (heads.first()?.day, heads.last()?.day);
    let is_dense = last - first < 2 * limit(each.len());
    let is_range = heads.iter().all(|head| head.owner == DayOwner::Everyone);
    if is_dense && is_range {
        return Some(ids(path, (first, last)));
    }
    (!each.is_empty()).then(|| doc! { "_id": { "$in": each } })
}

/// The hours of these days. Those that have been made anew since their heads were read are missing.
pub(in super::super) async fn hours(
    reading: &MongoReading,
    path: &str,
    heads: &[&DayHead],
) -> Result<BTreeMap<i64, Vec<Rollup>>> {
    let mut hours = BTreeMap::new();
    let none = heads.iter().filter(|head| head.id(path).is_none());
    for head in none {
        hours.insert(head.day, vec![Rollup::default(); (DAY / HOUR) as usize]);
    }
    let Some(wanted) = documents_of(path, heads) else {
        return Ok(hours);
    };
    let found = reading
        .collection(ROLLUPS)
        .find(wanted)
        .projection(doc! { "_id": 1, "made": 1, "hours": 1 })
        .max_time(PATIENCE)
        .await?;
    let of = |day: i64| {
        let index = heads.binary_search_by_key(&day, |head| head.day).ok()?;
        heads.get(index)
    };
    let read = gather(found, MOST_DAYS, |document| {
        let id = document.get_document("_id").ok()?;
        let head = of(whole(id, "day")?)?;
        Some((head.day, head.hours(document)?))
    });
    hours.extend(read.await?);
    Ok(hours)
}
