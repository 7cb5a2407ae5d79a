//! What follows from events about this machine's network, and from the passing of time.

use std::time::Duration;

use super::reference_group::{GroupState, LOST, ReferenceGroup, SETTLE, WITNESS};
use super::{
    ConnectivityEvent, ConnectivityGuard, GuardOutput, OwnHold, Reach, ReferenceRequest,
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
    pub fn news(&mut self, world: &World, now: Duration, event: ConnectivityEvent) -> GuardOutput {
        let mut output = GuardOutput::default();
        match event {
            ConnectivityEvent::Routes { default, scopes } => self.routed(now, default, scopes),
            ConnectivityEvent::Rerouted => {
                for group in &mut self.groups {
                    (group.well_since, group.last_answer) = (now, None);
                }
            }
            ConnectivityEvent::Answers {
                group,
                replies,
                resolver,
            } => {
                self.evaluate_answers(world, now, group, &replies, resolver, &mut output);
            }
        }
        self.sync(world, &mut output);
        self.request_answers(now, &mut output);
        output
    }

    /// Processes what is due at `now`.
    pub fn tick(&mut self, world: &World, now: Duration) -> GuardOutput {
        let mut output = GuardOutput::default();
        if self.sleep.tick(now) {
            self.awake_since = now;
            self.recheck_all(&mut output);
        }
        if self.sleep.is_quiet() {
            return output;
        }
        for i in 0..self.groups.len() {
            let group = &mut self.groups[i];
            if group.asking.is_some_and(|since| now >= since + LOST) {
                // No result has come. It counts as no answer.
                self.evaluate_answers(world, now, Some(i), &[], None, &mut output);
            }
            self.settle_alike(world, now, i, &mut output);
            let group = &mut self.groups[i];
            match group.stage {
                GroupState::Witness { why, since } if now >= since + WITNESS => {
                    self.go_offline(now, i, why);
                }
                GroupState::Offline {
                    why: OfflineReason::NoRoute,
                    ..
                } if !group.has_references() && group.next.is_some_and(|next| now >= next) => {
                    self.come_online(now, i);
                }
                _ => {}
            }
        }
        self.sync(world, &mut output);
        self.request_answers(now, &mut output);
        output
    }

    fn routed(&mut self, now: Duration, default: bool, scopes: Vec<(NodeId, RouteScope)>) {
        let own = |scope| matches!(scope, RouteScope::Local | RouteScope::Tunnel);
        for (node, scope) in scopes {
            let Some(index) = self.by_node.get(&node) else {
                continue;
            };
            let source = &mut self.sources[*index];
            if !matches!(source.guarded.reach, Reach::Host { .. }) {
                continue;
            }
            source.routed |= scope != RouteScope::Gone;
            // A way that was inferred from an answer is no route that could be lost.
            let had_own = own(source.scope) && !std::mem::take(&mut source.guessed);
            if had_own && !own(scope) && scope != RouteScope::Here {
                (source.lost, source.found) = (true, None);
            } else if own(scope) {
                source.lost = false;
                if source.own_hold == Some(OwnHold::Route) {
                    source.own_hold = None;
                }
            }
            if source.scope != scope {
                source.scope = scope;
                self.routed_since = now;
                // Checks that are under way used a route that has changed.
                if let Some(group) = source.guarded.group {
                    self.groups[group].well_since = now;
                }
            }
        }
        let before = std::mem::replace(&mut self.default, default);
        if before == default {
            return;
        }
        self.routed_since = now;
        for source in &mut self.sources {
            if std::mem::take(&mut source.guessed) {
                source.scope = RouteScope::Beyond;
            }
        }
        for i in 0..self.groups.len() {
            if !default {
                self.go_offline(now, i, OfflineReason::NoRoute);
                continue;
            }
            let group = &mut self.groups[i];
            (group.well_since, group.polls) = (now, 0);
            let has_references = group.has_references();
            group.next = Some(if has_references { now } else { now + SETTLE });
        }
    }

    fn evaluate_answers(
        &mut self,
        world: &World,
        now: Duration,
        group: Option<usize>,
        replies: &[ReferenceAnswer],
        resolver: Option<bool>,
        output: &mut GuardOutput,
    ) {
        self.resolved(now, resolver, group.is_none());
        let Some(i) = group.filter(|i| *i < self.groups.len()) else {
            return;
        };
        let group = &mut self.groups[i];
        let Some(asked) = group.asking.take() else {
            return;
        };
        group.next = None;
        let answered = replies.contains(&ReferenceAnswer::Answered);
        if answered {
            group.evidence.add(asked, now);
            group.refuted = false;
        }
        if resolver == Some(true) {
            group.resolved.add(asked, now);
        }
        if i == 0 {
            let is_portal = !answered && replies.contains(&ReferenceAnswer::Wrong);
            self.confirm(now, asked, is_portal);
        }
        let group = &mut self.groups[i];
        match group.stage {
            GroupState::Offline {
                why: OfflineReason::NoRoute,
                ..
            } if !self.default => {
                // There is no default route, so only sources with their own routes can be waiting.
                // They are judged as if the network were there.
                if answered {
                    group.last_answer = Some((asked, now));
                    self.release(world, now, i, resolver, output);
                } else {
                    group.waiting.clear();
                }
            }
            GroupState::Offline { why, since } => {
                if answered || (!group.has_references() && why == OfflineReason::NoRoute) {
                    self.come_online(now, i);
                } else {
                    if replies.contains(&ReferenceAnswer::Wrong) {
                        let why = OfflineReason::Portal;
                        group.stage = GroupState::Offline { why, since };
                        self.revision += 1;
                    }
                    group.poll_again(now);
                }
            }
            GroupState::Well | GroupState::Witness { .. } => {
                if answered && resolver != Some(false) {
                    group.last_answer = Some((asked, now));
                }
                if group.waiting.is_empty() {
                    // A sample has settled the failures in the meantime.
                    return;
                }
                self.conclude(world, now, (i, asked), replies, resolver, output);
            }
        }
    }

    /// True when a captive portal may answer over the default route, as far as is known.
    pub(super) fn can_be_portal(&self) -> bool {
        let has_references = self
            .groups
            .first()
            .is_some_and(ReferenceGroup::has_references);
        self.default && has_references
    }

    /// The default network's references were checked at `asked`. If no portal answered for them,
    /// sources that were answered before then were reached, and their references are at fault.
    fn confirm(&mut self, now: Duration, asked: Duration, is_portal: bool) {
        for i in 0..self.groups.len() {
            match self.groups[i].unconfirmed {
                Some(_) if is_portal => self.groups[i].unconfirmed = None,
                Some(began) if began <= asked => {
                    let why = self.groups[i].offline();
                    self.groups[i].refuted = why != Some(OfflineReason::NoRoute);
                    self.come_online(now, i);
                }
                Some(_) => self.groups[0].want(now),
                None => {}
            }
        }
    }

    /// Processes the result of checking the resolver. When it answers, sources held for their names
    /// are released.
    fn resolved(&mut self, now: Duration, resolver: Option<bool>, was_asked_alone: bool) {
        let Some(resolver_outage) = &mut self.resolver_outage else {
            return;
        };
        if was_asked_alone {
            resolver_outage.asking = None;
            resolver_outage.polls = resolver_outage.polls.saturating_add(1);
            resolver_outage.next = now
                + if resolver_outage.polls < 24 {
                    RESOLVER
                } else {
                    RESOLVER_LATER
                };
        }
        if resolver == Some(true) {
            self.resolver_outage = None;
            for source in &mut self.sources {
                if source.own_hold == Some(OwnHold::Name) {
                    source.own_hold = None;
                }
            }
        }
    }

    pub(super) fn begin_resolver_outage(&mut self, now: Duration) {
        self.resolver_outage.get_or_insert(ResolverOutage {
            next: now + RESOLVER,
            asking: None,
            polls: 0,
        });
    }

    /// Requests the checks of references and of the resolver that are due.
    pub(super) fn request_answers(&mut self, now: Duration, output: &mut GuardOutput) {
        if self.sleep.is_quiet() {
            return;
        }
        for (i, group) in self.groups.iter_mut().enumerate() {
            let waits = group.offline() == Some(OfflineReason::NoRoute) && !group.has_references();
            if group.asking.is_none() && !waits && group.next.is_some_and(|next| now >= next) {
                (group.asking, group.asked, group.next) = (Some(now), Some(now), None);
                output.ask.push(ReferenceRequest::Group(i));
            }
        }
        if let Some(resolver_outage) = &mut self.resolver_outage {
            if resolver_outage
                .asking
                .is_some_and(|since| now >= since + LOST)
            {
                (resolver_outage.asking, resolver_outage.next) = (None, now);
            }
            if resolver_outage.asking.is_none() && now >= resolver_outage.next {
                resolver_outage.asking = Some(now);
                output.ask.push(ReferenceRequest::Resolver);
            }
        }
    }
}
