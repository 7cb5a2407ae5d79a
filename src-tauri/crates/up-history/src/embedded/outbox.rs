//! What a target has not acknowledged yet. A row is put here in the same transaction as the sample
//! itself and leaves when the target has it; until then nothing but `keep` removes it.

use rusqlite::{Connection, OptionalExtension, params};
use up_core::line::one_line;
use up_core::path::{MAX_NAME, MAX_PATH, is_path};
use up_core::{Kind, Note, Timestamp};

use super::read;
use super::recent::SampleRow;
use super::text::{cause, text};
use super::time::{micros, seconds};
use crate::sample::KeptCause;

/// One row for a target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pending {
    /// Its place in the order of arrival.
    pub(crate) seq: i64,
    /// Which Up made it.
    pub(crate) agent: String,
    /// When, Unix seconds, as the embedded store has it: the same in every attempt.
    pub(crate) date: Timestamp,
    /// What it is.
    pub(crate) what: OutboxContent,
}

/// What a row of the outbox holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum OutboxContent {
    /// A sample.
    Sample(PendingSample),
    /// A note that is there now.
    Note(Note),
    /// A note that is no longer there.
    RemovedNote(Note),
}

/// A sample that waits for a target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PendingSample {
    /// Whose.
    pub(crate) path: String,
    /// 0..1, or `None` for unknown.
    pub(crate) status: Option<f64>,
    /// Seconds.
    pub(crate) duration: f64,
    /// Why it was not up.
    pub(crate) cause: Option<KeptCause>,
}

/// Puts samples before a target. `came` is the number of the newest day (see `retention`).
pub(super) fn put_samples(
    tx: &Connection,
    key: &str,
    agent: &str,
    came: i64,
    samples: &[SampleRow],
) -> rusqlite::Result<()> {
    let (target, mut seq) = take_numbers(tx, key, samples.len())?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO outbox(target, seq, agent, at, path, status, duration, cause, came)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for s in samples {
        insert.execute(params![
            target, seq, agent, s.at, s.path, s.status, s.duration, s.cause, came
        ])?;
        seq += 1;
    }
    Ok(())
}

/// Puts a note, or the removal of one, before a target.
pub(super) fn put_note(
    tx: &Connection,
    key: &str,
    agent: &str,
    came: i64,
    note: &Note,
    is_removed: bool,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO state(key, value) VALUES(?1, lower(hex(randomblob(8))))",
    )?
    .execute([ID])?;
    let (target, seq) = take_numbers(tx, key, 1)?;
    tx.prepare_cached(
        "INSERT INTO outbox(target, seq, agent, at, note, note_path, note_removed, came)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        target,
        seq,
        agent,
        micros(note.date),
        note.message(),
        note.path,
        is_removed,
        came
    ])?;
    Ok(())
}

/// What a target has not acknowledged yet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TargetLag {
    /// How many samples and notes.
    pub rows: u64,
    /// The date of the one that has waited longest.
    pub since: Option<Timestamp>,
}

/// The target's number, and the first of `count` sequence numbers that are its alone.
fn take_numbers(tx: &Connection, key: &str, count: usize) -> rusqlite::Result<(i64, i64)> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "INSERT INTO targets(key, next) VALUES(?1, 1 + ?2)
         ON CONFLICT(key) DO UPDATE SET next = next + ?2 RETURNING id, next",
    )?
    .query_row(params![key, count], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)? - count))
    })
}

/// Where the state of the file has its id.
const ID: &str = "outbox";

/// The id of the outbox of this file; `None` if it has none yet.
pub(super) fn id(connection: &Connection) -> rusqlite::Result<Option<String>> {
    read::state(connection, ID)
}

fn target(connection: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM targets WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// The oldest rows of a target.
pub(super) fn next(
    connection: &Connection,
    key: &str,
    most: usize,
) -> rusqlite::Result<Vec<Pending>> {
    let Some(target) = target(connection, key)? else {
        return Ok(Vec::new());
    };
    let mut select = connection.prepare_cached(
        "SELECT o.seq, iif(octet_length(o.agent) < 4000, o.agent, ''), o.at, p.path, o.status,
             o.duration, c.code, iif(octet_length(c.text) < 4000000, c.text, NULL),
             iif(octet_length(o.note) < 4000000, o.note, NULL), o.note_path, o.note_removed
         FROM outbox o LEFT JOIN paths p ON p.id = o.path LEFT JOIN causes c ON c.id = o.cause
         WHERE o.target = ?1 ORDER BY o.seq LIMIT ?2",
    )?;
    select
        .query_map(
            params![target, i64::try_from(most).unwrap_or(i64::MAX)],
            pending,
        )?
        .collect()
}

fn pending(row: &rusqlite::Row<'_>) -> rusqlite::Result<Pending> {
    let date = seconds(row.get(2)?);
    let what = if let Some(message) = text(row, 8)? {
        let note = Note::new(message, date).about(text(row, 9)?.filter(|path| is_path(path)));
        match row.get(10)? {
            Some(true) => OutboxContent::RemovedNote(note),
            Some(false) | None => OutboxContent::Note(note),
        }
    } else {
        OutboxContent::Sample(PendingSample {
            path: text(row, 3)?.unwrap_or_default(),
            status: row.get(4)?,
            duration: seconds(row.get(5)?),
            cause: cause(row, 6, 7)?,
        })
    };
    Ok(Pending {
        seq: row.get(0)?,
        agent: one_line(&text(row, 1)?.unwrap_or_default(), MAX_NAME),
        date,
        what,
    })
}

/// Removes what a target has acknowledged: up to and with this number.
pub(super) fn acknowledge(tx: &Connection, key: &str, seq: i64) -> rusqlite::Result<()> {
    if let Some(target) = target(tx, key)? {
        tx.prepare_cached("DELETE FROM outbox WHERE target = ?1 AND seq <= ?2")?
            .execute([target, seq])?;
    }
    Ok(())
}

/// The first path after this one whose samples were not read from a `MongoDB`.
pub(super) fn path_after(connection: &Connection, path: &str) -> rusqlite::Result<Option<String>> {
    const LONGEST: u32 = MAX_PATH as u32;
    connection
        .prepare_cached(
            "SELECT path FROM paths WHERE path > ?1 AND kind <> ?2 AND octet_length(path) <= ?3
             AND path LIKE '/%' ORDER BY path LIMIT 1",
        )?
        .query_row(params![path, Kind::FLEET.0, LONGEST], |row| row.get(0))
        .optional()
}

/// How many paths there are whose samples were not read from a `MongoDB`, and how many of them come up to
/// and with this one.
pub(super) fn paths_until(connection: &Connection, path: &str) -> rusqlite::Result<(u64, u64)> {
    let count = |row: &rusqlite::Row<'_>, index| -> rusqlite::Result<u64> {
        Ok(row.get::<_, i64>(index)?.unsigned_abs())
    };
    connection
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE path <= ?1) FROM paths
             WHERE kind <> ?2 AND path LIKE '/%'",
        )?
        .query_row(params![path, Kind::FLEET.0], |row| {
            Ok((count(row, 0)?, count(row, 1)?))
        })
}

/// What waits for a target.
pub(super) fn lag(connection: &Connection, key: &str) -> rusqlite::Result<TargetLag> {
    let since = connection
        .prepare_cached(
            "SELECT at FROM outbox WHERE target = (SELECT id FROM targets WHERE key = ?1)
             ORDER BY seq LIMIT 1",
        )?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(TargetLag {
        rows: left(connection, key)?,
        since: since.map(seconds),
    })
}

/// How many rows wait for a target.
pub(super) fn left(connection: &Connection, key: &str) -> rusqlite::Result<u64> {
    let Some(target) = target(connection, key)? else {
        return Ok(0);
    };
    // Numbers have no gaps: rows come and go in order. Counting would read all of them.
    let (first, next): (Option<i64>, i64) = connection
        .prepare_cached(
            "SELECT (SELECT min(seq) FROM outbox WHERE target = ?1), next FROM targets WHERE id = ?1",
        )?
        .query_row([target], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(first.map_or(0, |first| (next - first).unsigned_abs()))
}
