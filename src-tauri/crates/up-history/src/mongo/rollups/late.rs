//! Late samples: the day that they belong to may be rolled up already. Its document is told before they
//! are written, so that whoever reads it, or is about to make it, knows.

use std::collections::BTreeSet;

use bson::{Bson, Document, doc};
use mongodb::Database;
use mongodb::error::Result;
use up_core::Timestamp;

use super::super::explain::is_refused;
use super::ROLLUPS;
use super::day::{at, day_begin, day_of, id};
use super::progress::{self, DUPLICATE_KEY};
use crate::answer::millis;

/// So many days are told at once.
const BATCH: usize = 500;

/// How often it is tried while others insert the same documents.
const ATTEMPTS: usize = 5;

/// The paths and dates of samples that are about to be written.
#[derive(Debug, Default)]
pub(in super::super) struct LateDays {
    /// With the date of the oldest sample, in milliseconds.
    days: BTreeSet<(i64, String)>,
    oldest: Option<i64>,
}

impl LateDays {
    /// Adds a sample.
    pub(in super::super) fn add(&mut self, path: &str, date: Timestamp) {
        let date = millis(date);
        self.oldest = Some(self.oldest.map_or(date, |oldest| oldest.min(date)));
        let day = (day_of(date), path.to_owned());
        self.days.insert(day);
    }
}

/// Tells the days of which a part may be rolled up. It must be done before the samples are written.
pub(in super::super) async fn note_late(database: &Database, written: LateDays) -> Result<()> {
    let Some(oldest) = written.oldest else {
        return Ok(());
    };
    let closed = match progress::closed(database).await {
        // Who may write samples only: what such an Up writes late is found by those who make rollups.
        Err(error) if is_refused(&error) => return Ok(()),
        closed => closed?,
    };
    if oldest >= closed {
        return Ok(());
    }
    let late: Vec<_> = (written.days.into_iter())
        .filter(|(day, _)| day_begin(*day) < closed)
        .collect();
    match note(database, &late).await {
        Err(error) if is_refused(&error) => Ok(()),
        noted => noted,
    }
}

/// Tells days of late samples.
pub(super) async fn note(database: &Database, days: &[(i64, String)]) -> Result<()> {
    for days in days.chunks(BATCH) {
        let one = |(day, path): &(i64, String)| {
            doc! {
                "q": { "_id": id(path, *day) },
                "u": {
                    "$currentDate": { "late": true },
                    "$setOnInsert": { "day": *day, "at": at(*day) },
                },
                "upsert": true,
            }
        };
        update(database, days.iter().map(one).collect()).await?;
    }
    Ok(())
}

/// A day of which late samples were found that nobody noted.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FoundDay {
    pub(super) path: String,
    pub(super) day: i64,
    /// How many documents there are, if they were counted. Some may be no sample: the same number is
    /// not told again.
    pub(super) counted: Option<i64>,
}

/// Tells days of samples that were found late. They are there already, and the rollup has been read
/// without them: it is read on until it is made anew, because some of its samples may have been removed.
pub(super) async fn note_found(database: &Database, days: &[FoundDay]) -> Result<()> {
    let is_made = || doc! { "$gt": ["$made", Bson::Null] };
    for days in days.chunks(BATCH) {
        let one = |FoundDay { path, day, counted }: &FoundDay| {
            let mut fields = doc! {
                "day": *day,
                "at": at(*day),
                "again": { "$cond": [is_made(), true, "$$REMOVE"] },
                "late": { "$cond": [is_made(), "$late", { "$ifNull": ["$late", "$$NOW"] }] },
            };
            fields.extend(counted.map(|counted| ("counted".to_owned(), Bson::Int64(counted))));
            doc! { "q": { "_id": id(path, *day) }, "u": [{ "$set": fields }], "upsert": true }
        };
        update(database, days.iter().map(one).collect()).await?;
    }
    Ok(())
}

async fn update(database: &Database, updates: Vec<Document>) -> Result<()> {
    let mut command = doc! { "update": ROLLUPS, "updates": updates, "ordered": false };
    // As durable as the samples that come after it.
    if let Some(concern) = database.write_concern() {
        command.insert("writeConcern", bson::serialize_to_bson(concern)?);
    }
    let mut answer = Document::new();
    for _ in 0..ATTEMPTS {
        answer = database.run_command(command.clone()).await?;
        let none = Vec::new();
        let errors = answer.get_array("writeErrors").unwrap_or(&none);
        if !errors.iter().any(is_duplicate) {
            if errors.is_empty() && !answer.contains_key("writeConcernError") {
                return Ok(());
            }
            break;
        }
    }
    Err(mongodb::error::Error::custom(format!(
        "the rollups of late samples cannot be told: {answer}"
    )))
}

/// Two insert it at once: it is there now, and can be told.
fn is_duplicate(error: &Bson) -> bool {
    let code = error
        .as_document()
        .and_then(|error| error.get_i32("code").ok());
    code == Some(DUPLICATE_KEY)
}
