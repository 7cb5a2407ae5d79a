//! The decisions that the judge, the connectivity guard and the dispatcher make about sources.
//!
//! Room: one decision is small enough to be recorded always. `decisions` keeps them and puts them
//! into words.

mod told;

use std::sync::Arc;

use crate::cause::Cause;
use crate::hold::Hold;
use crate::judge::{Against, Verdict};
use crate::mood::Mood;
use crate::offline::{OfflineReason, ReferenceAnswer};
use crate::outline::NodeId;
use crate::sample::Timestamp;

pub(crate) use told::{NAMED, ToldNotice};

/// A decision and when it was made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    /// Unix seconds.
    pub(crate) at: Timestamp,
    pub(crate) what: DecisionKind,
}

/// What was decided about one source. Names of other sources and causes are shared, so that a
/// record stays small.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DecisionKind {
    /// The first check was up: the silent baseline.
    Baseline,
    /// So many checks in a row speak against what is believed, and are not enough yet.
    Doubt {
        against: Against,
        count: u16,
        /// So many it takes.
        of: u16,
        cause: Option<Arc<Cause>>,
    },
    /// That row ended before it was long enough.
    Unconfirmed {
        against: Against,
        count: u16,
        /// So many it took.
        of: u16,
        cause: Option<Arc<Cause>>,
    },
    /// The judge's verdict changed.
    Believed {
        from: Verdict,
        to: Verdict,
        /// So many checks in a row it took, where it is bad news.
        of: u16,
        /// Whether somebody in that mood, by the rules of then, wants to be told.
        alertable: bool,
        mood: Mood,
        cause: Option<Arc<Cause>>,
    },
    /// The guard of our own network decided about a failure, or about a hold.
    Network {
        found: NetworkDecision,
        /// Whose references were asked.
        group: u16,
        /// What they answered; filled in as the record is taken up.
        answers: Option<Arc<Answers>>,
    },
    /// A person paused it, or its own source reports maintenance.
    Held(Hold),
    /// A maintenance window opened, which ends then.
    Maintenance(Timestamp),
    /// A dependency, at this path, is believed down.
    Unreachable(Arc<str>),
    /// A hold is over.
    Released(Hold),
    /// Nothing is told of it until then, if that is known.
    Silenced {
        muted: bool,
        until: Option<Timestamp>,
    },
    /// It is told of again.
    Unsilenced,
    /// Its outage was acknowledged: nobody is told or reminded of it until it is over.
    Acknowledged,
    /// It waits to be told, so that what fell with it is told with it.
    Gathered,
    /// It was over, or was nothing to be told any more, before anybody was told.
    Reverted,
    /// It was held before anybody was told, and what was believed of it was forgotten.
    Forgotten,
    /// It waits, because as many notices were told in this minute as may be.
    RateLimited,
    /// A person changed the mood.
    Mood { mood: Mood, alertable: bool },
    /// A notice told of it.
    Told(Arc<ToldNotice>),
}

/// What the guard of our own network found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NetworkDecision {
    /// The failure waits for the references' answers.
    Waits,
    /// A reference answered: the failure is the source's own.
    Theirs,
    /// The references are silent, and other sources were asked.
    Witnesses(OfflineReason),
    /// The references are silent, but another source answered: the failure is the source's own.
    Vouched,
    /// Our network is gone: the source is held.
    Gone(OfflineReason),
    /// Our network is gone as far as it is routed to this source.
    NoRoute,
    /// Our resolver is gone: the source, which is reached by name, is held.
    NoResolver,
    /// The source had a route of its own, which is gone.
    NoOwnRoute,
    /// Several unrelated names are not resolved.
    SomeNames,
    /// Nothing is reached over IPv6.
    NoIpv6,
    /// Our network is gone, and the source may use it.
    Perhaps,
    /// The check began before our network was last known to be well: it counts for nothing.
    Stale,
    /// The machine slept, or had just woken: the check counts for nothing.
    Asleep,
    /// Our network is back.
    Back,
}

/// What the references of a group answered, and whether names were resolved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answers {
    pub(crate) references: Arc<[String]>,
    pub(crate) replies: Box<[ReferenceAnswer]>,
    pub(crate) resolver: Option<bool>,
}

impl DecisionKind {
    /// The record of the guard about a source whose references are those of `group`.
    pub(crate) const fn network(found: NetworkDecision, group: usize) -> Self {
        Self::Network {
            found,
            group: group as u16,
            answers: None,
        }
    }

    /// The code, from the closed list [`CODES`].
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Doubt { .. } => "doubt",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Believed { .. } => "believed",
            Self::Network { found, .. } => found.code(),
            Self::Held(Hold::Paused) => "paused",
            Self::Held(_) | Self::Maintenance(_) => "maintenance",
            Self::Unreachable(_) => "unreachable",
            Self::Released(_) => "released",
            Self::Silenced { muted: true, .. } => "muted",
            Self::Silenced { .. } => "snoozed",
            Self::Unsilenced => "unsilenced",
            Self::Acknowledged => "acknowledged",
            Self::Gathered => "gathered",
            Self::Reverted => "reverted",
            Self::Forgotten => "forgotten",
            Self::RateLimited => "rate_limited",
            Self::Mood { .. } => "mood",
            Self::Told(_) => TOLD,
        }
    }
}

/// The code of what people are told.
pub(crate) const TOLD: &str = "told";
/// The code of what holds a source.
pub(crate) const OFFLINE: &str = "offline";

impl NetworkDecision {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Waits => "network_asked",
            Self::Theirs => "network_well",
            Self::Witnesses(_) => "network_witnesses",
            Self::Vouched => "references_at_fault",
            Self::Gone(_)
            | Self::NoRoute
            | Self::NoResolver
            | Self::NoOwnRoute
            | Self::SomeNames
            | Self::NoIpv6
            | Self::Perhaps => OFFLINE,
            Self::Stale => "stale",
            Self::Asleep => "asleep",
            Self::Back => "online",
        }
    }
}

/// Every code of a decision, as `up why --json` writes it.
pub const CODES: &[&str] = &[
    "baseline",
    "doubt",
    "unconfirmed",
    "believed",
    "network_asked",
    "network_well",
    "network_witnesses",
    "references_at_fault",
    "offline",
    "online",
    "stale",
    "asleep",
    "paused",
    "maintenance",
    "unreachable",
    "released",
    "muted",
    "snoozed",
    "unsilenced",
    "acknowledged",
    "gathered",
    "reverted",
    "forgotten",
    "rate_limited",
    "mood",
    "told",
];

/// What a machine beneath the watch has decided since it was last read. It stays empty, and costs
/// nothing, while nothing is decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Vec<(NodeId, DecisionKind)>);

impl Journal {
    /// Notes a decision about a source.
    pub(crate) fn note(&mut self, node: NodeId, what: DecisionKind) {
        self.0.push((node, what));
    }

    /// Notes the same decision about each of these.
    pub(crate) fn note_all(
        &mut self,
        nodes: impl IntoIterator<Item = NodeId>,
        what: &DecisionKind,
    ) {
        let noted = nodes.into_iter().map(|node| (node, what.clone()));
        self.0.extend(noted);
    }

    /// All of it, oldest first; nothing is left.
    pub(crate) fn take(&mut self) -> Vec<(NodeId, DecisionKind)> {
        std::mem::take(&mut self.0)
    }
}
