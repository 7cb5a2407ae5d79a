//! Answers the panel's requests about notes. What a page sends is checked and bounded here.

use up_core::{NoteEdit, Timestamp};
use up_engine::{Command, ask_notes, clock, note_edits};
use up_wire::{Note, PanelResponse};

use crate::asking::within_timeout;
use crate::path::check_path;
use crate::state::AppState;

/// The longest message, in bytes, as a page may send it.
const MAX_SENT: usize = 10_000;
/// How far the date of a note may be ahead, in seconds: a person chooses minutes.
const CLOCK_SLACK: f64 = 60.0;

/// What people did with notes since a time. Whichever program does something does it in the embedded
/// history first.
pub(crate) async fn edits(up: &AppState, since: f64) -> Result<PanelResponse, String> {
    if !since.is_finite() {
        return Err("That is no time.".into());
    }
    let stores = up.view.read(|known| known.stores.clone());
    if stores.is_empty() {
        return Err("There is no history now.".into());
    }
    let edits = within_timeout(note_edits(&stores, since)).await?;
    let edits = edits.into_iter().map(|edit| up_wire::NoteEdit {
        removed: edit.removed.map(to_wire),
        added: edit.added.map(to_wire),
    });
    Ok(PanelResponse::NoteEdits(edits.collect()))
}

/// This Up's own notes that concern a path.
pub(crate) async fn own(
    up: &AppState,
    path: &str,
    span: (Timestamp, Timestamp),
) -> Result<Vec<Note>, String> {
    let stores = up.view.read(|known| known.stores.clone());
    let notes = within_timeout(ask_notes(&stores, Some(path), span)).await?;
    Ok(notes.into_iter().map(to_wire).collect())
}

/// Writes, changes or removes a note.
pub(crate) fn edit(up: &AppState, edit: up_wire::NoteEdit) -> Result<(), String> {
    up.command(Command::Note(checked(edit, clock::now())?))
}

/// A note as the panel has it.
pub(crate) fn to_wire(note: up_core::Note) -> Note {
    Note {
        date: note.date,
        path: note.path.clone(),
        message: note.into_message(),
    }
}

fn checked(edit: up_wire::NoteEdit, now: Timestamp) -> Result<NoteEdit, String> {
    let removed = edit.removed.map(|note| from_wire(note, now)).transpose()?;
    let added = edit.added.map(|note| {
        let message = note.message.trim().to_owned();
        let note = from_wire(Note { message, ..note }, now)?;
        if note.message().is_empty() {
            return Err("The note is empty.".to_owned());
        }
        Ok(note)
    });
    let added = added.transpose()?;
    if removed.is_none() && added.is_none() {
        return Err("There is no note in the request.".into());
    }
    Ok(NoteEdit {
        at: now,
        removed,
        added,
    })
}

fn from_wire(note: Note, now: Timestamp) -> Result<up_core::Note, String> {
    if note.message.len() > MAX_SENT {
        return Err(format!("The note is longer than {MAX_SENT} bytes."));
    }
    // A note is of a time that was: the charts show no other.
    if !(0.0..=now + CLOCK_SLACK).contains(&note.date) {
        return Err("A note must be of a time from 1970 on that is not to come.".into());
    }
    note.path.as_deref().map_or(Ok(()), check_path)?;
    Ok(up_core::Note::new(note.message, note.date).about(note.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_795_348_800.0;

    fn note(message: &str, date: f64, path: Option<&str>) -> Note {
        Note {
            message: message.to_owned(),
            date,
            path: path.map(str::to_owned),
        }
    }

    #[test]
    fn a_note_is_some_words_of_a_time_that_was() {
        let check = |note: Option<Note>, expected: Option<&str>| {
            let edit = up_wire::NoteEdit {
                removed: None,
                added: note.clone(),
            };
            let done = checked(edit, NOW).ok();
            let added = done.and_then(|edit| edit.added);
            let message = added.as_ref().map(up_core::Note::message);
            assert_eq!(message, expected, "{note:?}");
        };
        check(
            Some(note("  moved\nrouter ", NOW, None)),
            Some("moved router"),
        );
        check(Some(note("moved", 1.0, Some("/R/a"))), Some("moved"));
        check(Some(note(" \n", NOW, None)), None);
        check(Some(note("\u{202e}", NOW, None)), None);
        check(Some(note(&"x".repeat(MAX_SENT + 1), NOW, None)), None);
        check(Some(note("moved", NOW + 86_400.0, None)), None);
        check(Some(note("moved", -1.0, None)), None);
        check(Some(note("moved", f64::NAN, None)), None);
        check(Some(note("moved", NOW, Some("R"))), None);
        check(None, None);
    }

    #[test]
    fn a_note_takes_the_place_of_another() {
        let edit = up_wire::NoteEdit {
            removed: Some(note("frist", 1.0, None)),
            added: Some(note("first", 2.0, Some("/R/a"))),
        };
        let old = up_core::Note::new("frist", 1.0);
        let new = up_core::Note::new("first", 2.0).about(Some("/R/a".into()));
        assert_eq!(checked(edit, NOW), Ok(NoteEdit::replace(old, new, NOW)));
    }
}
