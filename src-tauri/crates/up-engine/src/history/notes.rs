//! Queries about notes. Several stores have the same notes, and an edit is in the embedded store first.

use std::sync::Arc;

use up_core::{Note, NoteEdit, Timestamp};
use up_history::{Store, StoreError};

/// The notes of a span, oldest first; those that concern a path if there is one. They come from the
/// first store that answers, with what waits for that store and for no other one. A store that fails makes
/// the query fail only if every store does.
pub async fn ask_notes(
    stores: &[Arc<dyn Store>],
    path: Option<&str>,
    span: (Timestamp, Timestamp),
) -> Result<Vec<Note>, StoreError> {
    let mut failed = None;
    for store in stores {
        // Before the notes: an edit that reaches the MongoDB in between must be in one of both.
        let edits = waiting_edits(stores, &**store).await;
        match store.notes(path.map(str::to_owned), span).await {
            Ok(mut notes) => {
                drop_equal(&mut notes);
                apply_note_edits(&mut notes, edits, path, span);
                return Ok(notes);
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(Vec::new()), Err)
}

/// The edits since a time, and those that wait for one of these stores. What waits for a `MongoDB` that is
/// not among them is left out: it is for the notes of that one, should it come back.
pub async fn note_edits(
    stores: &[Arc<dyn Store>],
    since: Timestamp,
) -> Result<Vec<NoteEdit>, StoreError> {
    let keys = stores.iter().filter_map(|store| store.target_key());
    let keys: Vec<_> = keys.map(str::to_owned).collect();
    let mut edits = Vec::new();
    for store in stores {
        edits.extend(store.note_edits(Some(since), keys.clone()).await?);
    }
    Ok(edits)
}

/// The edits that wait for a store. An error of the store where they wait is ignored: the notes are then as
/// the store has them.
async fn waiting_edits(stores: &[Arc<dyn Store>], of: &dyn Store) -> Vec<NoteEdit> {
    let Some(key) = of.target_key() else {
        return Vec::new();
    };
    let mut edits = Vec::new();
    for store in stores {
        let found = store.note_edits(None, vec![key.to_owned()]).await;
        edits.extend(found.unwrap_or_default());
    }
    edits
}

/// Leaves one of several equal notes, which several agents may have written.
fn drop_equal(notes: &mut Vec<Note>) {
    let mut kept: Vec<Note> = Vec::with_capacity(notes.len());
    for note in notes.drain(..) {
        let near = kept
            .iter()
            .rev()
            .take_while(|other| note.date - other.date < 1.0);
        if !near.into_iter().any(|other| other.is_same(&note)) {
            kept.push(note);
        }
    }
    *notes = kept;
}

/// Applies edits to notes, as far as they concern the path and the span.
fn apply_note_edits(
    notes: &mut Vec<Note>,
    edits: Vec<NoteEdit>,
    path: Option<&str>,
    (from, to): (Timestamp, Timestamp),
) {
    for edit in edits {
        if let Some(removed) = edit.removed {
            notes.retain(|note| !note.is_same(&removed));
        }
        let added = edit.added.filter(|note| {
            let concerns = path.is_none_or(|path| note.concerns(path));
            concerns && (from..to).contains(&note.date)
        });
        if let Some(added) = added.filter(|added| !notes.iter().any(|note| note.is_same(added))) {
            notes.push(added);
        }
    }
    notes.sort_by(|a, b| a.date.total_cmp(&b.date));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(message: &str, date: f64, path: Option<&str>) -> Note {
        Note::new(message, date).about(path.map(str::to_owned))
    }

    #[test]
    fn what_people_did_is_done_to_the_notes_of_another_store() {
        let check = |edits: Vec<NoteEdit>, expected: &[&str]| {
            let mut notes = vec![note("a", 1.0, None), note("b", 2.0, Some("/R/x"))];
            apply_note_edits(&mut notes, edits, Some("/R/x"), (0.0, 10.0));
            let left: Vec<_> = notes.iter().map(Note::message).collect();
            assert_eq!(left, expected);
        };
        check(vec![], &["a", "b"]);
        check(
            vec![NoteEdit::add(note("a", 1.0004, None), 3.0)],
            &["a", "b"],
        );
        check(
            vec![NoteEdit::add(note("a", 1.0, Some("/R")), 3.0)],
            &["a", "a", "b"],
        );
        check(
            vec![NoteEdit::add(note("c", 1.5, Some("/R")), 3.0)],
            &["a", "c", "b"],
        );
        check(
            vec![NoteEdit::add(note("c", 1.5, Some("/R/y")), 3.0)],
            &["a", "b"],
        );
        check(vec![NoteEdit::add(note("c", 10.0, None), 3.0)], &["a", "b"]);
        check(vec![NoteEdit::remove(note("a", 1.0, None), 3.0)], &["b"]);
        check(
            vec![NoteEdit::remove(note("a", 2.0, None), 3.0)],
            &["a", "b"],
        );
        let moved = NoteEdit::replace(note("a", 1.0, None), note("A", 4.0, None), 3.0);
        check(vec![moved], &["b", "A"]);
    }
}
