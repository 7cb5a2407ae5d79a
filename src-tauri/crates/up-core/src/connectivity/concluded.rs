//! What follows from the references' answers for the failures that wait for them.

use std::time::Duration;

use super::attribution::Attribution;
use super::finding::{Finding, Others, find};
use super::reach::Proof;
use super::reference_group::{GroupState, PendingAnswers};
use super::sampled::is_believed_bad;
use super::{Alone, ConnectivityGuard, GuardOutput};
use crate::cause::CauseCode;
use crate::journal::NetworkDecision;
use crate::offline::{OfflineReason, ReferenceAnswer};
use crate::outline::NodeId;
use crate::world::World;

/// So many other sources at most are asked to bear witness.
const WITNESSES: usize = 3;

impl ConnectivityGuard {
    /// The references have answered, or not: whose are the failures that wait?
    pub(super) fn conclude(
        &mut self,
        world: &World,
        now: Duration,
        (circle, asked): (usize, Duration),
        replies: &[ReferenceAnswer],
        resolver: Option<bool>,
        steps: &mut GuardOutput,
    ) {
        let is_portal = replies.contains(&ReferenceAnswer::Wrong)
            && !replies.contains(&ReferenceAnswer::Answered);
        let why = is_portal.then_some(OfflineReason::Portal);
        let others = self.others(world, circle, why).0;
        match find(replies, others) {
            Finding::Well => self.release(world, now, circle, resolver, steps),
            Finding::Gone(why) | Finding::AskOthers(why) => {
                let [answered, verified] = self.circles[circle].reached;
                // Who speaks in the place of another is found out by verified sources alone.
                let is_tls = |waiting: &PendingAnswers| {
                    let cause = waiting.observation.sample.cause.as_ref();
                    cause.is_some_and(|cause| cause.code == CauseCode::Tls)
                };
                let is_spoken = self.circles[circle].waiting.iter().any(is_tls);
                let reached = if why == OfflineReason::Portal || is_spoken {
                    verified
                } else {
                    answered
                };
                if reached.is_some_and(|began| began >= asked) {
                    // Whoever was asked after them was reached: they are at fault themselves.
                    let ring = &mut self.circles[circle];
                    (ring.stage, ring.heard) = (GroupState::Witness { why, since: now }, None);
                    self.release(world, now, circle, resolver, steps);
                    return;
                }
                self.weigh(world, now, circle, why, true, steps);
            }
        }
    }

    /// The references are silent: are others too? `first`: then others are asked.
    pub(super) fn weigh(
        &mut self,
        world: &World,
        now: Duration,
        circle: usize,
        why: OfflineReason,
        first: bool,
        steps: &mut GuardOutput,
    ) {
        let (others, witnesses) = self.others(world, circle, Some(why));
        let silence = [if why == OfflineReason::Portal {
            ReferenceAnswer::Wrong
        } else {
            ReferenceAnswer::Silent
        }];
        match find(&silence, others) {
            Finding::Gone(why) => self.lose(now, circle, why),
            Finding::AskOthers(why) if first => {
                self.circles[circle].stage = GroupState::Witness { why, since: now };
                self.note_waiting(circle, NetworkDecision::Witnesses(why));
                let asked = witnesses.into_iter().take(WITNESSES);
                steps
                    .recheck
                    .extend(asked.map(|node| (node, Duration::ZERO)));
            }
            Finding::AskOthers(_) | Finding::Well => {}
        }
    }

    /// How many unrelated hosts have failed, and which others could bear witness.
    fn others(
        &self,
        world: &World,
        circle: usize,
        why: Option<OfflineReason>,
    ) -> (Others, Vec<NodeId>) {
        let waiting = &self.circles[circle].waiting;
        // A captive portal resolves names.
        let is_portal = why == Some(OfflineReason::Portal);
        let counts =
            |waiting: &&PendingAnswers| waiting.is_failure && !(is_portal && waiting.of_name);
        let failures = waiting.iter().filter(counts);
        let mut old = Vec::new();
        let mut failed = Vec::new();
        for failure in failures.filter(|failure| self.is_of_circle(failure.seat)) {
            let Some(kin) = self.places[failure.seat].kin else {
                continue;
            };
            let list = if failure.is_old_news {
                &mut old
            } else {
                &mut failed
            };
            if !list.contains(&kin) {
                list.push(kin);
            }
        }
        let mut asked = Vec::new();
        let mut witnesses = Vec::new();
        for (seat, place) in self.places.iter().enumerate() {
            let Some(kin) = place.kin else { continue };
            let known = failed.contains(&kin) || old.contains(&kin) || asked.contains(&kin);
            let proof = place.seat.reach.proof();
            let enough = match why {
                Some(OfflineReason::Portal) => proof == Proof::Verified,
                _ => proof != Proof::Nothing,
            };
            if place.seat.circle == Some(circle)
                && !known
                && enough
                && !place.held
                && self.is_of_circle(seat)
                && !is_believed_bad(world, place.seat.node)
            {
                asked.push(kin);
                witnesses.push(place.seat.node);
                if witnesses.len() == WITNESSES {
                    break;
                }
            }
        }
        let others = Others {
            failed: failed.len(),
            witness: !witnesses.is_empty(),
        };
        (others, witnesses)
    }

    /// The network is there: what waits is judged. Names wait for the resolver's word.
    pub(super) fn release(
        &mut self,
        world: &World,
        now: Duration,
        circle: usize,
        resolver: Option<bool>,
        steps: &mut GuardOutput,
    ) {
        self.note_released(circle, resolver);
        let ring = &mut self.circles[circle];
        if let GroupState::Witness { .. } = ring.stage {
            ring.stage = GroupState::Well;
        }
        for mut waiting in std::mem::take(&mut ring.waiting) {
            let awaits = self.circles[circle].awaits(waiting.observation.node);
            if waiting.like.is_some() || awaits {
                // It waits for its like already, or behind a sample of its own that does.
                self.circles[circle].waiting.push(waiting);
                continue;
            }
            if waiting.of_name && resolver == Some(false) {
                self.places[waiting.seat].alone = Some(Alone::Name);
                self.deafen(now);
                continue;
            }
            if self.places[waiting.seat].alone.is_some() && waiting.is_failure && !waiting.was_alike
            {
                continue;
            }
            let tone = if waiting.of_name {
                Attribution::Name
            } else {
                Attribution::Doubtful
            };
            let has_references = self.circles[circle].has_references();
            let like = self.likeness(waiting.seat, tone).filter(|_| has_references);
            let like = like.filter(|_| waiting.is_failure && !waiting.is_old_news);
            if let Some(like) = like
                && self.doubt(world, now, (circle, waiting.seat), like, steps)
            {
                waiting.like = Some(like);
                self.circles[circle].waiting.push(waiting);
                continue;
            }
            self.places[waiting.seat].alone = None;
            steps.passed.push(waiting.observation);
        }
        self.settle_alike(world, now, circle, steps);
    }
}
