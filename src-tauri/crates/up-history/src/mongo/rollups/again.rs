//! Days that are right as they are rolled up, but are asked to be made anew from their samples. Until
//! they are, they are read as they are.

use bson::{Document, RawDocumentBuf, doc};
use mongodb::Database;
use mongodb::error::Result;

use super::super::samples::PATIENCE;
use super::ROLLUPS;
use super::day::ids;

/// Asks for the days of these documents. Returns how many there are.
pub(in super::super) async fn ask_again(database: &Database, mut wanted: Document) -> Result<u64> {
    // No parts of agents, and none that are not made yet, or are made anew in any case.
    wanted.insert("late", doc! { "$exists": false });
    wanted.insert("day", doc! { "$exists": true });
    wanted.insert("until", doc! { "$exists": true });
    let done = database
        .collection::<RawDocumentBuf>(ROLLUPS)
        .update_many(wanted, doc! { "$set": { "again": true } })
        .await?;
    Ok(done.matched_count)
}

/// The days of a path and of all below it; all days if none is named.
pub(in super::super) fn days_below(path: Option<&str>) -> Document {
    let Some(path) = path else {
        return doc! {};
    };
    // `0` is the character behind `/`. Ids are compared field by field.
    let one = ids(path, (i64::MIN, i64::MAX));
    let below = doc! { "_id": { "$gte": { "path": format!("{path}/") }, "$lt": {
        "path": format!("{path}0"),
    } } };
    doc! { "$or": [one, below] }
}

/// How many days wait.
pub(in super::super) async fn count_again(database: &Database) -> Result<u64> {
    database
        .collection::<RawDocumentBuf>(ROLLUPS)
        .count_documents(doc! { "again": true })
        .max_time(PATIENCE)
        .await
}
