//! Rollups: what each path's samples of 5 minutes, an hour and a day come to. They are made of a day's
//! runs once the day is over, made again when late samples come for it, and outlive the samples.
//!
//! Hourly ones lose the histogram and the squares of their durations when the samples of their day go:
//! these would take most of a path's room, and the day's have them. All other counts, sums, minima and
//! maxima stay exact; percentiles of a part of such a day are taken from how the durations of the whole
//! day are spread.
//!
//! Which days are rolled up is a mark that moves forward in bounded steps, in the order of days and,
//! within a day, of paths. A file that has samples and no rollups yet is upgraded by the same steps.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::blocks::{self, Block};
use super::buckets::{Buckets, COARSE_HOURS, DAY, DAYS, FINE, FIVE_MINUTES, HOURS, PATH_BITS};
use super::incidents::{self, JudgedSpan};
use super::ordered::OrderedRows;
use super::recent::SampleRow;
use crate::answer::DurationDetail;

/// Paths of a day that one step rolls up, or whose hours it makes coarse.
const STEP: u32 = 100;

/// A day with fewer samples than this has no five-minute rollups: its samples are read as quickly, and
/// they are there for as long.
const FINE_PAYS: u64 = 30 * (DAY / FIVE_MINUTES) as u64;

/// The day that a time in microseconds lies in, since 1970.
pub(super) fn day(micros: i64) -> i64 {
    micros.div_euclid(DAY * 1_000)
}

/// When a day begins, in microseconds.
pub(super) fn day_begin(day: i64) -> i64 {
    day * DAY * 1_000
}

/// How far the rollups have come, and where the samples begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RollupMarks {
    /// Days before this one are rolled up.
    pub(super) day: i64,
    /// Of that day itself the paths up to and with this number.
    path: i64,
    /// Of days before this one the samples are gone.
    pub(super) pruned: i64,
}

impl RollupMarks {
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let marks = connection
            .prepare_cached("SELECT day, path, pruned FROM marks")?
            .query_row([], |row| {
                Ok(Self {
                    day: row.get(0)?,
                    path: row.get(1)?,
                    pruned: row.get(2)?,
                })
            })
            .optional()?;
        Ok(marks.unwrap_or_default())
    }

    fn write(self, tx: &Connection) -> rusqlite::Result<()> {
        tx.prepare_cached("UPDATE marks SET day = ?1, path = ?2, pruned = ?3")?
            .execute([self.day, self.path, self.pruned])
            .map(drop)
    }

    /// True when this path's samples of that day are rolled up.
    pub(super) fn has(self, day: i64, path: i64) -> bool {
        day < self.day || (day == self.day && path <= self.path)
    }
}

/// Rolls up one step's worth; false when nothing was left to do.
pub(super) fn step(tx: &Connection) -> rusqlite::Result<bool> {
    let mut marks = RollupMarks::read(tx)?;
    // The last sample that came may be a late one.
    let newest: Option<i64> = tx
        .prepare_cached("SELECT max(day) FROM days")?
        .query_row([], |row| row.get(0))?;
    let Some(today) = newest.filter(|today| marks.day < *today) else {
        return coarsen(tx);
    };
    let (begin, end) = (day_begin(marks.day), day_begin(marks.day + 1));
    let blocks = blocks::within(tx, begin, end)?;
    let around = blocks::within(tx, day_begin(marks.day - 1), end)?;
    let paths = paths(tx, &blocks, marks.path)?;
    for path in &paths {
        roll(tx, &blocks, marks.day, *path)?;
        let rows = OrderedRows::folded(*path, day_begin(marks.day - 1), end, &around);
        let settled = end;
        incidents::keep(
            tx,
            *path,
            &rows,
            JudgedSpan {
                begin,
                settled,
                end,
            },
        )?;
    }
    if let Some(last) = paths.last() {
        marks.path = *last;
    } else {
        let next: Option<i64> = tx
            .prepare_cached("SELECT min(first) FROM blocks WHERE first >= ?1")?
            .query_row([day_begin(marks.day + 1)], |row| row.get(0))?;
        marks.day = next.map_or(today, day).min(today);
        marks.path = 0;
    }
    marks.write(tx)?;
    Ok(true)
}

/// Makes the hours of a step's worth of paths and days coarse, of those whose samples are gone; false
/// when nothing was left to do. The day's rollups are packed anew with them.
pub(super) fn coarsen(tx: &Connection) -> rusqlite::Result<bool> {
    let pruned = RollupMarks::read(tx)?.pruned;
    let ids: Vec<i64> = tx
        .prepare_cached("SELECT id FROM rollups_hour WHERE id < ?1 ORDER BY id LIMIT ?2")?
        .query_map(params![pruned << PATH_BITS, STEP], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut remove = tx.prepare_cached("DELETE FROM rollups_hour WHERE id = ?1")?;
    for id in &ids {
        let (day, path) = (id >> PATH_BITS, id & ((1 << PATH_BITS) - 1));
        // What is damaged only goes.
        if let Some(hours) = Buckets::get_kept(tx, (day, HOURS, path), DurationDetail::Spread)? {
            hours.coarse().put(tx, path)?;
        }
        remove.execute([id])?;
        if let Some(whole) = Buckets::get(tx, (day, DAYS, path), DurationDetail::Spread)? {
            whole.put(tx, path)?;
        }
    }
    Ok(!ids.is_empty())
}

/// The next paths that have samples in these blocks.
fn paths(tx: &Connection, blocks: &[Block], after: i64) -> rusqlite::Result<Vec<i64>> {
    let mut found = BTreeSet::new();
    let mut select =
        tx.prepare_cached("SELECT id FROM runs WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3")?;
    for block in blocks {
        let (first, end) = block.ids();
        let ids = select.query_map(params![first + after, end, STEP], |row| {
            row.get::<_, i64>(0)
        })?;
        for id in ids {
            found.insert(id? - first);
        }
    }
    Ok(found.into_iter().take(STEP as usize).collect())
}

/// Rolls up a path's day from its samples.
fn roll(tx: &Connection, blocks: &[Block], number: i64, path: i64) -> rusqlite::Result<()> {
    let rows = OrderedRows::folded(path, day_begin(number), day_begin(number + 1), blocks);
    let mut fine = Buckets::new(number, FINE);
    rows.read(tx, |row| fine.take(row))?;
    let hours = fine.wider(HOURS);
    let whole = hours.wider(DAYS);
    if whole.samples() >= FINE_PAYS {
        fine.put(tx, path)?;
    }
    hours.put(tx, path)?;
    whole.put(tx, path)
}

/// Samples have come that may be late: days that were rolled up are rolled up again. Where the other
/// samples of the day are gone, these are added to its rollups.
pub(super) fn late(tx: &Connection, rows: &[SampleRow]) -> rusqlite::Result<()> {
    let marks = RollupMarks::read(tx)?;
    let days = rows.iter().map(|row| (day(row.at), row.path));
    let late: BTreeSet<_> = days.filter(|(day, path)| marks.has(*day, *path)).collect();
    let mut blocks = (i64::MIN, Vec::new());
    for (number, path) in late {
        if number >= marks.pruned {
            if blocks.0 != number {
                let found = blocks::within(tx, day_begin(number), day_begin(number + 1))?;
                blocks = (number, found);
            }
            roll(tx, &blocks.1, number, path)?;
            continue;
        }
        let mut more: Vec<_> = rows
            .iter()
            .filter(|row| row.path == path && day(row.at) == number)
            .collect();
        more.sort_by_key(|row| row.at);
        for width in [HOURS, DAYS] {
            let mut added = Buckets::new(number, width);
            for row in &more {
                added.take(row);
            }
            let kept = Buckets::get(tx, (number, width, path), DurationDetail::Spread)?;
            let mut buckets = kept.unwrap_or_else(|| Buckets::new(number, width));
            buckets.add(&added);
            buckets.put(tx, path)?;
        }
    }
    judge_late(tx, rows, marks)
}

/// Judges the samples around late ones again.
fn judge_late(tx: &Connection, rows: &[SampleRow], marks: RollupMarks) -> rusqlite::Result<()> {
    // The first and the last one of each path.
    let mut late: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let number = day(row.at);
        if number >= marks.pruned && marks.has(number, row.path) {
            let ends = late.entry(row.path).or_insert((row.at, row.at));
            *ends = (ends.0.min(row.at), ends.1.max(row.at));
        }
    }
    let Some(first) = late.values().map(|ends| ends.0).min() else {
        return Ok(());
    };
    let from = day_begin(day(first) - 1);
    let around = blocks::within(tx, from, i64::MAX)?;
    for (path, (begin, last)) in late {
        let rows = OrderedRows::folded(path, from, i64::MAX, &around);
        let span = JudgedSpan {
            begin,
            settled: last.saturating_add(1),
            end: i64::MAX,
        };
        incidents::keep(tx, path, &rows, span)?;
    }
    Ok(())
}

/// The first and the last day that have rollups of any path.
pub(super) fn extent(connection: &Connection) -> rusqlite::Result<Option<(i64, i64)>> {
    let end = |which: &str| -> rusqlite::Result<Option<i64>> {
        connection
            .prepare_cached(&format!("SELECT {which}(id) FROM rollups_day"))?
            .query_row([], |row| row.get(0))
    };
    Ok(end("min")?
        .zip(end("max")?)
        .map(|(first, last)| (first >> PATH_BITS, last >> PATH_BITS)))
}

/// This day, or the next one that has rollups of any path.
pub(super) fn next_day(connection: &Connection, day: i64) -> rusqlite::Result<Option<i64>> {
    let next: Option<i64> = connection
        .prepare_cached("SELECT min(id) FROM rollups_day WHERE id >= ?1")?
        .query_row([day << PATH_BITS], |row| row.get(0))?;
    Ok(next.map(|id| id >> PATH_BITS))
}

/// Samples of before this day are about to be removed; the same or an earlier day, before which they
/// may be: what is not rolled up stays.
pub(super) fn prunable(tx: &Connection, before: i64) -> rusqlite::Result<i64> {
    Ok(before.min(RollupMarks::read(tx)?.day))
}

/// Notes that samples of before this day are gone.
pub(super) fn pruned(tx: &Connection, before: i64) -> rusqlite::Result<()> {
    let mut marks = RollupMarks::read(tx)?;
    marks.pruned = marks.pruned.max(before);
    marks.write(tx)
}

/// Removes a step's worth of what is too old: five-minute rollups with the samples, the others before
/// `keep`. False when nothing was left.
pub(super) fn prune(tx: &Connection, raw: i64, keep: i64, most: i64) -> rusqlite::Result<bool> {
    for (width, before) in [
        (FINE, raw),
        (HOURS, keep),
        (COARSE_HOURS, keep),
        (DAYS, keep),
    ] {
        let query = format!(
            "DELETE FROM {0} WHERE id IN (SELECT id FROM {0} WHERE id < ?1 LIMIT ?2)",
            width.table
        );
        let removed = tx
            .prepare_cached(&query)?
            .execute([before << PATH_BITS, most])?;
        if removed > 0 {
            return Ok(true);
        }
    }
    let removed = tx
        .prepare_cached("DELETE FROM incidents WHERE until < ?1")?
        .execute([day_begin(keep)])?;
    Ok(removed > 0)
}

/// Begins anew: all days whose samples are there are rolled up again, in steps.
pub(super) fn restart(tx: &Connection) -> rusqlite::Result<()> {
    let mut marks = RollupMarks::read(tx)?;
    marks.day = marks.pruned;
    marks.path = 0;
    marks.write(tx)
}
