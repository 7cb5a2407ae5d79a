//! The indexes that history is queried by, and those by which a `MongoDB` removes what is too old. Each
//! has a name of ours, so that a person knows whose it is.

use std::time::Duration;

use bson::{Document, doc};
use mongodb::error::{ErrorKind, Result};
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};

use super::agents::AGENTS;
use super::note_states::NOTE_STATES;
use super::rollups::{ROLLUPS, RUNS};
use super::{ANNOTATIONS, STATUSES, UNKNOWNS};

/// A path's samples by their dates.
const PATH_DATE: &str = "up_path_date";
/// Notes by their dates.
const DATE: &str = "up_date";
/// Rollups by their days.
const DAY: &str = "up_day";
/// Rollups that are to be made anew; most are not.
const LATE: &str = "up_late";
/// Rollups that are asked to be made anew.
const AGAIN: &str = "up_again";
/// Agents' parts of rollups by their days.
const AGENT_DAY: &str = "up_agent_day";
/// Removes documents that are too old, by the field `at`, which only ours have.
const EXPIRE: &str = "up_expire";

/// The server's codes for an index that is there with other options, or by another name.
const CONFLICTS: [i32; 2] = [85, 86];

/// The longest time that the server takes, in seconds.
const LONGEST: u64 = i32::MAX as u64;

/// How long a `MongoDB` keeps what Ups wrote. `None`: for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MongoRetention {
    /// In our own collections: unknown samples, and the documents of agents and of edited notes.
    pub ours: Option<Duration>,
    /// Our documents in `statuses`. Those of the original have no `at`, and stay.
    pub statuses: Option<Duration>,
}

/// Makes the indexes that are not there.
pub(super) async fn make(database: &Database, keep: MongoRetention) {
    let by_path = || doc! { "path": 1, "date": 1 };
    let of = [
        (STATUSES, PATH_DATE, by_path(), None),
        (UNKNOWNS, PATH_DATE, by_path(), None),
        (ANNOTATIONS, DATE, doc! { "date": 1 }, None),
        (ROLLUPS, DAY, doc! { "day": 1 }, None),
        (ROLLUPS, LATE, doc! { "late": 1 }, None),
        (ROLLUPS, AGAIN, doc! { "again": 1 }, None),
        (
            ROLLUPS,
            AGENT_DAY,
            doc! { "agent_day": 1, "agent": 1 },
            None,
        ),
    ];
    let at = || doc! { "at": 1 };
    let expiring = [
        (UNKNOWNS, EXPIRE, at(), keep.ours),
        (AGENTS, EXPIRE, at(), keep.ours),
        (NOTE_STATES, EXPIRE, at(), keep.ours),
        (ROLLUPS, EXPIRE, at(), keep.ours),
        (RUNS, EXPIRE, at(), keep.ours),
        (STATUSES, EXPIRE, at(), keep.statuses),
    ];
    let expiring = expiring.into_iter().filter(|(.., after)| after.is_some());
    for (collection, name, keys, after) in of.into_iter().chain(expiring) {
        // Not permitted, or there by another name: asking is slower or as quick.
        let _ = make_one(database, collection, name, keys, after).await;
    }
}

async fn make_one(
    database: &Database,
    collection: &str,
    name: &str,
    keys: Document,
    after: Option<Duration>,
) -> Result<()> {
    let after = after.map(|after| Duration::from_secs(after.as_secs().clamp(1, LONGEST)));
    let options = IndexOptions::builder()
        .name(name.to_owned())
        .sparse([LATE, AGAIN, AGENT_DAY].contains(&name).then_some(true))
        .expire_after(after)
        .build();
    let index = IndexModel::builder().keys(keys).options(options).build();
    let made = database
        .collection::<Document>(collection)
        .create_index(index)
        .await;
    match (made, after) {
        (Err(error), Some(after)) if is_conflict(&error) => {
            // It was made with another time.
            let seconds = i64::try_from(after.as_secs()).unwrap_or(i64::MAX);
            let index = doc! { "name": name, "expireAfterSeconds": seconds };
            let change = doc! { "collMod": collection, "index": index };
            database.run_command(change).await.map(drop)
        }
        (made, _) => made.map(drop),
    }
}

fn is_conflict(error: &mongodb::error::Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(error) if CONFLICTS.contains(&error.code))
}
