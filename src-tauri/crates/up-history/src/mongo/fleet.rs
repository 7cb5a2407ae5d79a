//! A fleet: what several agents wrote to one `MongoDB` lately, as the newest sample of each path.
//!
//! Samples are found by `_id`, whose index every collection has: like any `ObjectId` it begins with
//! the seconds of its date, in our documents and in those of the original.

use std::collections::BTreeMap;
use std::time::Duration;

use bson::oid::ObjectId;
use bson::raw::RawDocument;
use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::Database;
use mongodb::error::Result;
use up_core::line::one_line;
use up_core::path::is_path;
use up_core::{Cause, CauseCode, Timestamp};

use super::agents::{AgentContact, LONGEST_AGENT, contacts};
use super::document::number;
use super::samples::{PATIENCE, limit};
use super::store::MongoStore;
use super::{STATUSES, UNKNOWNS};
use crate::sample::{KeptCause, Point};
use crate::store::StoreError;

/// The most samples that are read at once, the newest, from each of the two collections.
pub const MOST_SAMPLES: usize = 100_000;

/// The most paths that are told of each collection.
const PATHS: usize = 10_000;

/// The longest path that is read, in bytes.
const LONGEST_PATH: i32 = 2_000;

/// So much of a text is read, in characters: a bounded line is made of it afterwards.
const LONGEST_TEXT: i32 = 400;

/// How far ahead the date of a sample may be, in seconds. One that is further ahead is not read.
const AHEAD: f64 = 300.0;

/// What of a fleet is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FleetScope {
    /// Only these agents; all if there are none.
    pub agents: Vec<String>,
    /// Only this path and what is below it.
    pub path: Option<String>,
}

/// What a fleet wrote lately.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FleetReport {
    /// The time by the clock of the server.
    pub now: Timestamp,
    /// What the agents wrote about themselves.
    pub agents: Vec<AgentContact>,
    /// The newest sample of each path of each agent, sorted by agent and path.
    pub latest: Vec<LatestSample>,
    /// How many samples have no usable date, path or status.
    pub unreadable: u64,
    /// True if there were more samples or paths than are read.
    pub truncated: bool,
}

/// The newest sample of one path of one agent.
#[derive(Clone, Debug, PartialEq)]
pub struct LatestSample {
    /// The agent. Empty if the document names none, as those of the original.
    pub agent: String,
    /// The path.
    pub path: String,
    /// The sample.
    pub point: Point,
    /// How many samples of the path there were in the window.
    pub count: u64,
    /// The date of the first of them.
    pub first: Timestamp,
}

impl MongoStore {
    /// Reads what a fleet wrote within the last `window`.
    pub async fn fleet(
        &self,
        scope: &FleetScope,
        window: Duration,
    ) -> std::result::Result<FleetReport, StoreError> {
        self.query(async |reading| read(&reading.database, scope, window.as_secs_f64()).await)
            .await
    }

    /// What the agents wrote about themselves, those that were last in contact first, and the time
    /// by the clock of the server.
    pub async fn agents(&self) -> std::result::Result<(Timestamp, Vec<AgentContact>), StoreError> {
        self.query(async |reading| {
            let now = server_time(&reading.database).await?;
            Ok((now, contacts(&reading.database, &[]).await?))
        })
        .await
    }
}

async fn read(database: &Database, scope: &FleetScope, window: f64) -> Result<FleetReport> {
    let now = server_time(database).await?;
    let mut report = FleetReport {
        now,
        agents: contacts(database, &scope.agents).await?,
        ..FleetReport::default()
    };
    let mut latest = BTreeMap::new();
    for collection in [STATUSES, UNKNOWNS] {
        let pipeline = pipeline(collection, scope, now - window, now + AHEAD);
        let mut cursor = database
            .collection::<RawDocumentBuf>(collection)
            .aggregate(pipeline)
            .allow_disk_use(true)
            .max_time(PATIENCE)
            .await?;
        let (mut paths, mut samples) = (0, 0);
        while paths < PATHS && cursor.advance().await? {
            paths += 1;
            let group = cursor.current();
            // `as` saturates.
            samples += number(group, "count").unwrap_or_default() as usize;
            report.unreadable += number(group, "odd").unwrap_or_default() as u64;
            if let Some(sample) = sample(group) {
                take(&mut latest, sample);
            }
        }
        report.truncated |= paths == PATHS || samples >= MOST_SAMPLES;
    }
    report.latest = latest.into_values().collect();
    Ok(report)
}

/// Keeps the newer of two samples of one path: one may be known, and the other unknown.
pub(super) fn take(latest: &mut BTreeMap<(String, String), LatestSample>, sample: LatestSample) {
    let key = (sample.agent.clone(), sample.path.clone());
    let Some(other) = latest.remove(&key) else {
        latest.insert(key, sample);
        return;
    };
    let (older, newer) = if sample.point.date < other.point.date {
        (sample, other)
    } else {
        (other, sample)
    };
    let merged = LatestSample {
        count: newer.count.saturating_add(older.count),
        first: newer.first.min(older.first),
        ..newer
    };
    latest.insert(key, merged);
}

async fn server_time(database: &Database) -> Result<Timestamp> {
    let hello = database.run_command(doc! { "hello": 1 }).await?;
    let time = hello.get_datetime("localTime").ok();
    // A server that does not say it is no MongoDB that is known; its samples then all look old.
    Ok(time.map_or(0.0, |time| time.timestamp_millis() as f64 / 1e3))
}

/// The first `ObjectId` of a second.
fn begin(date: Timestamp) -> ObjectId {
    let mut id = [0; 12];
    // `as` saturates.
    id[..4].copy_from_slice(&(date as u32).to_be_bytes());
    ObjectId::from_bytes(id)
}

/// What an expression gives if it is a text, cut; else the empty text.
pub(super) fn text(of: &str) -> Bson {
    let text = doc! { "$cond": [{ "$eq": [{ "$type": of }, "string"] }, of, ""] };
    doc! { "$substrCP": [text, 0, LONGEST_TEXT] }.into()
}

/// What an expression gives if it is a text that is short enough for a path; else the empty text.
pub(super) fn path_text(of: &str) -> Bson {
    let text = doc! { "$cond": [{ "$eq": [{ "$type": of }, "string"] }, of, ""] };
    let is_short = doc! { "$lte": [{ "$strLenBytes": &text }, LONGEST_PATH] };
    doc! { "$cond": [is_short, text, ""] }.into()
}

/// The documents of a path and of what is below it.
pub(super) fn at_or_below(path: &str) -> Document {
    // `0` is the character behind `/`.
    let below = doc! { "$gte": format!("{path}/"), "$lt": format!("{path}0") };
    doc! { "$or": [{ "path": path }, { "path": below }] }
}

/// Groups the samples from one date to another by agent and path. What cannot be read is counted:
/// other programs may have written anything.
fn pipeline(collection: &str, scope: &FleetScope, from: Timestamp, to: Timestamp) -> Vec<Document> {
    let mut wanted = doc! { "_id": { "$gte": begin(from), "$lt": begin(to) } };
    if !scope.agents.is_empty() {
        wanted.insert("agent", doc! { "$in": &scope.agents });
    }
    if let Some(path) = &scope.path {
        wanted.extend(at_or_below(path));
    }
    let is_date = doc! { "$and": [
        { "$isNumber": "$date" }, { "$gte": ["$date", from] }, { "$lt": ["$date", to] },
    ] };
    let is_status = if collection == STATUSES {
        doc! { "$and": [
            { "$isNumber": "$up" }, { "$gte": ["$up", 0] }, { "$lte": ["$up", 1] },
        ] }
    } else {
        doc! { "$eq": [{ "$type": "$up" }, "null"] }
    };
    vec![
        doc! { "$match": wanted },
        doc! { "$sort": { "_id": -1 } },
        doc! { "$limit": limit(MOST_SAMPLES) },
        doc! { "$project": {
            "_id": 0,
            "agent": text("$agent"),
            "path": path_text("$path"),
            "ok": { "$and": [is_date, is_status] },
            "date": 1,
            "up": 1,
            "took": { "$cond": [{ "$isNumber": "$duration" }, "$duration", 0] },
            "code": text("$cause.code"),
            "text": text("$cause.text"),
        } },
        doc! { "$group": {
            "_id": { "agent": "$agent", "path": "$path" },
            // Documents are compared field by field: the date decides.
            "last": { "$max": { "$cond": ["$ok", {
                "date": { "$toDouble": "$date" },
                "up": "$up",
                "took": "$took",
                "code": "$code",
                "text": "$text",
            }, null] } },
            "first": { "$min": { "$cond": ["$ok", { "$toDouble": "$date" }, null] } },
            "count": { "$sum": 1 },
            "odd": { "$sum": { "$cond": [{ "$and": ["$ok", { "$ne": ["$path", ""] }] }, 0, 1] } },
        } },
        doc! { "$limit": limit(PATHS) },
    ]
}

pub(super) fn sample(group: &RawDocument) -> Option<LatestSample> {
    let of = group.get_document("_id").ok()?;
    let path = of.get_str("path").ok().filter(|path| is_path(path))?;
    let last = group.get_document("last").ok()?;
    let cause = match (last.get_str("code"), last.get_str("text")) {
        (Ok(""), Ok("")) | (Err(_), _) | (_, Err(_)) => None,
        (Ok(code), Ok(text)) => Some(KeptCause::new(code.parse::<CauseCode>().ok(), text)),
    };
    let date = number(last, "date")?;
    Some(LatestSample {
        agent: one_line(of.get_str("agent").unwrap_or_default(), LONGEST_AGENT),
        path: path.to_owned(),
        point: Point {
            date,
            status: number(last, "up").filter(|status| (0.0..=1.0).contains(status)),
            duration: number(last, "took").unwrap_or_default().max(0.0),
            cause: cause.filter(|cause| cause.text().len() <= Cause::MAX_TEXT),
        },
        count: number(group, "count").unwrap_or_default() as u64,
        first: number(group, "first").unwrap_or(date),
    })
}
