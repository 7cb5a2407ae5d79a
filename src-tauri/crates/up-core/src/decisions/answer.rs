//! The answer of `up why`: why people were notified, and why not. Its shape is that of `up why
//! --json`.

use serde::{Deserialize, Serialize};

use crate::sample::Timestamp;

/// The version of the shape.
pub(super) const SCHEMA: u32 = 1;

/// Why people were notified of a path, or were not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The version of the shape. Keys and codes are added, never changed.
    pub schema: u32,
    /// The path that was asked about.
    pub path: String,
    /// The summary of the answer.
    pub summary: Summary,
    /// The current troubles of the sinks that deliver notices, one sentence each.
    pub troubles: Vec<String>,
    /// The source. For a tree: those of its sources that matter, the most important first.
    pub sources: Vec<ExplainedSource>,
    /// How many more of the tree's sources matter.
    pub left_out: usize,
}

/// The summary of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The code, from a closed list.
    pub code: SummaryCode,
    /// One or two sentences.
    pub text: String,
}

/// One source and the decisions about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainedSource {
    /// The path of the source.
    pub path: String,
    /// The word for the source's verdict or hold.
    pub word: String,
    /// Why the source is not scored now.
    pub hold: Option<String>,
    /// The summary about the source.
    pub summary: Summary,
    /// The last decisions, oldest first.
    pub decisions: Vec<DecisionLine>,
}

/// One decision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionLine {
    /// When the decision was made, in Unix seconds.
    pub date: Timestamp,
    /// The code of the decision, from the closed list [`super::CODES`].
    pub code: String,
    /// The decision as a sentence.
    pub text: String,
    /// Why the check was not up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Reason>,
    /// How many checks in a row speak for the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// How many checks in a row the decision takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u32>,
    /// The path of the dependency because of which the source was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When the decided state ends by itself, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The result of each reference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<ReferenceLine>,
    /// Whether names were resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver: Option<bool>,
    /// The notice that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeLine>,
}

/// Why a check was not up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The code, from the closed list of causes.
    pub code: String,
    /// The cause in one line.
    pub text: String,
}

/// The result of one reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceLine {
    /// The address of the reference, without secrets.
    pub reference: String,
    /// `answered`, `wrong`, `silent` or `unasked`.
    pub answer: String,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// The id of the notice's incident.
    pub id: u64,
    /// The kind of the notice: `down`, `recovered` and so on.
    pub kind: String,
    /// The path of the deepest common cause.
    pub path: String,
    /// The paths of the first sources that the notice named.
    pub sources: Vec<String>,
    /// How many sources the notice named.
    pub count: u32,
    /// The sinks that received the notice.
    pub sinks: Vec<String>,
    /// What became of the notice at each sink, where that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<Delivery>,
}

/// What became of a notice at one sink.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The name of the sink.
    pub sink: String,
    /// The state: `waiting`, `delivered`, `refused` or `superseded`.
    pub state: String,
    /// Since when the notice has this state, in Unix seconds.
    pub date: Timestamp,
    /// Why the sink refused the notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Delivery {
    /// The delivery as a line: `webhook http://…: delivered 14:02:07`. `time` formats its time.
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

/// The code of a summary: why people were notified, or were not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SummaryCode {
    /// The source is in trouble, and people were notified.
    Told,
    /// The source is in trouble, and changes are being gathered for a notice.
    Gathering,
    /// The source is in trouble, and its notice waits for the rate limit.
    RateLimited,
    /// The source is in trouble, and snoozed or muted.
    Silenced,
    /// The source is in trouble, and acknowledged.
    Acknowledged,
    /// The source is in trouble that is not alertable in this mood or by its rules.
    NotAlertable,
    /// The source's last checks are not confirmed.
    Doubt,
    /// The source is held because this machine's network is gone.
    Offline,
    /// The source is held because something that it depends on is down.
    Unreachable,
    /// The source is held because it is under maintenance.
    Maintenance,
    /// The source is held because a person paused it.
    Paused,
    /// The source recovered, and people were notified of both.
    Recovered,
    /// The source's failures were attributed to this machine's network.
    OwnNetwork,
    /// The source could not be reached because something that it depends on was down.
    WasUnreachable,
    /// The source was under maintenance or paused.
    WasHeld,
    /// The source recovered before anybody was notified.
    Reverted,
    /// The source was in trouble and recovered while it was snoozed or everything was muted.
    WasSilenced,
    /// The source's failures were not confirmed.
    Unconfirmed,
    /// The source was in trouble that was not alertable in this mood or by its rules.
    WasNotAlertable,
    /// The source was not checked yet.
    Unasked,
    /// Nothing happened that a notice could be about.
    Nothing,
}
