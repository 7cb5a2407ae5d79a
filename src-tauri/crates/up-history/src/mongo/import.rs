//! Reads the samples and notes of a `MongoDB` that the original, or another Up, wrote, so that they can
//! be added to the embedded history.
//!
//! Documents are read in the order of `_id`, whose index every collection has, a page at a time. A page
//! that fails is asked for again, so that a connection that breaks ends nothing.

use std::time::Duration;

use bson::oid::ObjectId;
use bson::raw::RawDocument;
use bson::{Document, doc};
use tokio::time::sleep;
use up_core::path::is_path;
use up_core::{Note, Timestamp};

use super::document::sample;
use super::fleet::{path_text, text};
use super::notes::read as read_note;
use super::samples::{PATIENCE, limit};
use super::store::MongoStore;
use super::{ANNOTATIONS, STATUSES, UNKNOWNS};
use crate::import::{ImportError, StagedImport, date_problem};
use crate::sample::Point;
use crate::store::StoreError;

/// So many documents are asked for at a time.
const PAGE: usize = 5_000;

/// The most notes that are read.
const NOTES: usize = 100_000;

/// How often a page is asked for again, and after which pause, which grows with each attempt.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// The longest duration that is believed, in seconds.
const LONGEST_DURATION: f64 = 1e6;

/// Why a database could not be imported. Nothing of it was added.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseImportError {
    /// It did not answer.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The samples could not be kept for sorting.
    #[error("{0}")]
    Import(#[from] ImportError),
}

/// What a database has.
pub struct StagedDatabase {
    /// The samples.
    pub samples: StagedImport,
    /// The notes, oldest first.
    pub notes: Vec<Note>,
}

impl MongoStore {
    /// Reads all samples and notes. `below`: a path that the paths of the database are put below.
    /// `progress` is called now and then with the number of samples so far.
    pub async fn stage(
        &self,
        below: &str,
        now: Timestamp,
        progress: &mut dyn FnMut(u64),
    ) -> Result<StagedDatabase, DatabaseImportError> {
        let mut staged = StagedImport::new()?;
        let mut refused = 0_u64;
        for collection in [STATUSES, UNKNOWNS] {
            let mut last = None;
            loop {
                let page = self.page(collection, last, &sample_fields()).await?;
                for document in &page.documents {
                    match read(document, below, now) {
                        Some((path, point)) => staged.put(&path, &point)?,
                        None => refused += 1,
                    }
                }
                progress(staged.total());
                match page.next() {
                    Some(next) => last = Some(next),
                    None => break,
                }
            }
        }
        if refused > 0 {
            staged.remark(format!(
                "left out {refused} document{} whose path, date or status cannot be one",
                if refused == 1 { "" } else { "s" }
            ));
        }
        Ok(StagedDatabase {
            samples: staged,
            notes: self.all_notes(below, now).await?,
        })
    }

    async fn all_notes(&self, below: &str, now: Timestamp) -> Result<Vec<Note>, StoreError> {
        let fields = doc! { "date": 1, "message": text("$message"), "path": path_text("$path") };
        let (mut notes, mut last) = (Vec::new(), None);
        loop {
            let page = self.page(ANNOTATIONS, last, &fields).await?;
            let found = page.documents.iter().filter_map(|one| read_note(one));
            let is_note =
                |note: &Note| date_problem(note.date, now).is_none() && !note.message().is_empty();
            let moved = |note: Note| {
                let path = note.path.as_ref().map(|path| format!("{below}{path}"));
                note.about(path)
            };
            notes.extend(found.filter(is_note).map(moved));
            notes.truncate(NOTES);
            match page.next().filter(|_| notes.len() < NOTES) {
                Some(next) => last = Some(next),
                None => return Ok(notes),
            }
        }
    }

    async fn page(
        &self,
        collection: &str,
        last: Option<ObjectId>,
        fields: &Document,
    ) -> Result<DocumentPage, StoreError> {
        let mut attempt = 0;
        loop {
            match self.page_once(collection, last, fields).await {
                Err(_) if attempt < ATTEMPTS => {
                    attempt += 1;
                    sleep(PAUSE * attempt).await;
                }
                answer => return answer,
            }
        }
    }

    async fn page_once(
        &self,
        collection: &str,
        last: Option<ObjectId>,
        fields: &Document,
    ) -> Result<DocumentPage, StoreError> {
        // The original and Up have ids of this type alone.
        let wanted = if let Some(last) = last {
            doc! { "_id": { "$gt": last } }
        } else {
            doc! { "_id": { "$type": "objectId" } }
        };
        self.query(async |reading| {
            let mut cursor = reading
                .collection(collection)
                .aggregate(vec![
                    doc! { "$match": wanted },
                    doc! { "$sort": { "_id": 1 } },
                    doc! { "$limit": limit(PAGE) },
                    doc! { "$project": fields.clone() },
                ])
                .max_time(PATIENCE)
                .await?;
            let mut documents = Vec::new();
            while documents.len() < PAGE && cursor.advance().await? {
                documents.push(cursor.current().to_owned());
            }
            Ok(DocumentPage { documents })
        })
        .await
    }
}

/// Some documents, in the order of their ids.
struct DocumentPage {
    documents: Vec<bson::RawDocumentBuf>,
}

impl DocumentPage {
    /// The id behind which the next page begins; `None` if this is the last one.
    fn next(&self) -> Option<ObjectId> {
        let last = self.documents.last()?;
        let is_full = self.documents.len() == PAGE;
        is_full.then(|| last.get_object_id("_id").ok()).flatten()
    }
}

/// What of a sample's document is read, and no more than can be used.
fn sample_fields() -> Document {
    let number = |of: &str| doc! { "$cond": [{ "$isNumber": of }, of, "$none"] };
    doc! {
        "path": path_text("$path"),
        "date": number("$date"),
        "up": { "$cond": [{ "$isNumber": "$up" }, "$up", { "$cond": [
            { "$eq": [{ "$type": "$up" }, "null"] }, null, "none",
        ] }] },
        "duration": number("$duration"),
        "cause": { "$cond": [{ "$eq": [{ "$type": "$cause" }, "object"] }, {
            "code": text("$cause.code"), "text": text("$cause.text"),
        }, "$none"] },
    }
}

/// The path and the sample of a document; `None` if it has none.
fn read(document: &RawDocument, below: &str, now: Timestamp) -> Option<(String, Point)> {
    let path = document.get_str("path").ok()?;
    let path = format!("{below}{path}");
    let found = sample(document)?;
    if !is_path(&path) || path == below || date_problem(found.date, now).is_some() {
        return None;
    }
    let duration = Some(found.duration).filter(|duration| *duration <= LONGEST_DURATION);
    let point = Point {
        date: found.date,
        status: found.status,
        duration: duration.unwrap_or_default(),
        cause: found.cause,
    };
    Some((path, point))
}

#[cfg(test)]
mod tests {
    use bson::rawdoc;

    use super::*;

    #[test]
    fn only_samples_are_read() {
        let now = 1_800_000_000.0;
        let check = |document: bson::RawDocumentBuf, expected: Option<(&str, Option<f64>)>| {
            let found = read(&document, "/Old", now);
            let found = found.as_ref().map(|(path, point)| (&**path, point.status));
            assert_eq!(found, expected, "{document:?}");
        };
        check(
            rawdoc! { "path": "/R/a", "up": 1, "date": 1.5 },
            Some(("/Old/R/a", Some(1.0))),
        );
        check(
            rawdoc! { "path": "/R", "up": null, "date": 1.5 },
            Some(("/Old/R", None)),
        );
        check(rawdoc! { "path": "", "up": 1, "date": 1.5 }, None);
        check(rawdoc! { "path": "/R", "up": "none", "date": 1.5 }, None);
        check(rawdoc! { "path": "/R", "up": 2, "date": 1.5 }, None);
        check(rawdoc! { "path": "/R", "up": 1 }, None);
        check(rawdoc! { "path": "/R", "up": 1, "date": 9e9 }, None);
        check(rawdoc! { "up": 1, "date": 1.5 }, None);
    }
}
