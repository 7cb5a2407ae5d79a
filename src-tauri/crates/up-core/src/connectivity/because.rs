//! The decisions of the connectivity guard, for those who ask why.

use super::likeness::Likeness;
use super::reference_group::{GroupState, PendingAnswers};
use super::{Alone, ConnectivityGuard, Passed, RouteScope};
use crate::journal::{DecisionKind, NetworkDecision};
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
        let seat = self.seat_of(world, node)?;
        let place = &self.places[seat];
        let group = place.seat.circle?;
        if !place.held {
            return Some((NetworkDecision::Back, group));
        }
        let stage = self.circles[group].stage;
        let found = match (place.alone, stage) {
            (Some(Alone::Name), _) => NetworkDecision::NoResolver,
            (Some(Alone::Route), _) => NetworkDecision::NoOwnRoute,
            (Some(Alone::Like(Likeness::Name)), _) => NetworkDecision::SomeNames,
            (Some(Alone::Like(Likeness::Ipv6)), _) => NetworkDecision::NoIpv6,
            (
                _,
                GroupState::Offline {
                    why: OfflineReason::NoRoute,
                    ..
                },
            ) => NetworkDecision::NoRoute,
            (_, GroupState::Offline { why, .. }) if place.alone.is_none() => {
                NetworkDecision::Gone(why)
            }
            (Some(Alone::Perhaps), _) => NetworkDecision::Perhaps,
            _ if self.way(seat) == RouteScope::Gone => NetworkDecision::NoRoute,
            _ => NetworkDecision::Perhaps,
        };
        Some((found, group))
    }

    /// Records what was decided about a failure, or about a sample of a sleeping machine.
    pub(super) fn note_failure(&mut self, fresh: &Passed, found: NetworkDecision, seat: usize) {
        let is_up = fresh.sample.status == Some(Status::UP);
        if !is_up && let Some(group) = self.places[seat].seat.circle {
            self.decided
                .note(fresh.node, DecisionKind::network(found, group));
        }
    }

    /// Like [`Self::note_failure`], but only for a source that is not believed to be down: further
    /// failures are expected.
    pub(super) fn note_new(
        &mut self,
        fresh: &Passed,
        found: NetworkDecision,
        seat: usize,
        is_old: bool,
    ) {
        if !is_old {
            self.note_failure(fresh, found, seat);
        }
    }

    /// Records what was decided about all failures that wait for a group's references.
    pub(super) fn note_waiting(&mut self, group: usize, found: NetworkDecision) {
        self.note_those(group, found, |_| true);
    }

    /// Records that the waiting failures are judged, because a reference or another source
    /// answered. Failures to resolve names are left out while the resolver is silent.
    pub(super) fn note_released(&mut self, group: usize, resolver: Option<bool>) {
        let circle = &self.circles[group];
        let vouched = matches!(circle.stage, GroupState::Witness { .. }) && circle.heard.is_none();
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
        let new = self.circles[group].waiting.iter();
        let new = new.filter(|it| it.is_failure && !it.is_old_news && which(it));
        let nodes = new.map(|waiting| waiting.node);
        self.decided
            .note_all(nodes, &DecisionKind::network(found, group));
    }
}
