//! The decisions that the judge, the connectivity guard and the dispatcher make about sources.
//!
//! Room: a decision is small enough to be always recorded. `decisions` stores them and turns them
//! into sentences.

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

/// A decision, and when it was made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    /// The time in Unix seconds.
    pub(crate) at: Timestamp,
    pub(crate) what: DecisionKind,
}

/// What was decided about one source. The names of other sources and the causes are shared, so that
/// a record stays small.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DecisionKind {
    /// The first check was up: the silent baseline.
    Baseline,
    /// A row of checks contradicts the verdict, but is too short to change it.
    Doubt {
        against: Against,
        count: u16,
        /// The length that the row needs.
        of: u16,
        cause: Option<Arc<Cause>>,
    },
    /// The row ended before it was long enough.
    Unconfirmed {
        against: Against,
        count: u16,
        /// The length that the row needed.
        of: u16,
        cause: Option<Arc<Cause>>,
    },
    /// The judge's verdict changed.
    Believed {
        from: Verdict,
        to: Verdict,
        /// How many checks in a row it took, if the change is bad news.
        of: u16,
        /// Whether the verdict was alertable in that mood, by the rules of then.
        alertable: bool,
        mood: Mood,
        cause: Option<Arc<Cause>>,
    },
    /// The connectivity guard decided about a failure or a hold.
    Network {
        found: NetworkDecision,
        /// The reference group of the source.
        group: u16,
        /// The answers of the group's references. They are filled in when the decision is recorded.
        answers: Option<Arc<Answers>>,
    },
    /// The source is held: a person paused it, or it reports maintenance itself.
    Held(Hold),
    /// A maintenance window opened that ends at this time.
    Maintenance(Timestamp),
    /// The source is held, because the dependency at this path is believed down.
    Unreachable(Arc<str>),
    /// A hold ended.
    Released(Hold),
    /// No notices are sent about the source, until a time if one is known.
    Silenced {
        muted: bool,
        until: Option<Timestamp>,
    },
    /// Notices are sent about the source again.
    Unsilenced,
    /// The outage was acknowledged: no further notices or reminders until it is over.
    Acknowledged,
    /// The fall waits, so that falls related to it share the notice.
    Gathered,
    /// The trouble was over, or not alertable any more, before anybody was notified.
    Reverted,
    /// The source was held before anybody was notified, and its verdict was forgotten.
    Forgotten,
    /// The notice waits, because the rate limit of this minute is reached.
    RateLimited,
    /// A person changed the mood. Says whether the source's verdict is alertable now.
    Mood { mood: Mood, alertable: bool },
    /// A notice about the source was sent.
    Told(Arc<ToldNotice>),
}

/// A decision of the connectivity guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NetworkDecision {
    /// The failure waits for the references' answers.
    Waits,
    /// A reference answered: the failure is the source's own.
    Theirs,
    /// The references are silent, and other sources are checked as witnesses.
    Witnesses(OfflineReason),
    /// The references are silent, but another source answered: the failure is the source's own.
    Vouched,
    /// This machine's network is gone: the source is held.
    Gone(OfflineReason),
    /// This machine has no route to the source.
    NoRoute,
    /// This machine's resolver is gone: the source, which has a host name, is held.
    NoResolver,
    /// The source's own route is gone.
    NoOwnRoute,
    /// Several unrelated names are not resolved.
    SomeNames,
    /// Nothing is reached over IPv6.
    NoIpv6,
    /// This machine's network is gone, and the source may use it.
    Perhaps,
    /// The check began before the network was last known to be there: it does not count.
    Stale,
    /// The machine slept or had just woken up, or the person had just logged in: the check does not
    /// count.
    Asleep,
    /// This machine's network is back.
    Back,
}

/// The answers of a group's references, and whether names were resolved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answers {
    pub(crate) references: Arc<[String]>,
    pub(crate) replies: Box<[ReferenceAnswer]>,
    pub(crate) resolver: Option<bool>,
}

impl DecisionKind {
    /// The guard's decision about a source of the reference group `group`.
    pub(crate) const fn network(found: NetworkDecision, group: usize) -> Self {
        Self::Network {
            found,
            group: group as u16,
            answers: None,
        }
    }

    /// The code of the decision, from the closed list [`CODES`].
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

/// The code of a notice.
pub(crate) const TOLD: &str = "told";
/// The code of the guard's decisions that hold a source.
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

/// All codes of decisions, as `up why --json` writes them.
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

/// The decisions that a part of the watch has made since they were last read. While nothing is
/// decided it is empty and costs nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Vec<(NodeId, DecisionKind)>);

impl Journal {
    /// Records a decision about a source.
    pub(crate) fn note(&mut self, node: NodeId, what: DecisionKind) {
        self.0.push((node, what));
    }

    /// Records the same decision about several sources.
    pub(crate) fn note_all(
        &mut self,
        nodes: impl IntoIterator<Item = NodeId>,
        what: &DecisionKind,
    ) {
        let noted = nodes.into_iter().map(|node| (node, what.clone()));
        self.0.extend(noted);
    }

    /// Returns all decisions, oldest first, and leaves none.
    pub(crate) fn take(&mut self) -> Vec<(NodeId, DecisionKind)> {
        std::mem::take(&mut self.0)
    }
}
