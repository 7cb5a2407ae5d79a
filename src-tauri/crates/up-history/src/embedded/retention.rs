//! Retention: how far back the history may be removed. A clock can be wrong: ahead for a moment, or in
//! 1970 until the network is there. Removal therefore goes by the days that have samples, and not by
//! the clock alone.
//!
//! A day may be removed when the clock says that it is too old and, besides, one of these holds:
//! - as many later days have samples as the period has days;
//! - since the last run, retention has advanced by at most two days for each day that got its first
//!   samples.
//!
//! A clock that is years ahead for a moment adds one day, so that it removes two days at most. A
//! machine that runs once a week catches up with its clock, more slowly than the clock.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::recent::SampleRow;
use super::rollups::day;

/// By as many days retention advances for each day that got its first samples.
const PACE: i64 = 2;

/// The seconds of a day.
const DAY: u64 = 86_400;

/// The periods of the configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct RetentionPeriods {
    pub(super) raw: Duration,
    pub(super) keep: Duration,
}

/// What may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RetentionCut {
    /// Samples of days before this one.
    pub(super) raw: i64,
    /// Everything of days before this one.
    pub(super) keep: i64,
    /// Rows of the outbox that came when this was the number of the newest day, or earlier.
    pub(super) came: i64,
}

/// Notes the days of samples, and returns the number of the newest day.
pub(super) fn note_days(tx: &Connection, rows: &[SampleRow]) -> rusqlite::Result<i64> {
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO days(day) VALUES(?1)")?;
    for rows in rows.chunk_by(|a, b| day(a.at) == day(b.at)) {
        insert.execute([day(rows[0].at)])?;
    }
    newest(tx)
}

/// The number of the day that got its first samples last; 0 when there is none.
pub(super) fn newest(tx: &Connection) -> rusqlite::Result<i64> {
    tx.prepare_cached("SELECT ifnull(max(number), 0) FROM days")?
        .query_row([], |row| row.get(0))
}

/// Finds what may be removed now, in microseconds since 1970, and remembers it for the next run.
pub(super) fn advance(
    tx: &Connection,
    now: i64,
    periods: RetentionPeriods,
) -> rusqlite::Result<RetentionCut> {
    let newest = newest(tx)?;
    let (last_raw, last_keep, number): (Option<i64>, Option<i64>, i64) = tx
        .prepare_cached("SELECT raw, keep, number FROM retention")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let fresh = newest.saturating_sub(number).max(0);
    let cut = |period: Duration, last: Option<i64>| -> rusqlite::Result<i64> {
        let period_micros = i64::try_from(period.as_micros()).unwrap_or(i64::MAX);
        let by_clock = day(now.saturating_sub(period_micros));
        let by_days = tx
            .prepare_cached("SELECT day FROM days ORDER BY day DESC LIMIT 1 OFFSET ?1")?
            .query_row([whole_days(period) - 1], |row| row.get(0))
            .optional()?;
        let by_pace = last.map(|last| last.saturating_add(fresh.saturating_mul(PACE)));
        let allowed = by_days.max(by_pace).unwrap_or(0);
        Ok(by_clock.min(allowed).max(0))
    };
    let (raw, keep) = (cut(periods.raw, last_raw)?, cut(periods.keep, last_keep)?);
    tx.prepare_cached("UPDATE retention SET raw = ?1, keep = ?2, number = ?3")?
        .execute(params![
            last_raw.max(Some(raw)),
            last_keep.max(Some(keep)),
            newest
        ])?;
    let days = whole_days(periods.keep);
    let came = tx
        .prepare_cached("SELECT number FROM days ORDER BY number DESC LIMIT 1 OFFSET ?1")?
        .query_row([days], |row| row.get(0))
        .optional()?;
    // Twice the period: the age of rows in the outbox is counted in these.
    tx.prepare_cached("DELETE FROM days WHERE number <= ?1 AND day < ?2")?
        .execute([newest.saturating_sub(days.saturating_mul(2)), keep])?;
    Ok(RetentionCut {
        raw,
        keep,
        came: came.unwrap_or(-1),
    })
}

/// The days of a period, the last one begun counting as a whole one.
fn whole_days(period: Duration) -> i64 {
    i64::try_from(period.as_secs().div_ceil(DAY).max(1)).unwrap_or(i64::MAX)
}
