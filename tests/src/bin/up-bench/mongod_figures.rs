//! What a mongod says of itself: its CPU time, memory, connections, and the size of a collection.

use bson::{Document, doc};
use mongodb::Database;

/// The sizes of a collection, in bytes on disk unless it says otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CollectionSize {
    pub(crate) count: f64,
    /// The documents before compression.
    pub(crate) data: f64,
    pub(crate) disk: f64,
    pub(crate) indexes: f64,
}

impl CollectionSize {
    /// Reads it. What the server has in its memory alone is not in it.
    pub(crate) async fn read(database: &Database, collection: &str) -> Self {
        let stats = database.run_command(doc! { "collStats": collection }).await;
        let stats = stats.expect("the statistics of the collection");
        let of = |name: &str| number(&stats, &[name]);
        Self {
            count: of("count"),
            data: of("size"),
            disk: of("storageSize"),
            indexes: of("totalIndexSize"),
        }
    }
}

/// The status of the server.
pub(crate) async fn server(database: &Database) -> Document {
    let status = database.run_command(doc! { "serverStatus": 1 }).await;
    status.expect("the status of the server")
}

/// The time that mongod computed, in seconds.
pub(crate) async fn cpu(database: &Database) -> f64 {
    let status = server(database).await;
    let of = |name: &str| number(&status, &["extra_info", name]);
    (of("user_time_us") + of("system_time_us")) / 1e6
}

/// A number of a document, by the names that lead to it.
pub(crate) fn number(document: &Document, way: &[&str]) -> f64 {
    let (last, way) = way.split_last().expect("a name");
    let mut at = document;
    for name in way {
        at = at.get_document(name).expect("a part of a status");
    }
    match at.get(last) {
        Some(bson::Bson::Int32(number)) => f64::from(*number),
        Some(bson::Bson::Int64(number)) => *number as f64,
        Some(bson::Bson::Double(number)) => *number,
        other => panic!("{last} is no number: {other:?}"),
    }
}
