//! What a person may want to know of the file itself: its size, what it has, how far the rollups are,
//! and what a target has not received yet.

use rusqlite::{Connection, OptionalExtension, params};
use up_core::Timestamp;

use super::outbox::{self, TargetLag};
use super::rollups::{RollupMarks, day};
use super::time::seconds;
use crate::store::{BackgroundTask, BackgroundWork};

/// The state of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbeddedStatus {
    /// The size in bytes, without the log.
    pub bytes: u64,
    /// How many paths it has.
    pub paths: u64,
    /// The date of the oldest sample that it has itself; `None` when it has none.
    pub first: Option<Timestamp>,
    /// The date of the newest sample.
    pub last: Option<Timestamp>,
    /// The days that are rolled up, of those whose samples are there and that are over.
    pub rolled_up: RollupProgress,
}

/// How far a rebuild or an upgrade is, in days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RollupProgress {
    /// Those that are done.
    pub done: u64,
    /// All of them.
    pub all: u64,
}

impl RollupProgress {
    /// True if nothing is left to do.
    pub fn is_done(self) -> bool {
        self.done >= self.all
    }

    /// The work that is under way. A single day is none: it is rolled up each night, in a moment.
    pub(super) fn work(self) -> Option<BackgroundWork> {
        let lacks_more = self.all.saturating_sub(self.done) > 1;
        lacks_more.then_some(BackgroundWork {
            task: BackgroundTask::RollUp,
            done: self.done,
            all: self.all,
        })
    }
}

pub(super) fn read(connection: &Connection) -> rusqlite::Result<EmbeddedStatus> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let paths: i64 = connection.query_row("SELECT count(*) FROM paths", [], |row| row.get(0))?;
    let ends = ends(connection)?;
    Ok(EmbeddedStatus {
        bytes: pragma("page_count")?
            .saturating_mul(pragma("page_size")?)
            .unsigned_abs(),
        paths: paths.unsigned_abs(),
        first: ends.map(|(first, _)| seconds(first)),
        last: ends.map(|(_, last)| seconds(last)),
        rolled_up: progress(connection)?,
    })
}

/// The dates of the oldest and the newest sample, in microseconds.
fn ends(connection: &Connection) -> rusqlite::Result<Option<(i64, i64)>> {
    connection
        .query_row(
            "SELECT min(first), max(last) FROM (
                 SELECT min(first) AS first, max(last) AS last FROM blocks
                 UNION ALL SELECT min(at), max(at) FROM recent)",
            [],
            |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)),
        )
        .optional()
        .map(|ends| ends.and_then(|(first, last)| first.zip(last)))
}

/// How far the rollups are.
pub(super) fn progress(connection: &Connection) -> rusqlite::Result<RollupProgress> {
    let Some((first, last)) = ends(connection)? else {
        return Ok(RollupProgress::default());
    };
    let marks = RollupMarks::read(connection)?;
    // The last day is not over.
    let count = |before: i64| -> rusqlite::Result<u64> {
        let days: i64 = connection.query_row(
            "SELECT count(*) FROM days WHERE day >= ?1 AND day < ?2",
            params![day(first), before.min(day(last))],
            |row| row.get(0),
        )?;
        Ok(days.unsigned_abs())
    };
    Ok(RollupProgress {
        done: count(marks.day)?,
        all: count(i64::MAX)?,
    })
}

/// What each of these targets has not received yet.
pub(super) fn lags(connection: &Connection, keys: &[String]) -> rusqlite::Result<Vec<TargetLag>> {
    keys.iter()
        .map(|key| outbox::lag(connection, key))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_that_is_just_over_is_no_work() {
        let check = |done, all, expected: Option<(u64, u64)>| {
            let work = RollupProgress { done, all }.work();
            assert_eq!(work.map(|work| (work.done, work.all)), expected);
        };
        check(0, 0, None);
        check(30, 30, None);
        check(29, 30, None);
        check(13, 30, Some((13, 30)));
    }
}
