//! Notes, and marks of removed notes. A reader of another store, which does not know of a removal yet,
//! leaves out the notes that have a mark here.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};
use serde_json::Value;
use up_core::path::is_path;
use up_core::{Note, NoteEdit, Timestamp};

use super::text::text;
use super::time::{micros, seconds};
use super::{outbox, retention};

/// The columns that [`note`] reads. Texts that are far longer than any of ours are not even read.
macro_rules! columns {
    () => {
        "date, iif(octet_length(message) < 4000000, message, 'a note that is too long'),
         iif(octet_length(path) < 100000, path, '')"
    };
}

/// The newest notes of a span, those that concern a path if there is one (see [`Note::concerns`]).
const WITHIN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notes WHERE date >= ?1 AND date < ?2 AND removed = 0
     AND (?3 IS NULL OR path IN ('', ?3) OR substr(?3, 1, length(path) + 1) = path || '/'
         OR substr(path, 1, length(?3) + 1) = ?3 || '/')
     ORDER BY date DESC, path DESC, message DESC LIMIT 1000"
);

/// The newest changes since a time, and those that one of these targets has not acknowledged.
const CHANGES: &str = concat!(
    "SELECT ",
    columns!(),
    ", removed, changed FROM notes WHERE changed >= ?1
     OR (date, path, message) IN (SELECT at, ifnull(note_path, ''), note FROM outbox
         WHERE note IS NOT NULL AND target IN
             (SELECT id FROM targets WHERE key IN (SELECT value FROM json_each(?2)))
         ORDER BY at DESC LIMIT 1000)
     ORDER BY changed DESC, removed LIMIT 1000"
);

/// Applies an edit of a person, and puts it before everyone who is fed. It is put there even if this
/// store knows it already: another Up may have changed the note in the MongoDB meanwhile.
pub(super) fn edit(
    tx: &Connection,
    edit: &NoteEdit,
    targets: &BTreeMap<String, String>,
) -> rusqlite::Result<()> {
    let came = retention::newest(tx)?;
    let both = [(&edit.removed, true), (&edit.added, false)];
    for (note, is_removed) in both {
        let Some(note) = note else { continue };
        tx.prepare_cached(
            "INSERT INTO notes(date, path, message, changed, removed) VALUES(?1, ?2, ?3, ?4, ?5)
             ON CONFLICT(date, path, message) DO UPDATE SET changed = ?4, removed = ?5",
        )?
        .execute(params![
            micros(note.date),
            note.path.as_deref().unwrap_or_default(),
            note.message(),
            micros(edit.at),
            is_removed
        ])?;
        for (key, agent) in targets {
            outbox::put_note(tx, key, agent, came, note, is_removed)?;
        }
    }
    Ok(())
}

/// Adds a note that another file or database has. One that is here already stays as it is, and so does
/// the mark of one that a person removed here.
pub(super) fn import(
    tx: &Connection,
    note: &Note,
    targets: &BTreeMap<String, String>,
) -> rusqlite::Result<()> {
    let added = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO notes(date, path, message, changed, removed)
             VALUES(?1, ?2, ?3, ?1, 0)",
        )?
        .execute(params![
            micros(note.date),
            note.path.as_deref().unwrap_or_default(),
            note.message()
        ])?;
    if added > 0 {
        let came = retention::newest(tx)?;
        for (key, agent) in targets {
            outbox::put_note(tx, key, agent, came, note, false)?;
        }
    }
    Ok(())
}

/// The notes of a span, oldest first, the newest thousand; those that concern a path if there is one.
pub(super) fn within(
    connection: &Connection,
    path: Option<&str>,
    (from, to): (Timestamp, Timestamp),
) -> rusqlite::Result<Vec<Note>> {
    let mut notes: Vec<Note> = connection
        .prepare_cached(WITHIN)?
        .query_map(params![micros(from), micros(to), path], note)?
        .collect::<rusqlite::Result<_>>()?;
    notes.reverse();
    Ok(notes)
}

/// What people did with notes since a time, if one is asked for, and what these targets, by their keys, do
/// not know yet, in the order in which it was done.
pub(super) fn edits_since(
    connection: &Connection,
    since: Option<Timestamp>,
    targets: &[String],
) -> rusqlite::Result<Vec<NoteEdit>> {
    let since = since.map_or(i64::MAX, micros);
    let targets = Value::from(targets).to_string();
    let edit = |row: &Row<'_>| {
        let (note, at) = (note(row)?, seconds(row.get(4)?));
        Ok(if row.get(3)? {
            NoteEdit::remove(note, at)
        } else {
            NoteEdit::add(note, at)
        })
    };
    let mut edits: Vec<NoteEdit> = connection
        .prepare_cached(CHANGES)?
        .query_map(params![since, targets], edit)?
        .collect::<rusqlite::Result<_>>()?;
    edits.reverse();
    Ok(edits)
}

/// Removes notes and marks of a time before this one that nobody changed since; false if there are none.
pub(super) fn prune(tx: &Connection, before: i64) -> rusqlite::Result<bool> {
    let removed = tx
        .prepare_cached("DELETE FROM notes WHERE date < ?1 AND changed < ?1")?
        .execute([before])?;
    Ok(removed > 0)
}

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    let message = text(row, 1)?.unwrap_or_default();
    let path = text(row, 2)?.filter(|path| is_path(path));
    Ok(Note::new(message, seconds(row.get(0)?)).about(path))
}
