//! The builder: makes the rollups of a `MongoDB` from the samples that are there, a step at a time, in
//! one of the Ups that write to it. Where it is, the documents themselves say: those of a path are made
//! in the order of its days, so that it goes on behind the last one.

use std::collections::VecDeque;
use std::time::Duration;

use bson::raw::RawDocument;
use bson::{DateTime, Document, RawDocumentBuf, doc};
use mongodb::error::Result;

use super::super::paths::paths;
use super::super::reading::MongoReading;
use super::super::samples::{PATIENCE, SeriesPoint, each_stored, first_stored, limit};
use super::day::{DayBuild, day_begin, day_of, id, ids, whole};
use super::inserted::InsertedWatch;
use super::late::note;
use super::progress::{self, QUIET, is_duplicate, take_turn};
use super::read::each_sample;
use super::recheck::DayRecheck;
use super::{ROLLUPS, RUNS};
use crate::answer::millis;

/// A step ends after so many samples, and after so many paths.
const SAMPLES: usize = 20_000;
const PATHS: usize = 50;

/// So many late days are made anew in a step.
const LATE_DAYS: usize = 20;

/// Makes rollups.
pub(in super::super) struct RollupBuilder {
    owner: String,
    /// How long rollups are kept, in milliseconds; `None`: for ever.
    keep: Option<i64>,
    round: Option<BuildRound>,
    /// Every path's samples before this time are rolled up, in milliseconds.
    done: i64,
    inserted: InsertedWatch,
    recheck: DayRecheck,
}

/// One pass over all paths.
struct BuildRound {
    ready: i64,
    paths: VecDeque<String>,
    all: usize,
}

impl RollupBuilder {
    pub(in super::super) fn new(keep: Option<Duration>) -> Self {
        Self {
            keep: keep.map(|keep| i64::try_from(keep.as_millis()).unwrap_or(i64::MAX)),
            owner: bson::oid::ObjectId::new().to_hex(),
            round: None,
            done: 0,
            inserted: InsertedWatch::default(),
            recheck: DayRecheck::default(),
        }
    }

    /// Does a step's worth, as if the server's clock were ahead by so many milliseconds. False when
    /// nothing is left to do now, or it is another one's turn.
    pub(in super::super) async fn step(
        &mut self,
        reading: &MongoReading,
        ahead: i64,
    ) -> Result<bool> {
        let database = &reading.database;
        let Some(turn) = take_turn(database, &self.owner, ahead, self.keep).await? else {
            self.round = None;
            self.done = 0;
            self.inserted = InsertedWatch::default();
            self.recheck = DayRecheck::default();
            return Ok(false);
        };
        let build = Build {
            reading,
            since: turn.since,
            now: turn.now,
            ready: turn.ready,
        };
        let has_more = self.inserted.step(reading, &turn).await?;
        let late = build.late_days().await?;
        if self.round.is_none() && self.done < turn.ready {
            let paths: VecDeque<_> = paths(reading, reading.filter(doc! {})).await?.into();
            self.round = Some(BuildRound {
                ready: turn.ready,
                all: paths.len(),
                paths,
            });
        }
        let Some(round) = &mut self.round else {
            let has_more = self.recheck.step(reading, &turn).await? || has_more;
            return Ok(has_more || late > 0);
        };
        let mut left = SAMPLES;
        for _ in 0..PATHS {
            let Some(path) = round.paths.front() else {
                break;
            };
            if !build.path(path, &mut left).await? {
                break;
            }
            round.paths.pop_front();
        }
        let (all, done) = (round.all, round.all - round.paths.len());
        let fields = doc! { "paths": number(all), "done": number(done), "done_until": round.ready };
        progress::tell(database, fields).await?;
        if round.paths.is_empty() {
            self.done = round.ready;
            self.round = None;
        }
        Ok(true)
    }
}

fn number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What a step works with.
struct Build<'d> {
    reading: &'d MongoReading,
    /// Older samples are not rolled up.
    since: i64,
    /// The time by the server's clock, in milliseconds.
    now: i64,
    /// Samples before this time may be rolled up.
    ready: i64,
}

impl Build<'_> {
    fn rollups(&self) -> mongodb::Collection<RawDocumentBuf> {
        self.reading.collection(ROLLUPS)
    }

    /// Rolls up what of a path is not, in the order of its days. False if some is left for another step.
    async fn path(&self, path: &str, left: &mut usize) -> Result<bool> {
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
    async fn late_days(&self) -> Result<usize> {
        let quiet = DateTime::from_millis(self.now - QUIET);
        let mut cursor = self
            .rollups()
            .find(doc! { "late": { "$lt": quiet }, "day": { "$lt": day_of(self.ready) + 1 } })
            .projection(doc! { "_id": 1, "until": 1 })
            .limit(limit(LATE_DAYS))
            .max_time(PATIENCE)
            .await?;
        let mut days = Vec::new();
        while days.len() < LATE_DAYS && cursor.advance().await? {
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

    /// Makes one day's documents. Returns how many samples it read; `None` if the day has to wait.
    async fn day(&self, path: &str, day: i64) -> Result<Option<usize>> {
        let found = self
            .rollups()
            .find_one(doc! { "_id": id(path, day) })
            .projection(doc! { "late": 1, "made": 1, "until": 1, "samples": 1 })
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
        let mut build = DayBuild::default();
        let mut is_whole = true;
        let take = |sample: SeriesPoint| {
            is_whole = build.take(&sample);
            is_whole
        };
        let span = (day_begin(day), until);
        if known.late.is_some() {
            each_stored(self.reading, path, span, take).await?;
        } else {
            // What is rolled up of the day already is not read again.
            each_sample(self.reading, path, span, take).await?;
        }
        let samples = build.count();
        if !is_whole {
            self.give_up(path, day, &known).await?;
            return Ok(Some(samples));
        }
        if number(samples) < known.samples {
            // Samples were removed; what they came to stays.
            self.settle(path, day, &known, doc! { "$unset": { "late": "" } })
                .await?;
            return Ok(Some(samples));
        }
        let made = tokio::task::spawn_blocking(move || build.finish(day, until));
        let made = made
            .await
            .map_err(|error| mongodb::error::Error::custom(error.to_string()))?;
        if let Some((rollup, run)) = made {
            self.write(path, day, &known, (rollup, run)).await?;
        } else if known.late.is_some() {
            let filter = known.filter(path, day);
            self.rollups().delete_one(filter).await?;
        }
        Ok(Some(samples))
    }

    /// Writes both documents, unless the day has been told of a late sample meanwhile.
    async fn write(
        &self,
        path: &str,
        day: i64,
        known: &KnownDay,
        (rollup, mut run): (Document, Document),
    ) -> Result<()> {
        run.insert("_id", id(path, day));
        let database = &self.reading.database;
        database
            .collection::<Document>(RUNS)
            .replace_one(doc! { "_id": id(path, day) }, run)
            .upsert(true)
            .await?;
        let update = doc! { "$set": rollup, "$unset": { "late": "" } };
        if !self.settle(path, day, known, update).await? {
            note(database, &[(day, path.to_owned())]).await?;
        }
        Ok(())
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
        let update = doc! { "$set": { "day": day, "at": super::day::at(day), "late": never } };
        self.settle(path, day, known, update).await.map(drop)
    }
}

/// The last moment of the year 9999.
const NEVER: i64 = 253_402_300_799_999;

/// What a day's document said before it was made anew.
#[derive(Default)]
struct KnownDay {
    late: Option<DateTime>,
    made: Option<i64>,
    until: i64,
    samples: i64,
}

impl KnownDay {
    fn read(document: &RawDocument) -> Self {
        Self {
            late: document.get_datetime("late").ok(),
            made: whole(document, "made"),
            until: whole(document, "until").unwrap_or_default(),
            samples: whole(document, "samples").unwrap_or_default(),
        }
    }

    fn is_new(&self) -> bool {
        self.late.is_none() && self.made.is_none()
    }

    /// The document, as long as it says the same.
    fn filter(&self, path: &str, day: i64) -> Document {
        let absent = || doc! { "$exists": false };
        let mut filter = doc! { "_id": id(path, day) };
        match self.late {
            Some(late) => filter.insert("late", late),
            None => filter.insert("late", absent()),
        };
        match self.made {
            Some(made) => filter.insert("made", made),
            None => filter.insert("made", absent()),
        };
        filter
    }
}
