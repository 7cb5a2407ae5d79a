//! A circle: the sources that share their references, and what is known of the network between.

use std::time::Duration;

use super::evidence::Evidence;
use super::likeness::{Likeness, Poll};
use crate::observation::Observation;
use crate::offline::OfflineReason;
use crate::outline::NodeId;

/// The references are asked at most so often, whatever fails.
pub(super) const GAP: Duration = Duration::from_secs(3);
/// An answer of the references settles what has failed since it was asked for, for so long.
pub(super) const FRESH: Duration = Duration::from_secs(2);
/// The same for a source that is believed to be down already: its failure is no news.
pub(super) const FRESH_FOR_OLD_NEWS: Duration = Duration::from_secs(30);
/// Whoever asks the references has to answer within this.
pub(super) const LOST: Duration = Duration::from_secs(15);
/// Other sources that were asked to bear witness have so long.
pub(super) const WITNESS: Duration = Duration::from_secs(15);
/// With no reference to ask, a route that is back has so long for its lease and resolver.
pub(super) const SETTLE: Duration = Duration::from_secs(3);

/// What is known of the network between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupState {
    /// It is there.
    Well,
    /// The references do not answer; other sources were asked.
    Witness { why: OfflineReason, since: Duration },
    /// It is gone.
    Offline { why: OfflineReason, since: Duration },
}

/// A failure that waits until it is known whose it is; and what came of the same source since.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of one failure that do not depend on each other"
)]
pub(super) struct PendingAnswers {
    pub(super) observation: Observation,
    pub(super) seat: usize,
    /// A failure, and not what came after it.
    pub(super) is_failure: bool,
    /// The failure is that of a name.
    pub(super) of_name: bool,
    /// The references answer, and it waits for sources that are like it.
    pub(super) like: Option<Likeness>,
    /// It was believed to be down already.
    pub(super) is_old_news: bool,
    /// It was held for its likeness, and its like are asked anew.
    pub(super) was_alike: bool,
}

/// One circle.
#[derive(Clone, Debug)]
pub(super) struct ReferenceGroup {
    /// Their URLs; none of a circle that has only the system's word.
    pub(super) references: Box<[String]>,
    pub(super) stage: GroupState,
    /// The references are being asked since then.
    pub(super) asking: Option<Duration>,
    /// When they were last asked.
    pub(super) asked: Option<Duration>,
    /// When they are to be asked next; without references, when a route's return is believed.
    pub(super) next: Option<Duration>,
    /// When the question was put that was last answered well, and when it was answered.
    pub(super) heard: Option<(Duration, Duration)>,
    pub(super) waiting: Vec<PendingAnswers>,
    /// Sources that are asked because one like them failed.
    pub(super) polls_alike: Vec<Poll>,
    /// When the last check began that was answered, and the last that was verified.
    pub(super) reached: [Option<Duration>; 2],
    /// What began before then and failed, failed with the network.
    pub(super) well_since: Duration,
    /// When the network was surely there.
    pub(super) evidence: Evidence,
    /// When names were surely resolved.
    pub(super) resolved: Evidence,
    /// When something was surely reached over IPv6.
    pub(super) over_ipv6: Evidence,
    /// How often they were asked since we are offline.
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
            heard: None,
            waiting: Vec::new(),
            polls_alike: Vec::new(),
            reached: [None; 2],
            well_since: Duration::ZERO,
            evidence: Evidence::default(),
            resolved: Evidence::default(),
            over_ipv6: Evidence::default(),
            polls: 0,
        }
    }

    /// The same after a reload: what waits is asked again, and so is whoever was being asked.
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

    /// True when there is someone to ask.
    pub(super) fn has_references(&self) -> bool {
        !self.references.is_empty()
    }

    /// Why we are offline, if we are.
    pub(super) fn offline(&self) -> Option<OfflineReason> {
        match self.stage {
            GroupState::Offline { why, .. } => Some(why),
            GroupState::Well | GroupState::Witness { .. } => None,
        }
    }

    /// Has the references asked soon, unless they are being asked.
    pub(super) fn want(&mut self, now: Duration) {
        if self.asking.is_some() {
            return;
        }
        let earliest = self.asked.map_or(now, |asked| now.max(asked + GAP));
        self.next = Some(self.next.map_or(earliest, |next| next.min(earliest)));
    }

    /// Plans the next look whether the network is back: soon at first, then less and less often.
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

    /// True when an answer of the references already settles a failure that began then.
    pub(super) fn is_settled(&self, now: Duration, began: Duration, is_old_news: bool) -> bool {
        let Some((asked, answered)) = self.heard else {
            return false;
        };
        let age = now.saturating_sub(answered);
        if is_old_news {
            age <= FRESH_FOR_OLD_NEWS
        } else {
            age <= FRESH && asked >= began
        }
    }

    /// True while something of that node waits, so that what comes now has to queue.
    pub(super) fn awaits(&self, node: NodeId) -> bool {
        self.waiting
            .iter()
            .any(|waiting| waiting.observation.node == node)
    }

    /// When something is to be done.
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
        // While others are asked for the references, that goes first.
        let polls = self.polls_alike.iter().map(Poll::due);
        let polls = polls.filter(|_| self.stage == GroupState::Well);
        let others = [lost, witness, next].into_iter().flatten();
        others.chain(polls).min()
    }
}
