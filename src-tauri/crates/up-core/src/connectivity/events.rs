//! What follows from events about this machine's network, and from the passing of time.

use std::time::Duration;

use super::reference_group::{GroupState, LOST, SETTLE, WITNESS};
use super::{
    Alone, ConnectivityEvent, ConnectivityGuard, GuardOutput, Reach, ReferenceRequest,
    ResolverOutage, RouteScope,
};
use crate::offline::{OfflineReason, ReferenceAnswer};
use crate::outline::NodeId;
use crate::world::World;

/// How often a silent resolver is checked again.
const RESOLVER: Duration = Duration::from_secs(5);
/// How often a resolver that has been silent for long is checked again.
const RESOLVER_LATER: Duration = Duration::from_secs(30);

impl ConnectivityGuard {
    /// Processes an event about this machine's network.
    pub fn news(&mut self, world: &World, now: Duration, news: ConnectivityEvent) -> GuardOutput {
        let mut steps = GuardOutput::default();
        match news {
            ConnectivityEvent::Routes { default, ways } => self.routed(now, default, ways),
            ConnectivityEvent::Rerouted => {
                for circle in &mut self.circles {
                    (circle.well_since, circle.heard) = (now, None);
                }
            }
            ConnectivityEvent::Answers {
                circle,
                replies,
                resolver,
            } => {
                self.heard(world, now, circle, &replies, resolver, &mut steps);
            }
        }
        self.sync(world, &mut steps);
        self.request_answers(now, &mut steps);
        steps
    }

    /// Processes what is due at `now`.
    pub fn tick(&mut self, world: &World, now: Duration) -> GuardOutput {
        let mut steps = GuardOutput::default();
        if self.sleep.tick(now) {
            self.awake_since = now;
            self.recheck_all(&mut steps);
        }
        if self.sleep.is_quiet() {
            return steps;
        }
        for i in 0..self.circles.len() {
            let circle = &mut self.circles[i];
            if circle.asking.is_some_and(|since| now >= since + LOST) {
                // No result has come. It counts as no answer.
                self.heard(world, now, Some(i), &[], None, &mut steps);
            }
            self.settle_alike(world, now, i, &mut steps);
            let circle = &mut self.circles[i];
            match circle.stage {
                GroupState::Witness { why, since } if now >= since + WITNESS => {
                    self.lose(now, i, why);
                }
                GroupState::Offline {
                    why: OfflineReason::NoRoute,
                    ..
                } if !circle.has_references() && circle.next.is_some_and(|next| now >= next) => {
                    self.come_back(now, i);
                }
                _ => {}
            }
        }
        self.sync(world, &mut steps);
        self.request_answers(now, &mut steps);
        steps
    }

    fn routed(&mut self, now: Duration, default: bool, ways: Vec<(NodeId, RouteScope)>) {
        let own = |way| matches!(way, RouteScope::Local | RouteScope::Tunnel);
        for (node, way) in ways {
            let Some(seat) = self.by_node.get(&node) else {
                continue;
            };
            let place = &mut self.places[*seat];
            if !matches!(place.seat.reach, Reach::Host { .. }) {
                continue;
            }
            place.routed |= way != RouteScope::Gone;
            // A way that was inferred from an answer is no route that could be lost.
            let had_own = own(place.way) && !std::mem::take(&mut place.guessed);
            if had_own && !own(way) && way != RouteScope::Here {
                (place.lost, place.found) = (true, None);
            } else if own(way) {
                place.lost = false;
                if place.alone == Some(Alone::Route) {
                    place.alone = None;
                }
            }
            if place.way != way {
                place.way = way;
                self.routed_since = now;
                // Checks that are under way used a route that has changed.
                if let Some(circle) = place.seat.circle {
                    self.circles[circle].well_since = now;
                }
            }
        }
        let before = std::mem::replace(&mut self.default, default);
        if before == default {
            return;
        }
        self.routed_since = now;
        for place in &mut self.places {
            if std::mem::take(&mut place.guessed) {
                place.way = RouteScope::Beyond;
            }
        }
        for i in 0..self.circles.len() {
            if !default {
                self.lose(now, i, OfflineReason::NoRoute);
                continue;
            }
            let circle = &mut self.circles[i];
            (circle.well_since, circle.polls) = (now, 0);
            let has_references = circle.has_references();
            circle.next = Some(if has_references { now } else { now + SETTLE });
        }
    }

    fn heard(
        &mut self,
        world: &World,
        now: Duration,
        circle: Option<usize>,
        replies: &[ReferenceAnswer],
        resolver: Option<bool>,
        steps: &mut GuardOutput,
    ) {
        self.resolved(now, resolver, circle.is_none());
        let Some(i) = circle.filter(|i| *i < self.circles.len()) else {
            return;
        };
        let circle = &mut self.circles[i];
        let Some(asked) = circle.asking.take() else {
            return;
        };
        circle.next = None;
        let answered = replies.contains(&ReferenceAnswer::Answered);
        if answered {
            circle.evidence.add(asked, now);
        }
        if resolver == Some(true) {
            circle.resolved.add(asked, now);
        }
        match circle.stage {
            GroupState::Offline {
                why: OfflineReason::NoRoute,
                ..
            } if !self.default => {
                // There is no default route, so only sources with their own routes can be waiting.
                // They are judged as if the network were there.
                if answered {
                    circle.heard = Some((asked, now));
                    self.release(world, now, i, resolver, steps);
                } else {
                    circle.waiting.clear();
                }
            }
            GroupState::Offline { why, since } => {
                if answered || (!circle.has_references() && why == OfflineReason::NoRoute) {
                    self.come_back(now, i);
                } else {
                    if replies.contains(&ReferenceAnswer::Wrong) {
                        let why = OfflineReason::Portal;
                        circle.stage = GroupState::Offline { why, since };
                        self.revision += 1;
                    }
                    circle.poll_again(now);
                }
            }
            GroupState::Well | GroupState::Witness { .. } => {
                if answered && resolver != Some(false) {
                    circle.heard = Some((asked, now));
                }
                if circle.waiting.is_empty() {
                    // A sample has settled the failures in the meantime.
                    return;
                }
                self.conclude(world, now, (i, asked), replies, resolver, steps);
            }
        }
    }

    /// Processes the result of checking the resolver. When it answers, sources held for their names
    /// are released.
    fn resolved(&mut self, now: Duration, resolver: Option<bool>, was_asked_alone: bool) {
        let Some(deaf) = &mut self.deaf else { return };
        if was_asked_alone {
            deaf.asking = None;
            deaf.polls = deaf.polls.saturating_add(1);
            deaf.next = now
                + if deaf.polls < 24 {
                    RESOLVER
                } else {
                    RESOLVER_LATER
                };
        }
        if resolver == Some(true) {
            self.deaf = None;
            for place in &mut self.places {
                if place.alone == Some(Alone::Name) {
                    place.alone = None;
                }
            }
        }
    }

    pub(super) fn deafen(&mut self, now: Duration) {
        self.deaf.get_or_insert(ResolverOutage {
            next: now + RESOLVER,
            asking: None,
            polls: 0,
        });
    }

    /// Requests the checks of references and of the resolver that are due.
    pub(super) fn request_answers(&mut self, now: Duration, steps: &mut GuardOutput) {
        if self.sleep.is_quiet() {
            return;
        }
        for (i, circle) in self.circles.iter_mut().enumerate() {
            let waits =
                circle.offline() == Some(OfflineReason::NoRoute) && !circle.has_references();
            if circle.asking.is_none() && !waits && circle.next.is_some_and(|next| now >= next) {
                (circle.asking, circle.asked, circle.next) = (Some(now), Some(now), None);
                steps.ask.push(ReferenceRequest::Circle(i));
            }
        }
        if let Some(deaf) = &mut self.deaf {
            if deaf.asking.is_some_and(|since| now >= since + LOST) {
                (deaf.asking, deaf.next) = (None, now);
            }
            if deaf.asking.is_none() && now >= deaf.next {
                deaf.asking = Some(now);
                steps.ask.push(ReferenceRequest::Resolver);
            }
        }
    }
}
