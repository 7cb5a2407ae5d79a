//! What the guard has decided, for who asks why.

use super::likeness::Likeness;
use super::reference_group::{GroupState, PendingAnswers};
use super::{Alone, ConnectivityGuard, RouteScope};
use crate::journal::{DecisionKind, NetworkDecision};
use crate::observation::Observation;
use crate::offline::OfflineReason;
use crate::outline::NodeId;
use crate::status::Status;
use crate::world::World;

impl ConnectivityGuard {
    /// What was decided about failures since this was last asked.
    pub(crate) fn decided(&mut self) -> Vec<(NodeId, DecisionKind)> {
        self.decided.take()
    }

    /// Why the guard holds a node, and whose references were asked; `None` when it does not.
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

    /// Notes what became of a failure, or of what a sleeping machine measured.
    pub(super) fn note_failure(
        &mut self,
        fresh: &Observation,
        found: NetworkDecision,
        seat: usize,
    ) {
        let is_up = fresh.sample.status == Some(Status::UP);
        if !is_up && let Some(group) = self.places[seat].seat.circle {
            self.decided
                .note(fresh.node, DecisionKind::network(found, group));
        }
    }

    /// The same, unless it is believed to be down already: that it fails is no news.
    pub(super) fn note_new(
        &mut self,
        fresh: &Observation,
        found: NetworkDecision,
        seat: usize,
        is_old: bool,
    ) {
        if !is_old {
            self.note_failure(fresh, found, seat);
        }
    }

    /// Notes what becomes of all failures that wait for a group's references.
    pub(super) fn note_waiting(&mut self, group: usize, found: NetworkDecision) {
        self.note_those(group, found, |_| true);
    }

    /// Notes that they are judged: a reference answered, or another source did. Failures of names
    /// are not, while the resolver is silent.
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
        let nodes = new.map(|waiting| waiting.observation.node);
        self.decided
            .note_all(nodes, &DecisionKind::network(found, group));
    }
}
