//! Notes in a `MongoDB`, in the original's collection `annotations`. A note of Up's may name a path; one
//! without a path, as the original wrote them, is about everything.

use bson::raw::RawDocument;
use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::Database;
use mongodb::error::Result;
use up_core::path::is_path;
use up_core::{Note, Timestamp};

use super::ANNOTATIONS;
use super::cursor::gather;
use super::document::{at, id, number};
use super::explain::{is_refused, is_there_already};
use super::fleet::at_or_below;
use super::reading::MongoReading;
use super::samples::{PATIENCE, limit};

/// The most notes in one answer.
const NOTES: usize = 1_000;

/// The dates of one note differ by less than this, in seconds: the embedded store keeps microseconds.
const SAME: f64 = 1e-3;

/// A note as an agent writes it.
fn written(agent: &str, note: &Note) -> Document {
    let of = match &note.path {
        Some(path) => format!("{}\0{path}", note.message()),
        None => note.message().to_owned(),
    };
    let mut document = doc! {
        "_id": id(agent, &of, note.date), "message": note.message(), "date": note.date,
        "at": at(note.date), "agent": agent,
    };
    if let Some(path) = &note.path {
        document.insert("path", path);
    }
    document
}

/// A note, whoever wrote it; `None` when it has no date or no message.
pub(super) fn read(document: &RawDocument) -> Option<Note> {
    let date = number(document, "date")?;
    let path = document.get_str("path").ok().filter(|path| is_path(path));
    let note = Note::new(document.get_str("message").ok()?, date);
    Some(note.about(path.map(str::to_owned)))
}

/// Writes a note if it is not there, whoever wrote it.
pub(super) async fn add(database: &Database, agent: &str, note: &Note) -> Result<()> {
    if !same(database, note).await?.is_empty() {
        return Ok(());
    }
    let collection = database.collection::<Document>(ANNOTATIONS);
    // Another run of this agent may write the same at the same time.
    match collection.insert_one(written(agent, note)).await {
        Err(error) if !is_there_already(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Removes a note, whoever wrote it. False if it is still there because the user may not remove documents:
/// that is no error, because what waits behind the removal must not wait for ever.
pub(super) async fn remove(database: &Database, note: &Note) -> Result<bool> {
    let ids = same(database, note).await?;
    if ids.is_empty() {
        return Ok(true);
    }
    let collection = database.collection::<Document>(ANNOTATIONS);
    match collection.delete_many(doc! { "_id": { "$in": ids } }).await {
        Err(error) if is_refused(&error) => Ok(false),
        done => done.map(|_| true),
    }
}

/// The ids of the documents that are this note. They are compared as they are read: what others wrote
/// may be no single line.
async fn same(database: &Database, note: &Note) -> Result<Vec<Bson>> {
    let within = doc! { "$gte": note.date - SAME, "$lt": note.date + SAME };
    let found = database
        .collection::<RawDocumentBuf>(ANNOTATIONS)
        .find(doc! { "date": within })
        .projection(doc! { "message": 1, "date": 1, "path": 1 })
        .limit(limit(NOTES))
        .max_time(PATIENCE)
        .await?;
    let is_it = |other: &Note| other.message() == note.message() && other.path == note.path;
    gather(found, NOTES, |document| {
        read(document).filter(is_it)?;
        Bson::try_from(document.get("_id").ok()??).ok()
    })
    .await
}

/// The notes of a span, oldest first, the newest thousand; those that concern a path if there is one.
/// For one agent, a note of another about a path is left out: it is about a path of the other.
pub(super) async fn within(
    reading: &MongoReading,
    path: Option<&str>,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Note>> {
    let mut wanted = doc! { "date": { "$gte": from, "$lt": to } };
    if let Some(path) = path {
        let above: Vec<&str> = path
            .match_indices('/')
            .skip(1)
            .map(|(end, _)| &path[..end])
            .collect();
        let concerning = vec![
            doc! { "path": null },
            doc! { "path": { "$in": above } },
            at_or_below(path),
        ];
        wanted.insert("$or", concerning);
    }
    if let Some(agent) = reading.agent.as_deref() {
        let own = doc! { "$or": [{ "path": null }, { "agent": agent }] };
        wanted.insert("$and", vec![own]);
    }
    let found = reading
        .database
        .collection::<RawDocumentBuf>(ANNOTATIONS)
        .find(wanted)
        .projection(doc! { "_id": 0, "message": 1, "date": 1, "path": 1 })
        .sort(doc! { "date": -1 })
        .limit(limit(NOTES))
        .max_time(PATIENCE)
        .await?;
    let mut notes = gather(found, NOTES, read).await?;
    notes.reverse();
    Ok(notes)
}
