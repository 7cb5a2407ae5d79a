//! What follows from a sample.

use std::time::Duration;

use super::attribution::{Attribution, tone};
use super::likeness::Likeness;
use super::reach::Proof;
use super::reference_group::{GroupState, PendingAnswers, ReferenceGroup};
use super::{Alone, ConnectivityGuard, GuardOutput, Reach, RouteScope};
use crate::cause::CauseCode;
use crate::journal::NetworkDecision;
use crate::judge::Verdict;
use crate::observation::Observation;
use crate::offline::OfflineReason;
use crate::outline::NodeId;
use crate::status::Level;
use crate::world::World;

/// A source without its own route that is reached for so long, on a network that was there all the
/// while, needs none. A captive portal answers in its place sooner.
const FOUND: Duration = Duration::from_mins(1);

impl ConnectivityGuard {
    /// Takes a source's answer. What of it may be judged comes back: at once, later, or never.
    pub fn sampled(&mut self, world: &World, now: Duration, fresh: Observation) -> GuardOutput {
        let mut steps = GuardOutput::default();
        let Some(seat) = self.seat_of(world, fresh.node) else {
            steps.passed.push(fresh);
            return steps;
        };
        if self.sleep.is_quiet() {
            self.note_failure(&fresh, NetworkDecision::Asleep, seat);
            return steps;
        }
        let began = fresh.began;
        let before = self.stance(seat);
        let tone = tone(
            &fresh.sample,
            fresh.hold,
            self.places[seat].seat.reach.proof(),
        );
        self.learn(seat, &fresh.sample);
        self.polled(began, seat, tone);
        match tone {
            Attribution::Answered => self.answered_well(world, now, seat, fresh, &mut steps),
            Attribution::Ours if self.places[seat].held => {}
            Attribution::Ours => steps.passed.push(fresh),
            Attribution::Name | Attribution::Doubtful => {
                self.failed(world, now, seat, fresh, tone, &mut steps);
            }
        }
        if let Some(circle) = self.places[seat].seat.circle {
            self.settle_alike(world, now, circle, &mut steps);
        }
        if self.stance(seat) != before {
            self.sync(world, &mut steps);
        }
        self.request_answers(now, &mut steps);
        steps
    }

    /// All that one sample can change of who is held: looking at everyone after each would cost
    /// more than the rest of the watch.
    fn stance(&self, seat: usize) -> (RouteScope, Option<Alone>, Option<GroupState>, u64) {
        let place = &self.places[seat];
        let stage = place.seat.circle.map(|circle| self.circles[circle].stage);
        (place.way, place.alone, stage, self.revision)
    }

    fn answered_well(
        &mut self,
        world: &World,
        now: Duration,
        seat: usize,
        fresh: Observation,
        steps: &mut GuardOutput,
    ) {
        let began = fresh.began;
        self.places[seat].alone = None;
        if self.way(seat) == RouteScope::Gone && began >= self.routed_since {
            // Whatever the routes seem to be: it is reached. What was on its way before says nothing.
            let place = &mut self.places[seat];
            (place.way, place.guessed) = (RouteScope::Local, true);
        }
        let Some(circle) = self.places[seat].seat.circle else {
            steps.passed.push(fresh);
            return;
        };
        let place = &self.places[seat];
        // Where its own route is gone, someone else may answer in its place.
        let is_known = !place.lost || place.found.is_some_and(|found| found + FOUND <= now);
        // Routed by default, it is reached as all others are: not at all, or someone speaks for it.
        let offline = self
            .circles
            .first()
            .and_then(ReferenceGroup::offline)
            .is_some();
        let is_doubtful = offline && circle > 0 && self.way(seat) == RouteScope::Beyond;
        let proof = match place.seat.reach.proof() {
            Proof::Verified if is_known => Proof::Verified,
            Proof::Answer if is_known && !is_doubtful => Proof::Answer,
            _ => Proof::Nothing,
        };
        let counts = |why, since| {
            began >= since
                && match why {
                    OfflineReason::Portal => proof == Proof::Verified,
                    OfflineReason::NoRoute | OfflineReason::Silent => proof != Proof::Nothing,
                }
        };
        let of_circle = self.is_of_circle(seat);
        if of_circle {
            if proof != Proof::Nothing {
                let ended = fresh.ended;
                self.circles[circle].evidence.add(began, ended);
                if self.places[seat].ipv6 {
                    self.circles[circle].over_ipv6.add(began, ended);
                }
                if self.is_named(seat) {
                    self.circles[circle].resolved.add(began, ended);
                }
            }
            let [answered, verified] = &mut self.circles[circle].reached;
            if proof != Proof::Nothing {
                *answered = (*answered).max(Some(began));
            }
            if proof == Proof::Verified {
                *verified = (*verified).max(Some(began));
            }
        }
        if began >= self.routed_since && !is_doubtful && self.circles[circle].offline().is_none() {
            self.places[seat].found.get_or_insert(now);
        }
        match self.circles[circle].stage {
            GroupState::Offline { why, since } if of_circle => {
                if !counts(why, since) {
                    return;
                }
                self.come_back(now, circle);
            }
            GroupState::Witness { why, since } if of_circle && counts(why, since) => {
                self.release(world, now, circle, None, steps);
            }
            _ => {}
        }
        if self.circles[circle].awaits(fresh.node) {
            self.circles[circle].waiting.push(PendingAnswers {
                observation: fresh,
                seat,
                is_failure: false,
                of_name: false,
                like: None,
                is_old_news: false,
                was_alike: false,
            });
        } else {
            steps.passed.push(fresh);
        }
    }

    fn failed(
        &mut self,
        world: &World,
        now: Duration,
        seat: usize,
        fresh: Observation,
        tone: Attribution,
        steps: &mut GuardOutput,
    ) {
        let began = fresh.began;
        let place = &self.places[seat];
        let retry = world.outline().node(fresh.node).rules.retry;
        if began < self.awake_since {
            self.note_failure(&fresh, NetworkDecision::Asleep, seat);
            steps.recheck.push((fresh.node, retry));
            return;
        }
        let Some(circle) = place.seat.circle else {
            steps.passed.push(fresh);
            return;
        };
        let (own, is_host) = (
            place.seat.own,
            matches!(place.seat.reach, Reach::Host { .. }),
        );
        let way = self.way(seat);
        if place.lost && is_host {
            let is_found = |found| found + FOUND <= now;
            if !place.found.is_some_and(is_found) {
                // The default route leads elsewhere.
                self.places[seat].alone = Some(Alone::Route);
                return;
            }
            self.places[seat].lost = false;
        }
        if tone != Attribution::Name && self.places[seat].alone == Some(Alone::Like(Likeness::Name))
        {
            // Its name is resolved: it is not like the others any more.
            self.places[seat].alone = None;
        }
        let again = self.is_to_be_doubted(now, seat);
        let place = &self.places[seat];
        if (place.held && !again) || (is_host && way == RouteScope::Gone) {
            return;
        }
        if place.seat.reach == Reach::Here && !own {
            steps.passed.push(fresh);
            return;
        }
        let near = !own && matches!(way, RouteScope::Local | RouteScope::Here) && is_host;
        // While names are resolved late, a deadline may be spent on that.
        let host = self.places[seat].seat.reach.host();
        let is_late = fresh.sample.cause.as_ref();
        let is_late = is_late.is_some_and(|cause| cause.code == CauseCode::Timeout)
            && host.is_some_and(|host| !super::reach::is_address(host));
        if (tone == Attribution::Name || is_late) && self.deaf.is_some() {
            self.places[seat].alone = Some(Alone::Name);
            return;
        }
        if near && tone == Attribution::Doubtful {
            steps.passed.push(fresh);
            return;
        }
        let ring = &self.circles[circle];
        if !near && began < ring.well_since {
            self.note_failure(&fresh, NetworkDecision::Stale, seat);
            steps.recheck.push((fresh.node, retry));
            return;
        }
        if let Some(why) = ring.offline()
            && place.seat.reach == Reach::Unknown
            && (why != OfflineReason::NoRoute || !own)
        {
            self.places[seat].alone = Some(Alone::Perhaps);
            return;
        }
        if tone == Attribution::Doubtful && !ring.has_references() {
            steps.passed.push(fresh);
            return;
        }
        let is_old_news = is_believed_bad(world, fresh.node);
        let like = self.likeness(seat, tone).filter(|_| !is_old_news);
        if like.is_none() && ring.is_settled(now, began, is_old_news) && !ring.awaits(fresh.node) {
            self.note_new(&fresh, NetworkDecision::Theirs, seat, is_old_news);
            steps.passed.push(fresh);
            return;
        }
        self.note_new(&fresh, NetworkDecision::Waits, seat, is_old_news);
        let ring = &mut self.circles[circle];
        ring.waiting.push(PendingAnswers {
            observation: fresh,
            seat,
            is_failure: true,
            of_name: tone == Attribution::Name,
            like: None,
            is_old_news,
            was_alike: again,
        });
        match ring.stage {
            GroupState::Witness { why, .. } => self.weigh(world, now, circle, why, false, steps),
            GroupState::Well | GroupState::Offline { .. } => ring.want(now),
        }
    }
}

/// True of a source that is believed to be worse than up: that it fails is no news.
pub(super) fn is_believed_bad(world: &World, node: NodeId) -> bool {
    let believed = world.state(node).judge.believed();
    !matches!(believed, Verdict::Unasked | Verdict::At(Level::Up))
}
