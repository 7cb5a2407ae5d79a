//! What the guard has decided, for who asks why.

use super::circle::{Stage, Waiting};
use super::finding::Why;
use super::likeness::Likeness;
use super::{Alone, Guard, Passed, Way};
use crate::decisions::{Network, What};
use crate::outline::NodeId;
use crate::status::Status;
use crate::world::World;

impl Guard {
    /// What was decided about failures since this was last asked.
    pub(crate) fn decided(&mut self) -> Vec<(NodeId, What)> {
        self.decided.take()
    }

    /// Why the guard holds a node, and whose references were asked; `None` when it does not.
    pub(crate) fn because(&self, world: &World, node: NodeId) -> Option<(Network, usize)> {
        let seat = self.seat_of(world, node)?;
        let place = &self.places[seat];
        let group = place.seat.circle?;
        if !place.held {
            return Some((Network::Back, group));
        }
        let stage = self.circles[group].stage;
        let found = match (place.alone, stage) {
            (Some(Alone::Name), _) => Network::NoResolver,
            (Some(Alone::Route), _) => Network::NoOwnRoute,
            (Some(Alone::Like(Likeness::Name)), _) => Network::SomeNames,
            (Some(Alone::Like(Likeness::Ipv6)), _) => Network::NoIpv6,
            (
                _,
                Stage::Offline {
                    why: Why::NoRoute, ..
                },
            ) => Network::NoRoute,
            (_, Stage::Offline { why, .. }) if place.alone.is_none() => Network::Gone(why),
            (Some(Alone::Perhaps), _) => Network::Perhaps,
            _ if self.way(seat) == Way::Gone => Network::NoRoute,
            _ => Network::Perhaps,
        };
        Some((found, group))
    }

    /// Notes what became of a failure, or of what a sleeping machine measured.
    pub(super) fn note_failure(&mut self, fresh: &Passed, found: Network, seat: usize) {
        let is_up = fresh.sample.status == Some(Status::UP);
        if !is_up && let Some(group) = self.places[seat].seat.circle {
            self.decided.note(fresh.node, What::network(found, group));
        }
    }

    /// The same, unless it is believed to be down already: that it fails is no news.
    pub(super) fn note_new(&mut self, fresh: &Passed, found: Network, seat: usize, is_old: bool) {
        if !is_old {
            self.note_failure(fresh, found, seat);
        }
    }

    /// Notes what becomes of all failures that wait for a group's references.
    pub(super) fn note_waiting(&mut self, group: usize, found: Network) {
        self.note_those(group, found, |_| true);
    }

    /// Notes that they are judged: a reference answered, or another source did. Failures of names
    /// are not, while the resolver is silent.
    pub(super) fn note_released(&mut self, group: usize, resolver: Option<bool>) {
        let circle = &self.circles[group];
        let vouched = matches!(circle.stage, Stage::Witness { .. }) && circle.heard.is_none();
        let found = if vouched {
            Network::Vouched
        } else {
            Network::Theirs
        };
        let is_judged =
            |waiting: &Waiting| !(waiting.was_alike || waiting.of_name && resolver == Some(false));
        self.note_those(group, found, is_judged);
    }

    fn note_those(&mut self, group: usize, found: Network, which: impl Fn(&Waiting) -> bool) {
        let new = self.circles[group].waiting.iter();
        let new = new.filter(|it| it.is_failure && !it.is_old_news && which(it));
        let nodes = new.map(|waiting| waiting.node);
        self.decided.note_all(nodes, &What::network(found, group));
    }
}
