//! The collection `agents`: one document for each Up that writes to a `MongoDB`, renewed while it runs.
//! It says when the agent was last in contact, by the clock of the server, even if nothing is due.

use std::time::Duration;

use bson::raw::RawDocument;
use bson::{RawDocumentBuf, doc};
use mongodb::Database;
use mongodb::error::Result;
use tokio::time::Instant;
use up_core::Timestamp;
use up_core::line::one_line;

use super::document::number;
use super::fleet::text;
use super::indexes::MongoRetention;
use super::samples::{PATIENCE, limit};

/// The collection. It is ours alone.
pub(super) const AGENTS: &str = "agents";

/// The most agents that are listed.
pub const MOST_AGENTS: usize = 2_000;

/// The longest name of an agent that is shown, in bytes.
pub(super) const LONGEST_AGENT: usize = 150;

/// An agent renews its document as often as it checks its most frequent source, but no more and no
/// less often than this.
const OFTEN: Duration = Duration::from_secs(5);
const SELDOM: Duration = Duration::from_secs(30);

/// Who writes to a `MongoDB`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agent {
    /// The name of this Up.
    pub name: String,
    /// What it checks. `None` for a program that writes once and ends.
    pub duty: Option<AgentDuty>,
    /// How long what it writes is kept there.
    pub keep: MongoRetention,
}

/// What a running agent checks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AgentDuty {
    /// The number of its sources.
    pub sources: usize,
    /// The interval of its most frequent source.
    pub interval: Duration,
}

impl From<&str> for Agent {
    /// An agent that does not say what it checks.
    fn from(name: &str) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// What an agent last wrote about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentContact {
    /// The name of the agent.
    pub name: String,
    /// When it was last in contact, by the clock of the server.
    pub at: Timestamp,
    /// The same moment by its own clock.
    pub clock: Option<Timestamp>,
    /// Its version of Up; empty if it did not say.
    pub version: String,
    /// The number of its sources.
    pub sources: Option<u64>,
    /// The interval of its most frequent source, in seconds.
    pub interval: Option<f64>,
}

/// An agent is silent if it has not written for so many of its intervals, and not for so long.
const INTERVALS: f64 = 3.0;
const SHORTEST_SILENCE: f64 = 15.0;

impl AgentContact {
    /// For how long the agent may write nothing, in seconds; `None` if it did not say how often it
    /// checks.
    pub fn silent_after(&self) -> Option<f64> {
        let interval = self.interval?;
        Some((INTERVALS * interval).max(SHORTEST_SILENCE))
    }
}

/// Renews an agent's document when it is due.
pub(super) struct Heartbeat {
    agent: Agent,
    last: Option<Instant>,
}

impl Heartbeat {
    pub(super) fn new(agent: Agent) -> Self {
        Self { agent, last: None }
    }

    /// Writes the document if it is due. `now` is this machine's clock.
    pub(super) async fn beat(&mut self, database: &Database, now: Timestamp) -> Result<()> {
        let Some(duty) = self.agent.duty else {
            return Ok(());
        };
        let every = duty.interval.clamp(OFTEN, SELDOM);
        if self.last.is_some_and(|last| last.elapsed() < every) {
            return Ok(());
        }
        self.last = Some(Instant::now());
        renew(database, &self.agent.name, duty, now).await
    }

    /// The next one is due at once: the `MongoDB` did not answer.
    pub(super) fn hasten(&mut self) {
        self.last = None;
    }
}

/// Writes the document of an agent. `now` is the agent's own clock.
pub(super) async fn renew(
    database: &Database,
    agent: &str,
    duty: AgentDuty,
    now: Timestamp,
) -> Result<()> {
    let fields = doc! {
        "clock": now,
        "version": env!("CARGO_PKG_VERSION"),
        "sources": i64::try_from(duty.sources).unwrap_or(i64::MAX),
        "interval": duty.interval.as_secs_f64(),
    };
    database
        .collection::<RawDocumentBuf>(AGENTS)
        .update_one(
            doc! { "_id": agent },
            doc! { "$set": fields, "$currentDate": { "at": true } },
        )
        .upsert(true)
        .await
        .map(drop)
}

/// The agents that wrote about themselves, those that were last in contact first. `names`: only these;
/// all if there are none.
pub(super) async fn contacts(database: &Database, names: &[String]) -> Result<Vec<AgentContact>> {
    let mut filter = doc! { "at": { "$type": "date" } };
    if !names.is_empty() {
        filter.insert("_id", doc! { "$in": names });
    }
    let pipeline = vec![
        doc! { "$match": filter },
        doc! { "$sort": { "at": -1 } },
        doc! { "$limit": limit(MOST_AGENTS) },
        doc! { "$project": {
            "_id": text("$_id"),
            "version": text("$version"),
            "at": 1,
            "clock": { "$cond": [{ "$isNumber": "$clock" }, "$clock", null] },
            "sources": { "$cond": [{ "$isNumber": "$sources" }, "$sources", null] },
            "interval": { "$cond": [{ "$isNumber": "$interval" }, "$interval", null] },
        } },
    ];
    let mut cursor = database
        .collection::<RawDocumentBuf>(AGENTS)
        .aggregate(pipeline)
        .allow_disk_use(true)
        .max_time(PATIENCE)
        .await?;
    let mut contacts = Vec::new();
    while contacts.len() < MOST_AGENTS && cursor.advance().await? {
        contacts.extend(contact(cursor.current()));
    }
    Ok(contacts)
}

/// What an agent wrote about itself; `None` if that is not readable.
pub(super) fn contact(found: &RawDocument) -> Option<AgentContact> {
    let (name, at) = (found.get_str("_id").ok()?, found.get_datetime("at").ok()?);
    Some(AgentContact {
        name: one_line(name, LONGEST_AGENT),
        at: at.timestamp_millis() as f64 / 1e3,
        clock: number(found, "clock"),
        version: one_line(found.get_str("version").unwrap_or_default(), LONGEST_AGENT),
        // `as` saturates.
        sources: number(found, "sources").map(|sources| sources as u64),
        interval: number(found, "interval").filter(|interval| *interval > 0.0),
    })
}
