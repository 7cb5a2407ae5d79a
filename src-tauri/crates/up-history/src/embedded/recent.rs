//! What has just come: rows in the order of arrival, so that each commit writes a page or two. When
//! many have gathered, or their hour is over, they are folded: sorted and put where they stay.

use rusqlite::{Connection, OptionalExtension, params};

use super::blocks;
use super::metrics;
use super::rollups;
use super::time::{hour, hour_begin};

/// As many rows gather before they are folded; a reader looks through them all.
pub(super) const FULL: i64 = 50_000;

/// An hour is folded so long after its end, for those who are late. Microseconds.
const LATE: i64 = 60_000_000;

/// A sample with its names as numbers and its times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SampleRow {
    pub(super) path: i64,
    pub(super) at: i64,
    pub(super) status: Option<f64>,
    pub(super) duration: i64,
    pub(super) cause: Option<i64>,
}

impl SampleRow {
    /// Its date in milliseconds.
    pub(super) fn millis(&self) -> i64 {
        (self.at + 500).div_euclid(1_000)
    }

    /// Its status. A file that others edited may have any number there.
    pub(super) fn known_status(&self) -> Option<f64> {
        self.status.filter(|status| (0.0..=1.0).contains(status))
    }
}

/// As many rows are folded at once.
const FOLDED: i64 = 500_000;

/// Adds rows.
fn put(tx: &Connection, rows: &[SampleRow]) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO recent(path, at, status, duration, cause) VALUES(?1, ?2, ?3, ?4, ?5)",
    )?;
    for r in rows {
        insert.execute(params![r.path, r.at, r.status, r.duration, r.cause])?;
    }
    Ok(())
}

/// So many rows that come at once do not lie here first, as far as their hours are over: they would be
/// written to the disk several times over.
const BULK: usize = 5_000;

/// Adds rows, and folds those of hours that are over if there are many; true if it did.
pub(super) fn add(tx: &Connection, rows: &[SampleRow]) -> rusqlite::Result<bool> {
    let newest = rows.iter().map(|row| row.at).max();
    let Some(newest) = newest.filter(|_| rows.len() >= BULK) else {
        return put(tx, rows).map(|()| false);
    };
    let ended = hour_begin(hour(newest - LATE));
    let (over, young): (Vec<_>, Vec<_>) = rows.iter().copied().partition(|row| row.at < ended);
    tx.execute_batch("SAVEPOINT bulk")?;
    // What cannot be folded now lies here, as what comes one by one does.
    if fold_with(tx, ended, over).is_err() {
        tx.execute_batch("ROLLBACK TO bulk; RELEASE bulk")?;
        return put(tx, rows).map(|()| false);
    }
    tx.execute_batch("RELEASE bulk")?;
    put(tx, &young).map(|()| true)
}

/// Folds what is due.
pub(super) fn fold(tx: &Connection, full: i64) -> rusqlite::Result<()> {
    match due(tx, full)? {
        Some(before) => fold_before(tx, before),
        None => Ok(()),
    }
}

/// Folds what is older than this. A row that somebody else put there in another form is left out, so
/// that it does not keep all others from being folded.
pub(super) fn fold_before(tx: &Connection, before: i64) -> rusqlite::Result<()> {
    fold_with(tx, before, Vec::new())
}

/// The same together with rows that do not lie here.
fn fold_with(tx: &Connection, before: i64, more: Vec<SampleRow>) -> rusqlite::Result<()> {
    let last: Option<i64> = tx
        .prepare_cached("SELECT max(id) FROM (SELECT id FROM recent ORDER BY id LIMIT ?1)")?
        .query_row([FOLDED], |row| row.get(0))?;
    let mut rows = tx
        .prepare_cached(
            "SELECT path, at, status, duration, cause FROM recent WHERE at < ?1
             AND id <= ?2 AND typeof(path) = 'integer' AND path BETWEEN 0 AND (1 << 24) - 1
             AND typeof(at) = 'integer' AND at >= 0 AND typeof(duration) = 'integer'
             AND typeof(status) IN ('real', 'null') AND typeof(cause) IN ('integer', 'null')",
        )?
        .query_map(params![before, last], row)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    rows.extend(more);
    metrics::fold_before(tx, before)?;
    blocks::insert(tx, &mut rows)?;
    rollups::late(tx, &rows)?;
    tx.prepare_cached("DELETE FROM recent WHERE at < ?1 AND id <= ?2")?
        .execute(params![before, last])?;
    Ok(())
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<SampleRow> {
    Ok(SampleRow {
        path: row.get(0)?,
        at: row.get(1)?,
        status: row.get(2)?,
        duration: row.get(3)?,
        cause: row.get(4)?,
    })
}

/// Hands out all rows that have not been folded, in the order of arrival.
pub(super) fn all(
    connection: &Connection,
    mut take: impl FnMut(SampleRow),
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(
        "SELECT path, at, status, duration, cause FROM recent WHERE typeof(path) = 'integer'
         AND typeof(at) = 'integer' AND typeof(duration) = 'integer'
         AND typeof(status) IN ('real', 'null') AND typeof(cause) IN ('integer', 'null')
         ORDER BY id",
    )?;
    let mut rows = select.query([])?;
    while let Some(found) = rows.next()? {
        take(row(found)?);
    }
    Ok(())
}

/// A path's rows that have not been folded.
pub(super) fn of_path(connection: &Connection, path: i64) -> rusqlite::Result<Vec<SampleRow>> {
    connection
        .prepare_cached(
            "SELECT path, at, status, duration, cause FROM recent WHERE path = ?1 ORDER BY id",
        )?
        .query_map([path], row)?
        .collect()
}

/// Rows of before this time are due, if any are. Looks at the two ends only.
pub(super) fn due(tx: &Connection, full: i64) -> rusqlite::Result<Option<i64>> {
    let end = |order: &str| {
        tx.prepare_cached(&format!(
            "SELECT id, at FROM recent ORDER BY id {order} LIMIT 1"
        ))?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()
    };
    let (Some((first, oldest)), Some((last, newest))) = (end("ASC")?, end("DESC")?) else {
        return Ok(None);
    };
    if last - first >= full {
        return Ok(Some(i64::MAX));
    }
    let ended = hour_begin(hour(newest - LATE));
    Ok((oldest < ended).then_some(ended))
}
