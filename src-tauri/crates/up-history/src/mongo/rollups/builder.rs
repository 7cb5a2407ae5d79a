//! The builder: makes the rollups of a `MongoDB` from the samples that are there, a step at a time, in
//! one of the Ups that write to it. Where it is, the documents themselves say: those of a path are made
//! in the order of its days, so that it goes on behind the last one.

use std::collections::VecDeque;
use std::time::Duration;

use bson::doc;
use mongodb::error::Result;

use super::super::paths::paths;
use super::super::reading::MongoReading;
use super::inserted::InsertedWatch;
use super::progress::{self, take_turn};
use super::recheck::DayRecheck;
use super::step::{BuildStep, SAMPLES};

/// A step ends after so many paths.
const PATHS: usize = 50;

/// Makes rollups.
pub(in super::super) struct RollupBuilder {
    owner: String,
    /// The name of this Up, for people.
    agent: String,
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
    pub(in super::super) fn new(agent: &str, keep: Option<Duration>) -> Self {
        Self {
            agent: agent.to_owned(),
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
        let me = (&*self.owner, &*self.agent);
        let Some(turn) = take_turn(database, me, ahead, self.keep).await? else {
            self.round = None;
            self.done = 0;
            self.inserted = InsertedWatch::default();
            self.recheck = DayRecheck::default();
            return Ok(false);
        };
        let build = BuildStep {
            reading,
            since: turn.since,
            now: turn.now,
            ready: turn.ready,
        };
        let has_more = self.inserted.step(reading, &turn).await?;
        let late = build.late_days().await? + build.days_again().await?;
        if self.round.is_none() && self.done < turn.ready {
            let paths: VecDeque<_> = paths(reading, doc! {}).await?.into();
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
