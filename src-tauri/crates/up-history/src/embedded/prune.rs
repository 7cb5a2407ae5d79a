//! Forgetting what is too old, one bounded step after the other, so that nobody who wants to write
//! waits long.

use rusqlite::{Connection, OptionalExtension, params};

use super::acknowledgements;
use super::blocks::ids;
use super::metrics;
use super::notes;
use super::retention::RetentionCut;
use super::rollups;
use super::time::hour;

/// Rows that a step removes.
const STEP: i64 = 5_000;

/// What of the file is free, in pages, before room is given back to the disk.
const SPARE: i64 = 4_096;

/// Removes one step's worth; false when nothing was left to remove. Samples that are recent have been
/// folded before. Samples go by whole days that are rolled up, so that they live up to a day longer
/// than `raw`.
pub(super) fn step(tx: &Connection, cut: RetentionCut) -> rusqlite::Result<bool> {
    let day = rollups::prunable(tx, cut.raw)?;
    let begin = rollups::day_begin(day);
    if samples(tx, begin)? {
        rollups::pruned(tx, day)?;
        return Ok(true);
    }
    let keep = rollups::day_begin(cut.keep);
    Ok(rollups::prune(tx, day, cut.keep, STEP)?
        || metrics::prune(tx, cut.keep, STEP)?
        || rollups::coarsen(tx)?
        || outbox(tx, cut.came)?
        || notes::prune(tx, keep)?
        || acknowledgements::prune(tx, keep)?
        || names(tx, rollups::day_begin(cut.raw), keep)?)
}

fn samples(tx: &Connection, before: i64) -> rusqlite::Result<bool> {
    let block: Option<i64> = tx
        .prepare_cached("SELECT id FROM blocks WHERE last < ?1 ORDER BY id LIMIT 1")?
        .query_row([before], |row| row.get(0))
        .optional()?;
    let Some(block) = block else {
        return Ok(false);
    };
    let (first, end) = ids(block);
    let stop: Option<i64> = tx
        .prepare_cached("SELECT id FROM runs WHERE id >= ?1 AND id < ?2 LIMIT 1 OFFSET ?3")?
        .query_row([first, end, STEP], |row| row.get(0))
        .optional()?;
    tx.prepare_cached("DELETE FROM runs WHERE id >= ?1 AND id < ?2")?
        .execute([first, stop.unwrap_or(end)])?;
    if stop.is_none() {
        tx.prepare_cached("DELETE FROM blocks WHERE id = ?1")?
            .execute([block])?;
    }
    Ok(true)
}

fn outbox(tx: &Connection, came: i64) -> rusqlite::Result<bool> {
    let targets: Vec<i64> = tx
        .prepare_cached("SELECT id FROM targets")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for target in targets {
        let last: Option<i64> = tx
            .prepare_cached(
                "SELECT max(seq) FROM (SELECT seq, came FROM outbox WHERE target = ?1
                 ORDER BY seq LIMIT ?2) WHERE came <= ?3",
            )?
            .query_row(params![target, STEP, came], |row| row.get(0))?;
        if let Some(last) = last {
            tx.prepare_cached("DELETE FROM outbox WHERE target = ?1 AND seq <= ?2")?
                .execute([target, last])?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes paths and causes that nothing kept refers to any more: rollups refer to paths, incidents to
/// both. The outbox
/// may hold samples that are older than `raw`; it is looked through only when there is something to
/// remove.
fn names(tx: &Connection, raw: i64, keep: i64) -> rusqlite::Result<bool> {
    let oldest: Option<i64> = tx
        .prepare_cached("SELECT min(first) FROM blocks")?
        .query_row([], |row| row.get(0))?;
    let raw = oldest.unwrap_or(raw).min(raw);
    let keep = keep.min(raw);
    let mut removed = 0;
    for (table, column, before) in [("paths", "path", keep), ("causes", "cause", raw)] {
        removed += tx
            .prepare_cached(&format!(
                "DELETE FROM {table} WHERE last < ?1
                 AND id NOT IN (SELECT {column} FROM outbox WHERE {column} IS NOT NULL)
                 AND id NOT IN (SELECT {column} FROM incidents WHERE {column} IS NOT NULL)"
            ))?
            .execute([hour(before)])?;
    }
    if removed > 0 {
        // Whoever remembers which number is whose must ask again, in this process or another.
        tx.prepare_cached("UPDATE marks SET names = names + 1")?
            .execute([])?;
    }
    Ok(removed > 0)
}

/// Gives one step's worth of free room back to the disk; false when there is little to give.
pub(super) fn shrink(connection: &Connection) -> rusqlite::Result<bool> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (free, pages) = (number("freelist_count")?, number("page_count")?);
    // What is free is filled again soon, unless far less is written than was.
    if free < SPARE.max(pages / 2) {
        return Ok(false);
    }
    connection.execute_batch("PRAGMA incremental_vacuum(1000)")?;
    Ok(true)
}
