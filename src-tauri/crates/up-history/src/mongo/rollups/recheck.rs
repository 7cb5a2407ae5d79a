//! Finds late samples that nobody noted and whose `_id` does not tell when they were inserted: those of
//! `mongorestore`, of an Up whose user may not write rollups, and of a writer whose clock is wrong. Once
//! a day, it is counted how many samples of each path and day there are; days that have more than they
//! were rolled up from are made anew.
//!
//! The counts come from the index by path and date alone, a bounded piece a step. Without that index,
//! nothing is counted. A day that lost and got as many samples is not found.

use std::collections::BTreeMap;

use bson::{RawDocumentBuf, doc};
use mongodb::error::{ErrorKind, Result};

use super::super::cursor::gather;
use super::super::paths::paths;
use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, dates, limit};
use super::super::{STATUSES, UNKNOWNS};
use super::ROLLUPS;
use super::again::ask_again;
use super::day::{DAY, day_begin, day_number, day_of, id, ids, whole};
use super::day_agents::DayAgents;
use super::late::{FoundDay, note_found};
use super::progress::{self, RollupTurn};

/// So many samples are expected to be counted in a step, and no more than so many are.
const PIECE: i64 = 50_000;
const MOST: usize = 500_000;

/// So many days are looked at in a step.
const DAYS: usize = 400;

/// The server's code for an index that is not there.
const NO_INDEX: i32 = 2;

/// Counting all days, which takes many steps.
#[derive(Debug, Default)]
pub(super) struct DayRecheck {
    paths: Option<Vec<String>>,
    /// The day behind the last one that was counted of the path under way.
    day: i64,
}

/// A day as it is rolled up.
struct KnownCount {
    day: i64,
    until: i64,
    /// How many documents are known of. `None`: it is to be made anew in any case.
    count: Option<i64>,
    /// It does not list the agents.
    is_former: bool,
}

impl DayRecheck {
    /// Counts a piece, if it is time to. True if there is more.
    pub(super) async fn step(&mut self, reading: &MongoReading, turn: &RollupTurn) -> Result<bool> {
        if turn.ready == 0 {
            // Nothing is rolled up yet.
            return Ok(false);
        }
        let database = &reading.database;
        let mut done = &turn.rechecked;
        let begins = turn.recheck_at.is_none_or(|at| turn.now - at >= DAY);
        let none = None;
        if begins {
            // From the first path on.
            done = &none;
            self.paths = None;
            progress::tell(database, doc! { "recheck_at": turn.now, "rechecked": "" }).await?;
        } else if done.is_none() {
            return Ok(false);
        }
        if self.paths.is_none() {
            let mut left = paths(reading, doc! {}).await?;
            left.retain(|path| done.as_ref().is_none_or(|done| path > done));
            left.reverse();
            self.paths = Some(left);
            self.day = 0;
        }
        let Some(path) = self.paths.as_ref().and_then(|left| left.last()).cloned() else {
            self.paths = None;
            // The next time, it begins anew.
            progress::tell(database, doc! { "rechecked": null }).await?;
            return Ok(false);
        };
        match self.piece(reading, &path, turn).await {
            Ok(Some(day)) => self.day = day,
            Ok(None) => {
                self.day = 0;
                self.paths.as_mut().and_then(Vec::pop);
                progress::tell(database, doc! { "rechecked": &path, "counted": true }).await?;
            }
            Err(error) if lacks_index(&error) => {
                self.paths = None;
                let fields = doc! { "rechecked": null, "counted": false };
                progress::tell(database, fields).await?;
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Counts some days of a path. Returns the day behind them; `None` at the path's end.
    async fn piece(
        &self,
        reading: &MongoReading,
        path: &str,
        turn: &RollupTurn,
    ) -> Result<Option<i64>> {
        let first = self.day.max(day_of(turn.since));
        let mut known = known(reading, path, first).await?;
        let has_all = known.len() < DAYS;
        let mut expected = 0;
        let cut = known.iter().position(|day| {
            expected += day.count.unwrap_or_default();
            expected > PIECE
        });
        if let Some(cut) = cut {
            known.truncate(cut + 1);
        }
        let Some(last) = known.last() else {
            return Ok(None);
        };
        let next = last.day + 1;
        let span = (day_begin(first).max(turn.since), last.until);
        let mut counts = BTreeMap::new();
        for collection in [STATUSES, UNKNOWNS] {
            count(reading, (collection, path), span, &mut counts).await?;
        }
        let former: Vec<_> = known.iter().filter(|day| day.is_former).collect();
        let former = (!former.is_empty()).then(|| {
            let ids: Vec<_> = former.iter().map(|former| id(path, former.day)).collect();
            doc! { "_id": { "$in": ids } }
        });
        let known: BTreeMap<_, _> = known.iter().map(|day| (day.day, day.count)).collect();
        counts.retain(|day, _| (first..next).contains(day));
        let has_more = |(day, count): (i64, i64)| {
            let known = known.get(&day).copied().unwrap_or(Some(0))?;
            (count > known).then(|| FoundDay {
                day,
                path: path.to_owned(),
                counted: Some(count),
            })
        };
        let late: Vec<_> = counts.into_iter().filter_map(has_more).collect();
        note_found(&reading.database, &late).await?;
        if let Some(former) = former {
            ask_again(&reading.database, former).await?;
        }
        Ok((cut.is_some() || !has_all).then_some(next))
    }
}

/// The days of a path that are rolled up, from this one on.
async fn known(reading: &MongoReading, path: &str, first: i64) -> Result<Vec<KnownCount>> {
    let found = reading
        .collection(ROLLUPS)
        .find(ids(path, (first, i64::MAX)))
        .projection(
            doc! { "day": 1, "until": 1, "late": 1, "samples": 1, "counted": 1, "agents": 1 },
        )
        .sort(doc! { "_id": 1 })
        .limit(limit(DAYS))
        .max_time(PATIENCE)
        .await?;
    gather(found, DAYS, |found| {
        let day = whole(found, "day")?;
        let is_late = !matches!(found.get("late"), Ok(None));
        let count = whole(found, "samples").max(whole(found, "counted"));
        Some(KnownCount {
            day,
            until: whole(found, "until").unwrap_or(day_begin(day)),
            count: count.filter(|_| !is_late),
            is_former: !is_late && DayAgents::read(found) == DayAgents::Unlisted,
        })
    })
    .await
}

/// Counts the documents of a path by their days.
async fn count(
    reading: &MongoReading,
    (collection, path): (&str, &str),
    span: (i64, i64),
    counts: &mut BTreeMap<i64, i64>,
) -> Result<()> {
    // Nothing else is read of a document than what the index has.
    let pipeline = vec![
        doc! { "$match": { "path": path, "date": dates(span) } },
        doc! { "$limit": limit(MOST) },
        doc! { "$project": { "_id": 0, "date": 1 } },
        doc! { "$group": { "_id": day_number("$date"), "count": { "$sum": 1 } } },
    ];
    let mut found = reading
        .collection(collection)
        .aggregate(pipeline)
        .hint(mongodb::options::Hint::Keys(doc! { "path": 1, "date": 1 }))
        .max_time(PATIENCE)
        .await?;
    while found.advance().await? {
        let found: &RawDocumentBuf = &found.current().to_owned();
        if let (Some(day), Some(count)) = (whole(found, "_id"), whole(found, "count")) {
            *counts.entry(day).or_default() += count;
        }
    }
    Ok(())
}

fn lacks_index(error: &mongodb::error::Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(error) if error.code == NO_INDEX)
}
