//! Edits of notes, as they arrive in a `MongoDB`. Several Ups edit the same notes, and an edit is written
//! again after a crash, perhaps when another Up has edited the note meanwhile. So each edit counts once, when
//! it first arrives: a document for each note remembers which edits have arrived, and whether the note is
//! there after the last one.

use bson::oid::ObjectId;
use bson::{DateTime, Document, doc};
use mongodb::error::Result;
use mongodb::{Collection, Database};
use up_core::Note;

use super::document::id;
use super::explain::{is_refused, is_there_already};
use super::notes;

/// A document for each note that was edited.
pub(super) const NOTE_STATES: &str = "note_states";

/// So many of the last edits of a note are remembered. One that is written again is among them, unless
/// other Ups have edited the note as often meanwhile.
const REMEMBERED: i32 = 32;

/// An edit of one note, which waited for the `MongoDB` in the embedded store.
pub(super) struct ArrivingEdit {
    /// The agent that made the edit.
    pub(super) agent: String,
    /// The embedded store where it waited (see [`Embedded::outbox_id`](crate::Embedded)), and its place
    /// there: no other edit has both.
    pub(super) waited: (String, i64),
    /// The note.
    pub(super) note: Note,
    /// True if the note was removed, false if it was written.
    pub(super) is_removed: bool,
}

impl ArrivingEdit {
    /// What the edit is called in the document of its note: the same when it is written again.
    fn name(&self) -> String {
        let did = if self.is_removed { "removed" } else { "wrote" };
        let (outbox, seq) = &self.waited;
        format!("{} {did} {outbox} {seq}", self.agent)
    }
}

/// Makes the note what the edit says, unless the edit has arrived before: then the note stays what the
/// edits since have made of it. False if the note is still there because the user may not remove documents.
pub(super) async fn carry_out(database: &Database, edit: &ArrivingEdit) -> Result<bool> {
    let states = database.collection::<Document>(NOTE_STATES);
    let mut is_removed = match arrive(&states, edit).await {
        // A user who may write nothing else still writes notes.
        Err(error) if is_refused(&error) => return apply(database, edit, edit.is_removed).await,
        arrived => arrived?,
    };
    loop {
        let done = apply(database, edit, is_removed).await?;
        // Another Up may have edited the note in between, and applied that first.
        match state(&states, &edit.note).await? {
            Some(state) if state != is_removed => is_removed = state,
            _ => return Ok(done),
        }
    }
}

/// The notes without those that a person removed here.
pub(super) async fn without_removed(
    database: &Database,
    notes: Vec<(String, Note)>,
) -> Result<Vec<(String, Note)>> {
    let states = database.collection::<Document>(NOTE_STATES);
    let mut left = Vec::with_capacity(notes.len());
    for (agent, note) in notes {
        match state(&states, &note).await {
            Ok(Some(true)) => {}
            Ok(_) => left.push((agent, note)),
            Err(error) if is_refused(&error) => left.push((agent, note)),
            Err(error) => return Err(error),
        }
    }
    Ok(left)
}

/// Remembers the edit. Returns whether the note is removed after the last edit that has arrived.
async fn arrive(states: &Collection<Document>, edit: &ArrivingEdit) -> Result<bool> {
    let (id, name) = (id_of(&edit.note), edit.name());
    let is_new = doc! { "_id": id, "edits": { "$ne": &name } };
    let change = doc! {
        "$set": { "removed": edit.is_removed, "at": DateTime::now() },
        "$push": { "edits": { "$each": [&name], "$slice": -REMEMBERED } },
    };
    loop {
        let arrived = states.update_one(is_new.clone(), change.clone());
        match arrived.upsert(true).await {
            Ok(_) => return Ok(edit.is_removed),
            // The document is there: either it has the edit, or another Up has just made it.
            Err(error) if is_there_already(&error) => {}
            Err(error) => return Err(error),
        }
        let known = states.find_one(doc! { "_id": id, "edits": &name }).await?;
        if let Some(known) = known {
            return Ok(known.get_bool("removed").unwrap_or(edit.is_removed));
        }
    }
}

/// Whether a note is removed; `None` if no edit of it has arrived.
async fn state(states: &Collection<Document>, note: &Note) -> Result<Option<bool>> {
    let found = states.find_one(doc! { "_id": id_of(note) }).await?;
    Ok(found.and_then(|found| found.get_bool("removed").ok()))
}

async fn apply(database: &Database, edit: &ArrivingEdit, is_removed: bool) -> Result<bool> {
    if is_removed {
        return notes::remove(database, &edit.note).await;
    }
    notes::add(database, &edit.agent, &edit.note)
        .await
        .map(|()| true)
}

/// The same for every Up: each has the note from its embedded store, to the microsecond.
fn id_of(note: &Note) -> ObjectId {
    let date = (note.date * 1e6).round() / 1e6;
    let path = note.path.as_deref().unwrap_or_default();
    id(path, note.message(), date)
}
