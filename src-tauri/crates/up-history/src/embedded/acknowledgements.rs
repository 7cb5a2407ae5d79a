//! Acknowledgements of people, kept so that an incident of the past says who knew of it and why. Those in
//! force are among the controls; these are only read.

use rusqlite::{Connection, params};
use up_core::Timestamp;
use up_core::control::{MAX_NOTE, MAX_PERSON};
use up_core::line::one_line;
use up_core::path::{MAX_PATH, is_path};

use super::text::text;
use super::time::{micros, seconds};
use crate::acknowledgement::KeptAcknowledgement;

/// So many are kept at the most, the newest.
const MOST: i64 = 20_000;

/// Keeps acknowledgements. One that is there already stays as it is.
pub(super) fn keep(tx: &Connection, given: &[KeptAcknowledgement]) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT OR IGNORE INTO acknowledgements(at, path, note, person) VALUES(?1, ?2, ?3, ?4)",
    )?;
    for one in given {
        insert.execute(params![micros(one.date), one.path, one.note, one.by])?;
    }
    tx.prepare_cached(
        "DELETE FROM acknowledgements WHERE at <
         (SELECT at FROM acknowledgements ORDER BY at DESC LIMIT 1 OFFSET ?1)",
    )?
    .execute([MOST - 1])?;
    Ok(())
}

/// The acknowledgements of a span, oldest first.
pub(super) fn within(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> rusqlite::Result<Vec<KeptAcknowledgement>> {
    let found = connection
        .prepare_cached(
            "SELECT at, path, note, person FROM acknowledgements WHERE at >= ?1 AND at < ?2
             AND octet_length(path) <= ?3 ORDER BY at, path",
        )?
        .query_map(params![micros(from), micros(to), MAX_PATH as u32], |row| {
            let note = text(row, 2)?.map(|note| one_line(&note, MAX_NOTE));
            let by = text(row, 3)?.map(|by| one_line(&by, MAX_PERSON));
            Ok(KeptAcknowledgement {
                date: seconds(row.get(0)?),
                path: text(row, 1)?.unwrap_or_default(),
                note: note.filter(|note| !note.is_empty()),
                by: by.filter(|by| !by.is_empty()),
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().filter(|one| is_path(&one.path)).collect())
}

/// Removes those of before a time. True if there were some.
pub(super) fn prune(tx: &Connection, before: i64) -> rusqlite::Result<bool> {
    let removed = tx
        .prepare_cached("DELETE FROM acknowledgements WHERE at < ?1")?
        .execute([before])?;
    Ok(removed > 0)
}
