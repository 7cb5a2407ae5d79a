//! The answer to "why was I told, and why not": its shape, which is that of `up why --json`.

use serde::{Deserialize, Serialize};

use crate::sample::Timestamp;

/// The shape's version.
pub(super) const SCHEMA: u32 = 1;

/// Why people were told of a path, or were not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The shape's version: keys and codes are added, never changed.
    pub schema: u32,
    /// The path that was asked about.
    pub path: String,
    /// The answer in short.
    pub summary: Summary,
    /// What is wrong now with the sinks that notices go to, a sentence each.
    pub troubles: Vec<String>,
    /// The source; of a tree, those of its sources that matter, what matters most first.
    pub sources: Vec<ExplainedSource>,
    /// How many more of the tree's sources matter.
    pub left_out: usize,
}

/// The answer in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// From a closed list.
    pub code: SummaryCode,
    /// One sentence or two.
    pub text: String,
}

/// One source and the decisions about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainedSource {
    /// Its path.
    pub path: String,
    /// The word for what it is in.
    pub word: String,
    /// Why it is not scored now.
    pub hold: Option<String>,
    /// The answer in short.
    pub summary: Summary,
    /// The last decisions, oldest first.
    pub decisions: Vec<DecisionLine>,
}

/// One decision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionLine {
    /// When it was made, in Unix seconds.
    pub date: Timestamp,
    /// What was decided, from the closed list [`super::CODES`].
    pub code: String,
    /// The same in a sentence.
    pub text: String,
    /// Why the check was not up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Reason>,
    /// How many checks in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// How many it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u32>,
    /// The path of the dependency that held it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When what was decided ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What each reference answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<ReferenceLine>,
    /// Whether names were resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver: Option<bool>,
    /// The notice that told of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeLine>,
}

/// Why a check was not up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// From the closed list of causes.
    pub code: String,
    /// One line.
    pub text: String,
}

/// What one reference answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceLine {
    /// Its address, without secrets.
    pub reference: String,
    /// `answered`, `wrong`, `silent` or `unasked`.
    pub answer: String,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// Its outage's id.
    pub id: u64,
    /// `down`, `recovered`, …
    pub kind: String,
    /// The deepest common cause.
    pub path: String,
    /// The first of the sources that it told of.
    pub sources: Vec<String>,
    /// How many it told of.
    pub count: u32,
    /// The sinks that it was handed to.
    pub sinks: Vec<String>,
    /// What became of it at each, where that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<Delivery>,
}

/// What became of a notice at one sink.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The sink.
    pub sink: String,
    /// `waiting`, `delivered`, `refused` or `superseded`.
    pub state: String,
    /// Since when that is so, in Unix seconds.
    pub date: Timestamp,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Delivery {
    /// `webhook http://…: delivered 14:02:07`. `time`: how its time is written.
    pub fn line(&self, time: impl Fn(Timestamp) -> String) -> String {
        let sink = &self.sink;
        match (&*self.state, &self.why) {
            ("delivered", _) => format!("{sink}: delivered {}", time(self.date)),
            ("superseded", _) => format!("{sink}: not delivered, a later notice took its place"),
            (_, Some(why)) => format!("{sink}: not delivered: {why}"),
            _ => format!("{sink}: not delivered yet"),
        }
    }
}

/// Why people were told, or were not, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SummaryCode {
    /// It is in trouble, and was told.
    Told,
    /// It is in trouble, and news is being gathered.
    Gathering,
    /// It is in trouble, and waits because too many notices were told.
    RateLimited,
    /// It is in trouble, and snoozed or muted.
    Silenced,
    /// It is in trouble, and somebody said that it is known.
    Acknowledged,
    /// It is in trouble that this mood, or its rules, do not have told.
    NotAlertable,
    /// Its last checks are not confirmed.
    Doubt,
    /// It is held: our own network is gone.
    Offline,
    /// It is held: what it depends on is down.
    Unreachable,
    /// It is held: a maintenance window is open.
    Maintenance,
    /// It is held: a person paused it.
    Paused,
    /// It was in trouble, was told, and is back.
    Recovered,
    /// Its failures were judged to be our own network.
    OwnNetwork,
    /// It could not be reached because what it depends on was down.
    WasUnreachable,
    /// It was under maintenance or paused.
    WasHeld,
    /// It was over before anybody was told.
    Reverted,
    /// It was in trouble, and over again, while it was snoozed or everything was muted.
    WasSilenced,
    /// Its failures were not confirmed.
    Unconfirmed,
    /// It was in trouble that this mood, or its rules, do not have told.
    WasNotAlertable,
    /// It was not asked yet.
    Unasked,
    /// There was nothing to tell.
    Nothing,
}
