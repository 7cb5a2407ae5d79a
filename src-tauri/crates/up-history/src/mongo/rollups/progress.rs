//! How far the rollups of a `MongoDB` are: one document, which also says whose turn it is to make them.
//! All times in it are by the clock of the server.

use std::time::{SystemTime, UNIX_EPOCH};

use bson::raw::RawDocument;
use bson::{Document, RawDocumentBuf, doc, rawdoc};
use mongodb::Database;
use mongodb::error::{ErrorKind, Result};
use mongodb::options::ReturnDocument;

use super::super::samples::PATIENCE;
use super::ROLLUPS;
use super::day::{HOUR, day_begin, day_of, whole};

/// Its `_id`.
const PROGRESS: &str = "progress";

/// For how long an Up that makes rollups is awaited before another one does, in milliseconds.
const TURN: i64 = 60_000;

/// Samples are awaited for so long before they are rolled up, in milliseconds.
const GRACE: i64 = 120_000;

/// Samples of so long are rolled up at once, in milliseconds.
const STRETCH: i64 = 2 * HOUR;

/// An attempt to write samples takes no longer, in milliseconds. After this time all whose writer did
/// not know of a change of this document are written, or will be written again.
pub(super) const QUIET: i64 = 60_000;

/// The server's code for an `_id` that is there.
pub(super) const DUPLICATE_KEY: i32 = 11_000;

/// A turn to make rollups, and how far they are. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RollupTurn {
    /// The time now, ahead of the clock of the server by [`Self::ahead`].
    pub(super) now: i64,
    pub(super) ahead: i64,
    /// Older samples are not rolled up.
    pub(super) since: i64,
    /// Samples before this time may be rolled up.
    pub(super) ready: i64,
    /// What was inserted before this time has been looked at.
    pub(super) seen: Option<i64>,
    /// When the days were last begun to be counted.
    pub(super) recheck_at: Option<i64>,
    /// The last path whose days are counted; `None` when all are.
    pub(super) rechecked: Option<String>,
}

/// Takes the turn to make rollups, or keeps it, and moves forward what may be rolled up. `None` when it
/// is another one's turn. The server's clock is taken to be ahead by so many milliseconds.
pub(super) async fn take_turn(
    database: &Database,
    (owner, agent): (&str, &str),
    ahead: i64,
    keep: Option<i64>,
) -> Result<Option<RollupTurn>> {
    // `$$NOW` is a date; the numbers are its milliseconds.
    let now = doc! { "$add": [{ "$toLong": "$$NOW" }, ahead] };
    let older = |field: &str| doc! { "$ifNull": [field, 0_i64] };
    let over = doc! { "$subtract": ["$now", { "$add": [GRACE, { "$mod": [
        { "$subtract": ["$now", GRACE] }, STRETCH,
    ] }] }] };
    let is_quiet = doc! { "$gte": [{ "$subtract": ["$now", older("$closed_at")] }, QUIET] };
    let advance = doc! { "$gt": ["$over", older("$closed")] };
    let steps = vec![
        doc! { "$set": {
            "now": now.clone(), "owner": { "$literal": owner }, "agent": { "$literal": agent },
        } },
        doc! { "$set": { "over": over, "turn": { "$add": ["$now", TURN] } } },
        // What was closed long enough ago may be rolled up; then more is closed.
        doc! { "$set": { "ready": {
            "$cond": [is_quiet, older("$closed"), older("$ready")],
        } } },
        doc! { "$set": {
            "closed_at": { "$cond": [advance.clone(), "$now", "$closed_at"] },
            "closed": { "$cond": [advance, "$over", "$closed"] },
        } },
        doc! { "$unset": "over" },
    ];
    let free = doc! { "$or": [
        { "$eq": ["$owner", { "$literal": owner }] },
        { "$lt": [older("$turn"), now] },
    ] };
    let rollups = database.collection::<RawDocumentBuf>(ROLLUPS);
    let turn = async || {
        rollups
            .find_one_and_update(
                doc! { "_id": PROGRESS, "$expr": free.clone() },
                steps.clone(),
            )
            .return_document(ReturnDocument::After)
            .await
    };
    let mut taken = turn().await?;
    if taken.is_none() {
        taken = match rollups.insert_one(rawdoc! { "_id": PROGRESS }).await {
            Ok(_) => turn().await?,
            // It is there, and another one's.
            Err(error) if is_duplicate(&error) => None,
            Err(error) => return Err(error),
        };
    }
    let Some(turn) = taken.and_then(|taken| read(&taken, ahead, keep)) else {
        return Ok(None);
    };
    tell(database, doc! { "since": turn.since, "keep": keep }).await?;
    Ok(Some(turn))
}

fn read(document: &RawDocument, ahead: i64, keep: Option<i64>) -> Option<RollupTurn> {
    let now = whole(document, "now")?;
    Some(RollupTurn {
        now,
        ahead,
        since: keep.map_or(0, |keep| kept_since(now, keep)),
        ready: whole(document, "ready")?,
        seen: whole(document, "seen"),
        recheck_at: whole(document, "recheck_at"),
        rechecked: document.get_str("rechecked").ok().map(str::to_owned),
    })
}

/// The document; `None` where nobody made rollups.
pub(super) async fn found(database: &Database) -> Result<Option<RawDocumentBuf>> {
    database
        .collection::<RawDocumentBuf>(ROLLUPS)
        .find_one(doc! { "_id": PROGRESS })
        .max_time(PATIENCE)
        .await
}

/// Samples before this time are late, in milliseconds; 0 where nobody makes rollups.
pub(super) async fn closed(database: &Database) -> Result<i64> {
    let found = database
        .collection::<RawDocumentBuf>(ROLLUPS)
        .find_one(doc! { "_id": PROGRESS })
        .projection(doc! { "closed": 1 })
        .await?;
    Ok(found
        .and_then(|found| whole(&found, "closed"))
        .unwrap_or_default())
}

/// How many paths are rolled up, and how many there are, while an Up makes rollups that are not done.
pub(in super::super) async fn rollups_under_way(database: &Database) -> Result<Option<(u64, u64)>> {
    // Nobody makes them any more when the turn is over and was not renewed.
    let is_made = doc! { "$gt": ["$turn", { "$toLong": "$$NOW" }] };
    let found = database
        .collection::<RawDocumentBuf>(ROLLUPS)
        .find_one(doc! { "_id": PROGRESS, "$expr": is_made })
        .projection(doc! { "paths": 1, "done": 1 })
        .max_time(PATIENCE)
        .await?;
    let field = |key: &str| found.as_ref().and_then(|found| whole(found, key));
    let counts = field("done").zip(field("paths"));
    let counts = counts.map(|(done, all)| (done.unsigned_abs(), all.unsigned_abs()));
    Ok(counts.filter(|(done, all)| done < all))
}

/// When the rollups begin, in milliseconds: those of before it may have been removed.
pub(super) async fn since(database: &Database) -> Result<i64> {
    let found = database
        .collection::<RawDocumentBuf>(ROLLUPS)
        .find_one(doc! { "_id": PROGRESS })
        .projection(doc! { "since": 1, "keep": 1 })
        .max_time(PATIENCE)
        .await?;
    let field = |key: &str| found.as_ref().and_then(|found| whole(found, key));
    // They go on being removed while nobody makes any.
    let kept = field("keep").map_or(0, |keep| kept_since(clock(), keep));
    Ok(field("since").unwrap_or_default().max(kept))
}

/// The first day, by its begin, of which no rollup is about to be removed.
pub(super) fn kept_since(now: i64, keep: i64) -> i64 {
    day_begin(day_of(now.saturating_sub(keep)) + 2).max(0)
}

/// The clock of this machine, in milliseconds.
fn clock() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(now.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// Sets what else it says.
pub(super) async fn tell(database: &Database, fields: Document) -> Result<()> {
    database
        .collection::<RawDocumentBuf>(ROLLUPS)
        .update_one(doc! { "_id": PROGRESS }, doc! { "$set": fields })
        .await
        .map(drop)
}

/// True if a document of that `_id` is there.
pub(super) fn is_duplicate(error: &mongodb::error::Error) -> bool {
    match &*error.kind {
        ErrorKind::Command(error) => error.code == DUPLICATE_KEY,
        ErrorKind::Write(mongodb::error::WriteFailure::WriteError(error)) => {
            error.code == DUPLICATE_KEY
        }
        _ => false,
    }
}
