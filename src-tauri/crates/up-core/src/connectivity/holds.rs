//! Which sources are held offline, and which are checked again when they are released.

use std::time::Duration;

use super::reference_group::GroupState;
use super::{Alone, ConnectivityGuard, GuardOutput, Reach, RouteScope};
use crate::offline::OfflineReason;
use crate::outline::NodeId;
use crate::world::World;

/// After a return, all checks are spread over at most this time.
const SPREAD: Duration = Duration::from_secs(10);
/// The pause between two of these checks, when they are few.
const STEP: Duration = Duration::from_millis(100);

impl ConnectivityGuard {
    /// The route scope of a source, given the current default route.
    pub(super) fn way(&self, seat: usize) -> RouteScope {
        let place = &self.places[seat];
        match place.way {
            RouteScope::Here if place.seat.reach == Reach::Here => RouteScope::Here,
            RouteScope::Beyond | RouteScope::Tunnel if !self.default => RouteScope::Gone,
            // The host never had a route while others have one. That is not this machine's fault.
            RouteScope::Gone if self.default && !place.routed => RouteScope::Beyond,
            way => way,
        }
    }

    /// True when the group's references stand for this source's network.
    pub(super) fn is_of_circle(&self, seat: usize) -> bool {
        let place = &self.places[seat];
        if place.seat.own {
            return place.seat.circle.is_some();
        }
        matches!(place.seat.reach, Reach::Host { .. })
            && matches!(
                self.way(seat),
                RouteScope::Beyond | RouteScope::Tunnel | RouteScope::Gone
            )
    }

    fn is_to_be_held(&self, seat: usize) -> bool {
        let place = &self.places[seat];
        let Some(circle) = place.seat.circle else {
            return false;
        };
        if place.alone.is_some() {
            return true;
        }
        let is_host = matches!(place.seat.reach, Reach::Host { .. });
        let way = self.way(seat);
        if is_host && way == RouteScope::Gone {
            return true;
        }
        match self.circles[circle].stage {
            GroupState::Offline {
                why: OfflineReason::NoRoute,
                ..
            } => is_host && matches!(way, RouteScope::Beyond | RouteScope::Tunnel),
            GroupState::Offline { .. } => self.is_of_circle(seat),
            GroupState::Well | GroupState::Witness { .. } => false,
        }
    }

    /// Updates the holds. Sources that are released are checked again.
    pub(super) fn sync(&mut self, world: &World, steps: &mut GuardOutput) {
        let mut back = Vec::new();
        let mut changed = false;
        for seat in 0..self.places.len() {
            let held = self.is_to_be_held(seat);
            let place = &mut self.places[seat];
            if place.held == held {
                continue;
            }
            changed = true;
            place.held = held;
            steps.holds.push((place.seat.node, held));
            if !held {
                back.push(place.seat.node);
            }
        }
        if changed {
            self.revision += 1;
            self.sync_trees(world, steps);
        }
        steps.recheck.extend(spread(back));
    }

    /// Updates the holds of trees. A tree is held while all sources below it are.
    pub(super) fn sync_trees(&mut self, world: &World, steps: &mut GuardOutput) {
        let outline = world.outline();
        let mut scored = vec![false; outline.len()];
        let mut held = vec![false; outline.len()];
        for place in &self.places {
            let mut at = Some(place.seat.node);
            let mark = if place.held { &mut held } else { &mut scored };
            while let Some(id) = at {
                if std::mem::replace(&mut mark[id.index()], true) {
                    break;
                }
                at = outline.node(id).parent;
            }
        }
        let all =
            |id: &NodeId| outline.node(*id).is_tree() && held[id.index()] && !scored[id.index()];
        let now: Vec<NodeId> = outline.ids().filter(all).collect();
        for id in &self.trees {
            if now.binary_search(id).is_err() {
                steps.holds.push((*id, false));
            }
        }
        for id in &now {
            if self.trees.binary_search(id).is_err() {
                steps.holds.push((*id, true));
            }
        }
        self.trees = now;
    }

    /// Records that a group's network is back, or was never gone.
    pub(super) fn come_back(&mut self, now: Duration, circle: usize) {
        let back = &mut self.circles[circle];
        let was_offline = back.offline().is_some();
        self.revision += u64::from(was_offline);
        (back.stage, back.polls) = (GroupState::Well, 0);
        (back.next, back.well_since) = (None, now);
        if was_offline {
            back.waiting.clear();
        }
        for place in &mut self.places {
            if place.seat.circle == Some(circle) && place.alone == Some(Alone::Perhaps) {
                place.alone = None;
            }
        }
    }

    /// Records that a group's network is gone. The waiting failures are dropped, because they
    /// failed with it.
    pub(super) fn lose(&mut self, now: Duration, circle: usize, why: OfflineReason) {
        self.revision += 1;
        let gone = &mut self.circles[circle];
        (gone.stage, gone.polls) = (GroupState::Offline { why, since: now }, 0);
        gone.heard = None;
        gone.polls_alike.clear();
        let waiting = std::mem::take(&mut gone.waiting);
        if why == OfflineReason::NoRoute {
            gone.next = None;
        } else {
            gone.poll_again(now);
        }
        for place in &mut self.places {
            if place.seat.circle == Some(circle) {
                // An answer from now on may come from someone else.
                place.found = None;
            }
        }
        for waiting in waiting {
            let place = &mut self.places[waiting.seat];
            if place.seat.reach == Reach::Unknown {
                place.alone = Some(Alone::Perhaps);
            }
        }
    }

    /// Has all sources checked again that are not held.
    pub(super) fn recheck_all(&self, steps: &mut GuardOutput) {
        let free = self.places.iter().filter(|place| !place.held);
        let nodes = free.map(|place| place.seat.node).collect();
        steps.recheck.extend(spread(nodes));
    }
}

/// Gives each node a delay, one after the other, within [`SPREAD`].
fn spread(nodes: Vec<NodeId>) -> impl Iterator<Item = (NodeId, Duration)> {
    let count = nodes.len().max(1) as u32;
    let step = STEP.min(SPREAD / count);
    nodes
        .into_iter()
        .zip(0_u32..)
        .map(move |(id, i)| (id, step * i))
}
