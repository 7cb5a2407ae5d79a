//! The decisions of the connectivity guard, for those who ask why.

use super::likeness::Likeness;
use super::reference_group::{GroupState, PendingAnswers};
use super::{ConnectivityGuard, OwnHold, RouteScope};
use crate::journal::{DecisionKind, NetworkDecision};
use crate::observation::Observation;
use crate::offline::OfflineReason;
use crate::outline::NodeId;
use crate::status::Status;
use crate::world::World;

impl ConnectivityGuard {
    /// The decisions about failures since the last call.
    pub(crate) fn decided(&mut self) -> Vec<(NodeId, DecisionKind)> {
        self.decided.take()
    }

    /// Why the guard holds a node, and the group whose references were checked; `None` when it does
    /// not hold it.
    pub(crate) fn because(&self, world: &World, node: NodeId) -> Option<(NetworkDecision, usize)> {
        let index = self.index_of(world, node)?;
        let source = &self.sources[index];
        let group = source.guarded.group?;
        if !source.held {
            return Some((NetworkDecision::Back, group));
        }
        let stage = self.groups[group].stage;
        let found = match (source.own_hold, stage) {
            (Some(OwnHold::Name), _) => NetworkDecision::NoResolver,
            (Some(OwnHold::Route), _) => NetworkDecision::NoOwnRoute,
            (Some(OwnHold::Like(Likeness::Name)), _) => NetworkDecision::SomeNames,
            (Some(OwnHold::Like(Likeness::Ipv6)), _) => NetworkDecision::NoIpv6,
            (
                _,
                GroupState::Offline {
                    why: OfflineReason::NoRoute,
                    ..
                },
            ) => NetworkDecision::NoRoute,
            (_, GroupState::Offline { why, .. }) if source.own_hold.is_none() => {
                NetworkDecision::Gone(why)
            }
            (Some(OwnHold::Perhaps), _) => NetworkDecision::Perhaps,
            _ if self.scope(index) == RouteScope::Gone => NetworkDecision::NoRoute,
            _ => NetworkDecision::Perhaps,
        };
        Some((found, group))
    }

    /// Records what was decided about a failure, or about a sample of a sleeping machine.
    pub(super) fn note_failure(
        &mut self,
        fresh: &Observation,
        found: NetworkDecision,
        index: usize,
    ) {
        let is_up = fresh.sample.status == Some(Status::UP);
        if !is_up && let Some(group) = self.sources[index].guarded.group {
            self.decided
                .note(fresh.node, DecisionKind::network(found, group));
        }
    }

    /// Like [`Self::note_failure`], but only for a source that is not believed to be down: further
    /// failures are expected.
    pub(super) fn note_new(
        &mut self,
        fresh: &Observation,
        found: NetworkDecision,
        index: usize,
        is_old: bool,
    ) {
        if !is_old {
            self.note_failure(fresh, found, index);
        }
    }

    /// Records what was decided about all failures that wait for a group's references.
    pub(super) fn note_waiting(&mut self, group: usize, found: NetworkDecision) {
        self.note_those(group, found, |_| true);
    }

    /// Records that the waiting failures are judged, because a reference or another source
    /// answered. Failures to resolve names are left out while the resolver is silent.
    pub(super) fn note_released(&mut self, group: usize, resolver: Option<bool>) {
        let released = &self.groups[group];
        let vouched =
            matches!(released.stage, GroupState::Witness { .. }) && released.last_answer.is_none();
        let found = if vouched {
            NetworkDecision::Vouched
        } else {
            NetworkDecision::Theirs
        };
        let is_judged = |waiting: &PendingAnswers| {
            !(waiting.was_alike || waiting.of_name && resolver == Some(false))
        };
        self.note_those(group, found, is_judged);
    }

    fn note_those(
        &mut self,
        group: usize,
        found: NetworkDecision,
        which: impl Fn(&PendingAnswers) -> bool,
    ) {
        let new = self.groups[group].waiting.iter();
        let new = new.filter(|it| it.is_failure && !it.is_expected && which(it));
        let nodes = new.map(|waiting| waiting.observation.node);
        self.decided
            .note_all(nodes, &DecisionKind::network(found, group));
    }
}
