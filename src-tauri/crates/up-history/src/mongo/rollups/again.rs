//! Days that are right as they are rolled up, but are asked to be made anew from their samples. Until
//! they are, they are read as they are.

use bson::{Document, RawDocumentBuf, doc};
use mongodb::Database;
use mongodb::error::Result;

use super::ROLLUPS;

/// Asks for the days of these documents. Returns how many there are.
pub(super) async fn ask_again(database: &Database, mut wanted: Document) -> Result<u64> {
    // No parts of agents, and none that wait anyway.
    wanted.insert("day", doc! { "$exists": true });
    let done = database
        .collection::<RawDocumentBuf>(ROLLUPS)
        .update_many(wanted, doc! { "$set": { "again": true } })
        .await?;
    Ok(done.matched_count)
}
