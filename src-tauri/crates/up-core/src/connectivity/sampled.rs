//! What follows from a sample for the network and for the sample itself.

use std::time::Duration;

use super::attribution::{Attribution, attribute};
use super::likeness::Likeness;
use super::reach::Proof;
use super::reference_group::{GroupState, PendingAnswers, ReferenceGroup};
use super::{ConnectivityGuard, GuardOutput, OwnHold, Reach, RouteScope};
use crate::cause::CauseCode;
use crate::journal::NetworkDecision;
use crate::judge::Verdict;
use crate::observation::Observation;
use crate::offline::OfflineReason;
use crate::outline::NodeId;
use crate::status::Level;
use crate::world::World;

/// How long a source must be reached without its own route, on a network that was there all the
/// time, to count as needing none. A captive portal answers in its place sooner.
const FOUND: Duration = Duration::from_mins(1);

impl ConnectivityGuard {
    /// Processes a source's sample. Returns the samples that may now be judged. This one may follow
    /// later or be dropped.
    pub fn sampled(&mut self, world: &World, now: Duration, fresh: Observation) -> GuardOutput {
        let mut output = GuardOutput::default();
        let Some(index) = self.index_of(world, fresh.node) else {
            output.passed.push(fresh);
            return output;
        };
        if self.sleep.is_quiet() {
            self.note_failure(&fresh, NetworkDecision::Asleep, index);
            return output;
        }
        let began = fresh.began;
        let before = self.snapshot(index);
        let attribution = attribute(
            &fresh.sample,
            fresh.hold,
            self.sources[index].guarded.reach.proof(),
        );
        self.learn(index, &fresh.sample);
        self.polled(began, index, attribution);
        match attribution {
            Attribution::Answered => self.answered_well(world, now, index, fresh, &mut output),
            Attribution::Ours if self.sources[index].held => {}
            Attribution::Ours => output.passed.push(fresh),
            Attribution::Name | Attribution::Doubtful => {
                self.failed(world, now, index, fresh, attribution, &mut output);
            }
        }
        if let Some(group) = self.sources[index].guarded.group {
            self.settle_alike(world, now, group, &mut output);
        }
        if self.snapshot(index) != before {
            self.sync(world, &mut output);
        }
        self.request_answers(now, &mut output);
        output
    }

    /// All facts through which one sample can change the holds. Updating all holds after every
    /// sample would cost more than the rest of the watch.
    fn snapshot(&self, index: usize) -> (RouteScope, Option<OwnHold>, Option<GroupState>, u64) {
        let source = &self.sources[index];
        let stage = source.guarded.group.map(|group| self.groups[group].stage);
        (source.scope, source.own_hold, stage, self.revision)
    }

    fn answered_well(
        &mut self,
        world: &World,
        now: Duration,
        index: usize,
        fresh: Observation,
        output: &mut GuardOutput,
    ) {
        let began = fresh.began;
        let own_hold = self.sources[index].own_hold.take();
        if self.scope(index) == RouteScope::Gone && began >= self.routed_since {
            // The source was reached, whatever the routes seem to be. A check that began before the
            // routes changed shows nothing.
            let source = &mut self.sources[index];
            (source.scope, source.guessed) = (RouteScope::Local, true);
        }
        let Some(group) = self.sources[index].guarded.group else {
            output.passed.push(fresh);
            return;
        };
        let source = &self.sources[index];
        // While the source's own route is gone, someone else may answer in its place.
        let is_known = !source.lost || source.found.is_some_and(|found| found + FOUND <= now);
        // Over the default route, the source cannot be reached while that network is gone, unless
        // someone answers in its place. A captive portal answers in the place of any host.
        let offline = self.groups.first().and_then(ReferenceGroup::offline);
        let is_doubtful = group > 0
            && offline.is_some_and(|why| {
                why == OfflineReason::Portal || self.scope(index) == RouteScope::Beyond
            });
        let proof = match source.guarded.reach.proof() {
            Proof::Verified if is_known => Proof::Verified,
            Proof::Answer if is_known && !is_doubtful => Proof::Answer,
            _ => Proof::Nothing,
        };
        if is_doubtful && proof != Proof::Verified && own_hold.is_some() {
            self.sources[index].own_hold = own_hold;
            return;
        }
        let counts = |why, since| {
            began >= since
                && match why {
                    OfflineReason::Portal => proof == Proof::Verified,
                    OfflineReason::NoRoute | OfflineReason::Silent => proof != Proof::Nothing,
                }
        };
        let of_group = self.is_of_group(index);
        if of_group {
            if proof != Proof::Nothing {
                let ended = fresh.ended;
                self.groups[group].evidence.add(began, ended);
                if self.sources[index].ipv6 {
                    self.groups[group].over_ipv6.add(began, ended);
                }
                if self.is_named(index) {
                    self.groups[group].resolved.add(began, ended);
                }
            }
            let [answered, verified] = &mut self.groups[group].reached;
            if proof != Proof::Nothing {
                *answered = (*answered).max(Some(began));
            }
            if proof == Proof::Verified {
                *verified = (*verified).max(Some(began));
            }
        }
        if began >= self.routed_since && !is_doubtful && self.groups[group].offline().is_none() {
            self.sources[index].found.get_or_insert(now);
        }
        match self.groups[group].stage {
            GroupState::Offline { why, since } if of_group => {
                if !counts(why, since) {
                    return;
                }
                if proof == Proof::Answer && self.can_be_portal() {
                    self.groups[group].unconfirmed.get_or_insert(began);
                    self.groups[0].want(now);
                    return;
                }
                self.groups[group].refuted = why != OfflineReason::NoRoute;
                self.come_online(now, group);
            }
            GroupState::Witness { why, since } if of_group && counts(why, since) => {
                self.groups[group].refuted = true;
                self.release(world, now, group, None, output);
            }
            _ => {}
        }
        if self.groups[group].awaits(fresh.node) {
            self.groups[group].waiting.push(PendingAnswers {
                observation: fresh,
                index,
                is_failure: false,
                of_name: false,
                like: None,
                is_expected: false,
                was_alike: false,
            });
        } else {
            output.passed.push(fresh);
        }
    }

    fn failed(
        &mut self,
        world: &World,
        now: Duration,
        index: usize,
        fresh: Observation,
        attribution: Attribution,
        output: &mut GuardOutput,
    ) {
        let began = fresh.began;
        let source = &self.sources[index];
        let retry = world.outline().node(fresh.node).rules.retry;
        if began < self.awake_since {
            self.note_failure(&fresh, NetworkDecision::Asleep, index);
            output.recheck.push((fresh.node, retry));
            return;
        }
        let Some(group) = source.guarded.group else {
            output.passed.push(fresh);
            return;
        };
        let (own, is_host) = (
            source.guarded.own,
            matches!(source.guarded.reach, Reach::Host { .. }),
        );
        let scope = self.scope(index);
        if source.lost && is_host {
            let is_found = |found| found + FOUND <= now;
            if !source.found.is_some_and(is_found) {
                // The packets would take the default route, which leads elsewhere.
                self.sources[index].own_hold = Some(OwnHold::Route);
                return;
            }
            self.sources[index].lost = false;
        }
        if attribution != Attribution::Name
            && self.sources[index].own_hold == Some(OwnHold::Like(Likeness::Name))
        {
            // The name is resolved, so the source is no longer like those whose names are not.
            self.sources[index].own_hold = None;
        }
        let again = self.is_to_be_doubted(now, index);
        let source = &self.sources[index];
        if (source.held && !again) || (is_host && scope == RouteScope::Gone) {
            return;
        }
        if source.guarded.reach == Reach::Here && !own {
            output.passed.push(fresh);
            return;
        }
        let near = !own && matches!(scope, RouteScope::Local | RouteScope::Here) && is_host;
        // While the resolver is silent, a deadline may have passed during the lookup.
        let host = self.sources[index].guarded.reach.host();
        let is_late = fresh.sample.cause.as_ref();
        let is_late = is_late.is_some_and(|cause| cause.code == CauseCode::Timeout)
            && host.is_some_and(|host| !super::reach::is_address(host));
        if (attribution == Attribution::Name || is_late) && self.resolver_outage.is_some() {
            self.sources[index].own_hold = Some(OwnHold::Name);
            return;
        }
        if near && attribution == Attribution::Doubtful {
            output.passed.push(fresh);
            return;
        }
        let state = &self.groups[group];
        if !near && began < state.well_since {
            self.note_failure(&fresh, NetworkDecision::Stale, index);
            output.recheck.push((fresh.node, retry));
            return;
        }
        if let Some(why) = state.offline()
            && source.guarded.reach == Reach::Unknown
            && (why != OfflineReason::NoRoute || !own)
        {
            self.sources[index].own_hold = Some(OwnHold::Perhaps);
            return;
        }
        if attribution == Attribution::Doubtful && !state.has_references() {
            output.passed.push(fresh);
            return;
        }
        let is_expected = is_believed_bad(world, fresh.node);
        let like = self.likeness(index, attribution).filter(|_| !is_expected);
        if like.is_none() && state.is_settled(now, began, is_expected) && !state.awaits(fresh.node)
        {
            self.note_new(&fresh, NetworkDecision::Theirs, index, is_expected);
            output.passed.push(fresh);
            return;
        }
        self.note_new(&fresh, NetworkDecision::Waits, index, is_expected);
        let state = &mut self.groups[group];
        state.waiting.push(PendingAnswers {
            observation: fresh,
            index,
            is_failure: true,
            of_name: attribution == Attribution::Name,
            like: None,
            is_expected,
            was_alike: again,
        });
        match state.stage {
            GroupState::Witness { why, .. } => self.weigh(world, now, group, why, false, output),
            GroupState::Well | GroupState::Offline { .. } => state.want(now),
        }
    }
}

/// True of a source that is believed worse than up, whose further failures are expected.
pub(super) fn is_believed_bad(world: &World, node: NodeId) -> bool {
    let believed = world.state(node).judge.believed();
    !matches!(believed, Verdict::Unasked | Verdict::At(Level::Up))
}
