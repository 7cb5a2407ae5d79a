//! Of which paths a `MongoDB` has samples.

use std::collections::BTreeSet;

use bson::Document;
use mongodb::error::Result;

use super::reading::MongoReading;
use super::samples::PATIENCE;
use super::{STATUSES, UNKNOWNS, document};

/// The most paths that are told.
pub(super) const PATHS: usize = 100_000;

/// The paths of the documents that are `wanted`, sorted.
pub(super) async fn paths(reading: &MongoReading, wanted: Document) -> Result<Vec<String>> {
    // `distinct` steps from path to path in the index and reads no documents.
    let of = async |name: &str| {
        reading
            .collection(name)
            .distinct("path", wanted.clone())
            .max_time(PATIENCE)
            .await
    };
    // One after the other: the driver makes values of an answer whole.
    let mut paths = BTreeSet::new();
    for collection in [STATUSES, UNKNOWNS] {
        let found = of(collection).await?;
        paths.extend(found.into_iter().filter_map(document::path));
    }
    Ok(paths.into_iter().take(PATHS).collect())
}
