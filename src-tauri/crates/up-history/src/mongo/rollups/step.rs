//! A step of the builder: rolls up days of paths from their samples.

use bson::{DateTime, Document, RawDocumentBuf, doc};
use mongodb::error::Result;

use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, SeriesPoint, each_attributed, first_stored, limit};
use super::day::{day_begin, day_of, id, ids, whole};
use super::day_agents::{DayAgents, agent_id};
use super::day_build::{DayBuild, DayDocuments};
use super::known_day::KnownDay;
use super::late::note;
use super::progress::{QUIET, is_duplicate};
use super::read::each_sample;
use super::{ROLLUPS, RUNS};
use crate::answer::millis;

/// A step ends after so many samples.
pub(super) const SAMPLES: usize = 20_000;

/// So many late days are made anew in a step, and at most so many others.
const DAYS: usize = 20;
const DAYS_AGAIN: usize = 200;

/// What a step works with.
pub(super) struct BuildStep<'d> {
    pub(super) reading: &'d MongoReading,
    /// Older samples are not rolled up.
    pub(super) since: i64,
    /// The time by the server's clock, in milliseconds.
    pub(super) now: i64,
    /// Samples before this time may be rolled up.
    pub(super) ready: i64,
}

impl BuildStep<'_> {
    fn rollups(&self) -> mongodb::Collection<RawDocumentBuf> {
        self.reading.collection(ROLLUPS)
    }

    /// Rolls up what of a path is not, in the order of its days. False if some is left for another step.
    pub(super) async fn path(&self, path: &str, left: &mut usize) -> Result<bool> {
        let mut until = self.covered(path).await?.max(self.since);
        while until < self.ready {
            if *left == 0 {
                return Ok(false);
            }
            let span = (until, self.ready);
            let Some(first) = first_stored(self.reading, path, span).await? else {
                break;
            };
            let day = day_of(millis(first));
            let samples = self.day(path, day).await?.unwrap_or_default();
            *left = left.saturating_sub(samples.max(1));
            until = day_begin(day + 1);
        }
        Ok(true)
    }

    /// Up to when a path's samples are rolled up, in milliseconds.
    async fn covered(&self, path: &str) -> Result<i64> {
        let mut made = ids(path, (0, i64::MAX));
        made.insert("until", doc! { "$exists": true });
        let last = self
            .rollups()
            .find_one(made)
            .projection(doc! { "until": 1 })
            .sort(doc! { "_id": -1 })
            .max_time(PATIENCE)
            .await?;
        let until = last.and_then(|last| whole(&last, "until"));
        Ok(until.unwrap_or_default())
    }

    /// Makes late days anew that nobody writes to any more. Returns how many.
    pub(super) async fn late_days(&self) -> Result<usize> {
        let quiet = DateTime::from_millis(self.now - QUIET);
        let mut cursor = self
            .rollups()
            .find(doc! { "late": { "$lt": quiet }, "day": { "$lt": day_of(self.ready) + 1 } })
            .projection(doc! { "_id": 1, "until": 1 })
            .limit(limit(DAYS))
            .max_time(PATIENCE)
            .await?;
        let mut days = Vec::new();
        while days.len() < DAYS && cursor.advance().await? {
            let found = cursor.current();
            let Ok(id) = found.get_document("_id") else {
                continue;
            };
            if let (Ok(path), Some(day)) = (id.get_str("path"), whole(id, "day")) {
                days.push((path.to_owned(), day, whole(found, "until").is_some()));
            }
        }
        let mut made = 0;
        for (path, day, is_made) in &days {
            if *is_made || day_begin(*day) < self.covered(path).await? {
                made += usize::from(self.day(path, *day).await?.is_some());
            } else {
                // It comes in its turn: no day is made before those that are older.
                let mut left = SAMPLES;
                self.path(path, &mut left).await?;
                made += usize::from(left < SAMPLES);
            }
        }
        Ok(made)
    }

    /// Makes days anew that are right, but were asked for. Returns how many.
    pub(super) async fn days_again(&self) -> Result<usize> {
        let mut cursor = self
            .rollups()
            .find(doc! { "again": true })
            .projection(doc! { "_id": 1 })
            .limit(limit(DAYS_AGAIN))
            .max_time(PATIENCE)
            .await?;
        let mut days = Vec::new();
        while days.len() < DAYS_AGAIN && cursor.advance().await? {
            let id = cursor.current().get_document("_id").ok();
            let path = id.and_then(|id| id.get_str("path").ok());
            let day = id.and_then(|id| whole(id, "day"));
            days.extend(path.map(str::to_owned).zip(day));
        }
        let (mut made, mut left) = (0, SAMPLES);
        for (path, day) in &days {
            if left == 0 {
                break;
            }
            if let Some(samples) = self.day(path, *day).await? {
                made += 1;
                left = left.saturating_sub(samples.max(1));
            }
        }
        Ok(made)
    }

    /// Makes one day's documents. Returns how many samples it read; `None` if the day has to wait.
    async fn day(&self, path: &str, day: i64) -> Result<Option<usize>> {
        let found = self
            .rollups()
            .find_one(doc! { "_id": id(path, day) })
            .projection(doc! { "hours": 0 })
            .max_time(PATIENCE)
            .await?;
        let known = found.as_deref().map(KnownDay::read).unwrap_or_default();
        let until = day_begin(day + 1).min(self.ready).max(known.until);
        let is_fresh = known
            .late
            .is_some_and(|late| late.timestamp_millis() > self.now - QUIET);
        if is_fresh || until <= day_begin(day) {
            return Ok(None);
        }
        let Some(build) = self.gather(path, day, &known, until).await? else {
            self.give_up(path, day, &known).await?;
            return Ok(Some(super::day::MOST));
        };
        let samples = build.count();
        if limit(samples) < known.samples {
            // Samples were removed; what they came to stays.
            let mut update = doc! { "$unset": { "late": "", "again": "" } };
            if known.agents == DayAgents::Unlisted {
                update.insert("$set", doc! { "agents": DayAgents::Unknown.written() });
            }
            self.settle(path, day, &known, update).await?;
            return Ok(Some(samples));
        }
        let made = tokio::task::spawn_blocking(move || build.finish(day, until));
        let made = made
            .await
            .map_err(|error| mongodb::error::Error::custom(error.to_string()))?;
        if let Some(made) = made {
            self.write(path, day, &known, made).await?;
        } else if known.is_stale() {
            let filter = known.filter(path, day);
            self.rollups().delete_one(filter).await?;
        }
        Ok(Some(samples))
    }

    /// Gathers the samples of a day. `None` if there are too many.
    async fn gather(
        &self,
        path: &str,
        day: i64,
        known: &KnownDay,
        until: i64,
    ) -> Result<Option<DayBuild>> {
        let mut build = DayBuild::default();
        let mut from = day_begin(day);
        // What is rolled up of the day already is not read again.
        if !known.is_stale() && known.take_runs(self.reading, path, &mut build).await? {
            from = known.until;
        } else {
            build = DayBuild::default();
        }
        let take =
            |sample: SeriesPoint, agent: Option<String>| build.take(&sample, agent.as_deref());
        if !each_attributed(self.reading, path, (from, until), take).await? {
            return Ok(None);
        }
        if !known.is_stale() && limit(build.count()) < known.samples {
            // Some were removed before it was listed whose they are.
            build = DayBuild::unattributed();
            let take = |sample: SeriesPoint| build.take(&sample, None);
            if !each_sample(self.reading, path, (day_begin(day), until), take).await? {
                return Ok(None);
            }
        }
        Ok(Some(build))
    }

    /// Writes the documents, unless the day has been told of a late sample meanwhile. That of the day
    /// is the last one: those that were not made with it are not read.
    async fn write(
        &self,
        path: &str,
        day: i64,
        known: &KnownDay,
        made: DayDocuments,
    ) -> Result<()> {
        for (agent, rollup, run) in made.parts {
            let id = agent_id(&agent, path, day);
            self.replace(RUNS, id.clone(), run).await?;
            self.replace(ROLLUPS, id, rollup).await?;
        }
        self.replace(RUNS, id(path, day), made.run).await?;
        let update = doc! { "$set": made.rollup, "$unset": { "late": "", "again": "" } };
        if !self.settle(path, day, known, update).await? {
            note(&self.reading.database, &[(day, path.to_owned())]).await?;
        }
        Ok(())
    }

    async fn replace(&self, collection: &str, id: Document, mut by: Document) -> Result<()> {
        by.insert("_id", id.clone());
        self.reading
            .database
            .collection::<Document>(collection)
            .replace_one(doc! { "_id": id }, by)
            .upsert(true)
            .await
            .map(drop)
    }

    /// Changes a day's document if it is as it was known. False if it is not.
    async fn settle(
        &self,
        path: &str,
        day: i64,
        known: &KnownDay,
        update: Document,
    ) -> Result<bool> {
        let done = self
            .rollups()
            .update_one(known.filter(path, day), update)
            .upsert(known.is_new())
            .await;
        match done {
            Ok(done) => Ok(done.matched_count > 0 || done.upserted_id.is_some()),
            Err(error) if is_duplicate(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// There are too many samples. They are read as they are stored.
    async fn give_up(&self, path: &str, day: i64, known: &KnownDay) -> Result<()> {
        let never = DateTime::from_millis(NEVER);
        let update = doc! {
            "$set": { "day": day, "at": super::day::at(day), "late": never },
            "$unset": { "again": "" },
        };
        self.settle(path, day, known, update).await.map(drop)
    }
}

/// The last moment of the year 9999.
pub(super) const NEVER: i64 = 253_402_300_799_999;
