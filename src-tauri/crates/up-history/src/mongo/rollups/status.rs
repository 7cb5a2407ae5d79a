//! How far the rollups are, for a person.

use bson::{DateTime, RawDocumentBuf, doc};
use mongodb::Database;
use mongodb::error::Result;
use up_core::Timestamp;
use up_core::line::one_line;

use super::super::samples::PATIENCE;
use super::again::count_again;
use super::day::whole;
use super::step::NEVER;
use super::{ROLLUPS, progress};

/// The longest name of an agent that is shown, in bytes.
const LONGEST_AGENT: usize = 150;

/// How far the rollups of a `MongoDB` are.
#[derive(Clone, Debug, PartialEq)]
pub struct MongoRollups {
    /// The paths that are rolled up until then, and all.
    pub done: u64,
    /// All paths that have samples.
    pub all: u64,
    /// Until when, in the last round; `None` if no round began.
    pub until: Option<Timestamp>,
    /// The agent that made rollups last; empty if it is not known.
    pub agent: String,
    /// When it did so, by the clock of the server.
    pub at: Timestamp,
    /// The days that wait for being made anew, because of late samples.
    pub late: u64,
    /// The days that wait because they were asked for.
    pub again: u64,
    /// False if the samples of other programs that come late cannot be counted, for want of an index.
    pub is_counted: bool,
}

/// Reads it; `None` where nobody made rollups.
pub(in super::super) async fn read_status(database: &Database) -> Result<Option<MongoRollups>> {
    let Some(found) = progress::found(database).await? else {
        return Ok(None);
    };
    let late = database
        .collection::<RawDocumentBuf>(ROLLUPS)
        .count_documents(doc! { "late": { "$lt": DateTime::from_millis(NEVER) } })
        .max_time(PATIENCE)
        .await?;
    let count = |key: &str| whole(&found, key).unwrap_or_default().unsigned_abs();
    let seconds = |millis: i64| millis as f64 / 1e3;
    let agent = found.get_str("agent").unwrap_or_default();
    Ok(Some(MongoRollups {
        done: count("done"),
        all: count("paths"),
        until: whole(&found, "done_until").map(seconds),
        agent: one_line(agent, LONGEST_AGENT),
        at: seconds(whole(&found, "now").unwrap_or_default()),
        late,
        again: count_again(database).await?,
        is_counted: !found.get_bool("counted").is_ok_and(|counted| !counted),
    }))
}
