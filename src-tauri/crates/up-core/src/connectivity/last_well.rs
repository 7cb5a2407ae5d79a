//! What the connectivity guard knows of one source, for the watch.

use std::time::Duration;

use super::attribution::{Attribution, tone};
use super::{ConnectivityGuard, Reach, RouteScope};
use crate::hold::Hold;
use crate::outline::NodeId;
use crate::sample::Sample;
use crate::world::World;

impl ConnectivityGuard {
    /// True of a failure that can be the fault of this machine's network.
    pub(crate) fn can_be_ours(
        &self,
        world: &World,
        node: NodeId,
        sample: &Sample,
        hold: Option<Hold>,
    ) -> bool {
        let Some(seat) = self.seat_of(world, node) else {
            return false;
        };
        let proof = self.places[seat].seat.reach.proof();
        matches!(
            tone(sample, hold, proof),
            Attribution::Name | Attribution::Doubtful
        )
    }

    /// True when the network was surely there as a check of this source began, or when nothing
    /// could show that it was not.
    pub(crate) fn was_there(
        &self,
        world: &World,
        node: NodeId,
        (began, ended): (Duration, Duration),
    ) -> bool {
        let seat = self
            .seat_of(world, node)
            .filter(|seat| self.is_of_circle(*seat));
        let Some((seat, circle)) =
            seat.and_then(|seat| Some((seat, self.places[seat].seat.circle?)))
        else {
            return true;
        };
        let circle = &self.circles[circle];
        let is_resolved = || !self.is_named(seat) || circle.resolved.covers(began, ended);
        let evidence = if self.places[seat].ipv6 {
            &circle.over_ipv6
        } else {
            &circle.evidence
        };
        !circle.has_references() || evidence.covers(began, ended) && is_resolved()
    }

    /// Has the references checked at `then`, when a source in doubt is checked again.
    pub(crate) fn doubted(&mut self, world: &World, node: NodeId, then: Duration) {
        let seat = self.seat_of(world, node);
        let Some(circle) = seat.and_then(|seat| self.places[seat].seat.circle) else {
            return;
        };
        let circle = &mut self.circles[circle];
        if circle.has_references() && circle.offline().is_none() {
            circle.want(then);
        }
    }

    /// True of a source whose traffic leaves the local network.
    pub(crate) fn is_beyond(&self, world: &World, node: NodeId) -> bool {
        self.seat_of(world, node).is_some_and(|seat| {
            let place = &self.places[seat];
            matches!(place.seat.reach, Reach::Host { .. })
                && !matches!(self.way(seat), RouteScope::Here | RouteScope::Local)
        })
    }

    /// The failure domain of a source; equal for related hosts.
    pub(crate) fn kin(&self, world: &World, node: NodeId) -> Option<u32> {
        self.places[self.seat_of(world, node)?].kin
    }
}
