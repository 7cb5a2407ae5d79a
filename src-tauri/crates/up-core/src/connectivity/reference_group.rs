//! A reference group: the sources that share their references, and what is known of the network
//! between.

use std::time::Duration;

use super::evidence::Evidence;
use super::likeness::{Likeness, Poll};
use crate::observation::Observation;
use crate::offline::OfflineReason;
use crate::outline::NodeId;

/// The shortest time between two checks of a group's references.
pub(super) const GAP: Duration = Duration::from_secs(3);
/// How long a good answer of the references settles failures that began before it was requested.
pub(super) const FRESH: Duration = Duration::from_secs(2);
/// The same for a source that is already believed down, whose further failures are expected.
pub(super) const FRESH_WHEN_EXPECTED: Duration = Duration::from_secs(30);
/// The time after which a requested check of references without a result counts as silence.
pub(super) const LOST: Duration = Duration::from_secs(15);
/// How long other sources that are checked as witnesses have to answer.
pub(super) const WITNESS: Duration = Duration::from_secs(15);
/// Without references, a returned route counts as network after this time: the lease and the
/// resolver come back later than the route.
pub(super) const SETTLE: Duration = Duration::from_secs(3);

/// What is known of a group's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupState {
    /// The network is there.
    Well,
    /// The references are silent, and other sources are being checked as witnesses.
    Witness { why: OfflineReason, since: Duration },
    /// The network is gone.
    Offline { why: OfflineReason, since: Duration },
}

/// A sample that waits until a failure is attributed: the failure itself, or a later sample of the
/// same source.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of one failure that do not depend on each other"
)]
pub(super) struct PendingAnswers {
    pub(super) observation: Observation,
    pub(super) index: usize,
    /// True of the failure, false of later samples.
    pub(super) is_failure: bool,
    /// True when the failure is a name that was not resolved.
    pub(super) of_name: bool,
    /// Set when the references answer and the failure waits for sources like it.
    pub(super) like: Option<Likeness>,
    /// True when the source was believed down already.
    pub(super) is_expected: bool,
    /// True when the source was held for its likeness and a new poll is under way.
    pub(super) was_alike: bool,
}

/// One reference group.
#[derive(Clone, Debug)]
pub(super) struct ReferenceGroup {
    /// The URLs of the references. A group without references relies on the routes alone.
    pub(super) references: Box<[String]>,
    pub(super) stage: GroupState,
    /// Since when the references are being checked.
    pub(super) asking: Option<Duration>,
    /// When a check of the references was last requested.
    pub(super) asked: Option<Duration>,
    /// When the references are to be checked next. Without references: when a returned route counts
    /// as network.
    pub(super) next: Option<Duration>,
    /// When the last good answer of the references was requested, and when it came.
    pub(super) last_answer: Option<(Duration, Duration)>,
    pub(super) waiting: Vec<PendingAnswers>,
    /// The polls of sources like one that failed.
    pub(super) polls_alike: Vec<Poll>,
    /// When the last check began that was answered, and the last whose host was verified.
    pub(super) reached: [Option<Duration>; 2],
    /// A check that began before this time and failed does not count: it failed with the network.
    pub(super) well_since: Duration,
    /// When the network was surely there.
    pub(super) evidence: Evidence,
    /// When names were surely resolved.
    pub(super) resolved: Evidence,
    /// When something was surely reached over IPv6.
    pub(super) over_ipv6: Evidence,
    /// A source was reached while no reference answered well, and none has since: the references may
    /// be at fault themselves.
    pub(super) refuted: bool,
    /// When the check of a source began that was answered while the network was gone, but that a
    /// captive portal may have answered. The default network's references show whether one did.
    pub(super) unconfirmed: Option<Duration>,
    /// How often the references were checked since the network is gone.
    pub(super) polls: u32,
}

impl ReferenceGroup {
    pub(super) fn new(references: Box<[String]>) -> Self {
        Self {
            references,
            stage: GroupState::Well,
            asking: None,
            asked: None,
            next: None,
            last_answer: None,
            waiting: Vec::new(),
            polls_alike: Vec::new(),
            reached: [None; 2],
            well_since: Duration::ZERO,
            evidence: Evidence::default(),
            resolved: Evidence::default(),
            over_ipv6: Evidence::default(),
            refuted: false,
            unconfirmed: None,
            polls: 0,
        }
    }

    /// The group after a reload. What waited is checked again, as are references that were being
    /// checked.
    pub(super) fn again(&self) -> Self {
        let mut again = Self {
            waiting: Vec::new(),
            polls_alike: Vec::new(),
            ..self.clone()
        };
        if again.asking.take().is_some() {
            again.next = again.asked;
        }
        if matches!(again.stage, GroupState::Witness { .. }) {
            again.stage = GroupState::Well;
        }
        again
    }

    /// True when the group has references to check.
    pub(super) fn has_references(&self) -> bool {
        !self.references.is_empty()
    }

    /// Why the network is gone; `None` while it is there.
    pub(super) fn offline(&self) -> Option<OfflineReason> {
        match self.stage {
            GroupState::Offline { why, .. } => Some(why),
            GroupState::Well | GroupState::Witness { .. } => None,
        }
    }

    /// Requests a check of the references soon, unless one is under way.
    pub(super) fn want(&mut self, now: Duration) {
        if self.asking.is_some() {
            return;
        }
        let earliest = self.asked.map_or(now, |asked| now.max(asked + GAP));
        self.next = Some(self.next.map_or(earliest, |next| next.min(earliest)));
    }

    /// Schedules the next check whether the network is back: soon at first, then less and less
    /// often.
    pub(super) fn poll_again(&mut self, now: Duration) {
        let seconds = match self.polls {
            0..10 => 3,
            10..20 => 5,
            20..40 => 10,
            _ => 30,
        };
        self.polls = self.polls.saturating_add(1);
        self.next = Some(now + Duration::from_secs(seconds));
    }

    /// True when an earlier good answer of the references settles a failure of a check that began
    /// at `began`.
    pub(super) fn is_settled(&self, now: Duration, began: Duration, is_expected: bool) -> bool {
        let Some((asked, answered)) = self.last_answer else {
            return false;
        };
        let age = now.saturating_sub(answered);
        if is_expected {
            age <= FRESH_WHEN_EXPECTED
        } else {
            age <= FRESH && asked >= began
        }
    }

    /// True while a sample of that node waits. Later samples of it must wait behind it.
    pub(super) fn awaits(&self, node: NodeId) -> bool {
        self.waiting
            .iter()
            .any(|waiting| waiting.observation.node == node)
    }

    /// When the group next has something due.
    pub(super) fn due(&self) -> Option<Duration> {
        let lost = self.asking.map(|since| since + LOST);
        let witness = match self.stage {
            GroupState::Witness { since, .. } => Some(since + WITNESS),
            GroupState::Well | GroupState::Offline { .. } => None,
        };
        let next = if self.asking.is_none() {
            self.next
        } else {
            None
        };
        // While other sources are checked as witnesses, the polls wait.
        let polls = self.polls_alike.iter().map(Poll::due);
        let polls = polls.filter(|_| self.stage == GroupState::Well);
        let others = [lost, witness, next].into_iter().flatten();
        others.chain(polls).min()
    }
}
