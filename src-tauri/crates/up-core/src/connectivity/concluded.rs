//! What the references' answers mean for the failures that wait for them.

use std::time::Duration;

use super::attribution::Attribution;
use super::finding::{Finding, Others, find};
use super::reach::Proof;
use super::reference_group::{GroupState, PendingAnswers};
use super::sampled::is_believed_bad;
use super::{ConnectivityGuard, GuardOutput, OwnHold};
use crate::cause::CauseCode;
use crate::journal::NetworkDecision;
use crate::offline::{OfflineReason, ReferenceAnswer};
use crate::outline::NodeId;
use crate::world::World;

/// The largest number of other sources that are checked as witnesses.
const WITNESSES: usize = 3;

impl ConnectivityGuard {
    /// Evaluates the references' answers: decides whether the waiting failures are the sources'
    /// fault or the network's.
    pub(super) fn conclude(
        &mut self,
        world: &World,
        now: Duration,
        (group, asked): (usize, Duration),
        replies: &[ReferenceAnswer],
        resolver: Option<bool>,
        output: &mut GuardOutput,
    ) {
        let is_portal = replies.contains(&ReferenceAnswer::Wrong)
            && !replies.contains(&ReferenceAnswer::Answered);
        let why = is_portal.then_some(OfflineReason::Portal);
        let others = self.others(world, group, why).0;
        match find(replies, others) {
            Finding::Well => self.release(world, now, group, resolver, output),
            Finding::Gone(why) | Finding::AskOthers(why) => {
                let [answered, verified] = self.groups[group].reached;
                // An answer from someone in the host's place is recognized by verified sources
                // only.
                let is_tls = |waiting: &PendingAnswers| {
                    let cause = waiting.observation.sample.cause.as_ref();
                    cause.is_some_and(|cause| cause.code == CauseCode::Tls)
                };
                let is_spoken = self.groups[group].waiting.iter().any(is_tls);
                let reached = if why == OfflineReason::Portal || is_spoken {
                    verified
                } else {
                    answered
                };
                if reached.is_some_and(|began| began >= asked) {
                    // A source that was checked after the references was reached, so the references
                    // are at fault.
                    let state = &mut self.groups[group];
                    (state.stage, state.last_answer) =
                        (GroupState::Witness { why, since: now }, None);
                    state.refuted = true;
                    self.release(world, now, group, resolver, output);
                    return;
                }
                self.weigh(world, now, group, why, true, output);
            }
        }
    }

    /// The references are silent. Decides from the failures of other sources whether the network is
    /// gone. With `first`, other sources are then checked as witnesses.
    pub(super) fn weigh(
        &mut self,
        world: &World,
        now: Duration,
        group: usize,
        why: OfflineReason,
        first: bool,
        output: &mut GuardOutput,
    ) {
        let (others, witnesses) = self.others(world, group, Some(why));
        let silence = [if why == OfflineReason::Portal {
            ReferenceAnswer::Wrong
        } else {
            ReferenceAnswer::Silent
        }];
        match find(&silence, others) {
            Finding::Gone(why) => self.go_offline(now, group, why),
            Finding::AskOthers(why) if first => {
                self.groups[group].stage = GroupState::Witness { why, since: now };
                self.note_waiting(group, NetworkDecision::Witnesses(why));
                let asked = witnesses.into_iter().take(WITNESSES);
                output
                    .recheck
                    .extend(asked.map(|node| (node, Duration::ZERO)));
            }
            Finding::AskOthers(_) | Finding::Well => {}
        }
    }

    /// How many unrelated hosts have failed, and which other sources could be witnesses.
    fn others(
        &self,
        world: &World,
        group: usize,
        why: Option<OfflineReason>,
    ) -> (Others, Vec<NodeId>) {
        let waiting = &self.groups[group].waiting;
        // A captive portal resolves names, so failures to resolve do not count as its doing.
        let is_portal = why == Some(OfflineReason::Portal);
        let counts =
            |waiting: &&PendingAnswers| waiting.is_failure && !(is_portal && waiting.of_name);
        let failures = waiting.iter().filter(counts);
        let mut old = Vec::new();
        let mut failed = Vec::new();
        for failure in failures.filter(|failure| self.is_of_group(failure.index)) {
            let Some(failure_domain) = self.sources[failure.index].failure_domain else {
                continue;
            };
            let list = if failure.is_expected {
                &mut old
            } else {
                &mut failed
            };
            if !list.contains(&failure_domain) {
                list.push(failure_domain);
            }
        }
        let mut asked = Vec::new();
        let mut witnesses = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            let Some(failure_domain) = source.failure_domain else {
                continue;
            };
            let known = failed.contains(&failure_domain)
                || old.contains(&failure_domain)
                || asked.contains(&failure_domain);
            let proof = source.guarded.reach.proof();
            let enough = match why {
                Some(OfflineReason::Portal) => proof == Proof::Verified,
                _ => proof != Proof::Nothing,
            };
            if source.guarded.group == Some(group)
                && !known
                && enough
                && !source.held
                && self.is_of_group(index)
                && !is_believed_bad(world, source.guarded.node)
            {
                asked.push(failure_domain);
                witnesses.push(source.guarded.node);
                if witnesses.len() == WITNESSES {
                    break;
                }
            }
        }
        // Refuted references do not explain the failures of others: other sources are checked first.
        let is_refuted = self.groups[group].refuted;
        let others = Others {
            failed: if is_refuted { 0 } else { failed.len() },
            witness: !witnesses.is_empty(),
        };
        (others, witnesses)
    }

    /// The network is there: the waiting failures are judged. Failures to resolve names depend on
    /// the resolver.
    pub(super) fn release(
        &mut self,
        world: &World,
        now: Duration,
        group: usize,
        resolver: Option<bool>,
        output: &mut GuardOutput,
    ) {
        self.note_released(group, resolver);
        let state = &mut self.groups[group];
        if let GroupState::Witness { .. } = state.stage {
            state.stage = GroupState::Well;
        }
        for mut waiting in std::mem::take(&mut state.waiting) {
            let awaits = self.groups[group].awaits(waiting.observation.node);
            if waiting.like.is_some() || awaits {
                // The failure already waits for sources like it, or behind an earlier sample that
                // does.
                self.groups[group].waiting.push(waiting);
                continue;
            }
            if waiting.of_name && resolver == Some(false) {
                self.sources[waiting.index].own_hold = Some(OwnHold::Name);
                self.begin_resolver_outage(now);
                continue;
            }
            if self.sources[waiting.index].own_hold.is_some()
                && waiting.is_failure
                && !waiting.was_alike
            {
                continue;
            }
            let attribution = if waiting.of_name {
                Attribution::Name
            } else {
                Attribution::Doubtful
            };
            let has_references = self.groups[group].has_references();
            let like = self
                .likeness(waiting.index, attribution)
                .filter(|_| has_references);
            let like = like.filter(|_| waiting.is_failure && !waiting.is_expected);
            if let Some(like) = like
                && self.doubt(world, now, (group, waiting.index), like, output)
            {
                waiting.like = Some(like);
                self.groups[group].waiting.push(waiting);
                continue;
            }
            self.sources[waiting.index].own_hold = None;
            output.passed.push(waiting.observation);
        }
        self.settle_alike(world, now, group, output);
    }
}
