//! Which sources are held offline, and which are checked again when they are released.

use std::collections::BTreeSet;
use std::time::Duration;

use super::reference_group::GroupState;
use super::{ConnectivityGuard, GuardOutput, OwnHold, Reach, RouteScope};
use crate::offline::OfflineReason;
use crate::outline::NodeId;
use crate::world::World;

/// After a return, all checks are spread over at most this time.
const SPREAD: Duration = Duration::from_secs(10);
/// The pause between two of these checks, when they are few.
const STEP: Duration = Duration::from_millis(100);

impl ConnectivityGuard {
    /// The route scope of a source, given the current default route.
    pub(super) fn scope(&self, index: usize) -> RouteScope {
        let source = &self.sources[index];
        match source.scope {
            RouteScope::Here if source.guarded.reach == Reach::Here => RouteScope::Here,
            RouteScope::Beyond | RouteScope::Tunnel if !self.default => RouteScope::Gone,
            // The host never had a route while others have one. That is not this machine's fault.
            RouteScope::Gone if self.default && !source.routed => RouteScope::Beyond,
            scope => scope,
        }
    }

    /// True when the group's references stand for this source's network.
    pub(super) fn is_of_group(&self, index: usize) -> bool {
        let source = &self.sources[index];
        if source.guarded.own {
            return source.guarded.group.is_some();
        }
        matches!(source.guarded.reach, Reach::Host { .. })
            && matches!(
                self.scope(index),
                RouteScope::Beyond | RouteScope::Tunnel | RouteScope::Gone
            )
    }

    fn is_to_be_held(&self, index: usize) -> bool {
        let source = &self.sources[index];
        let Some(group) = source.guarded.group else {
            return false;
        };
        if source.own_hold.is_some() {
            return true;
        }
        let is_host = matches!(source.guarded.reach, Reach::Host { .. });
        let scope = self.scope(index);
        if is_host && scope == RouteScope::Gone {
            return true;
        }
        match self.groups[group].stage {
            GroupState::Offline {
                why: OfflineReason::NoRoute,
                ..
            } => is_host && matches!(scope, RouteScope::Beyond | RouteScope::Tunnel),
            GroupState::Offline { .. } => self.is_of_group(index),
            GroupState::Well | GroupState::Witness { .. } => false,
        }
    }

    /// Updates the holds. Sources that are released are checked again.
    pub(super) fn sync(&mut self, world: &World, output: &mut GuardOutput) {
        let mut back = Vec::new();
        let mut changed = false;
        for index in 0..self.sources.len() {
            let held = self.is_to_be_held(index);
            let source = &mut self.sources[index];
            if source.held == held {
                continue;
            }
            changed = true;
            source.held = held;
            output.holds.push((source.guarded.node, held));
            if !held {
                back.push(source.guarded.node);
            }
        }
        if changed {
            self.revision += 1;
            self.sync_trees(world, output);
        }
        output.recheck.extend(spread(back));
    }

    /// Updates the holds of trees. A tree is held while all sources below it are.
    pub(super) fn sync_trees(&mut self, world: &World, output: &mut GuardOutput) {
        let outline = world.outline();
        let mut scored = vec![false; outline.slots()];
        let mut held = vec![false; outline.slots()];
        for source in &self.sources {
            let mut at = Some(source.guarded.node);
            let mark = if source.held { &mut held } else { &mut scored };
            while let Some(id) = at {
                if std::mem::replace(&mut mark[id.index()], true) {
                    break;
                }
                at = outline.node(id).parent;
            }
        }
        let all =
            |id: &NodeId| outline.node(*id).is_tree() && held[id.index()] && !scored[id.index()];
        let now: BTreeSet<NodeId> = outline.ids().filter(all).collect();
        for id in &self.trees {
            if !now.contains(id) {
                output.holds.push((*id, false));
            }
        }
        for id in &now {
            if !self.trees.contains(id) {
                output.holds.push((*id, true));
            }
        }
        self.trees = now;
    }

    /// Records that a group's network is back, or was never gone.
    pub(super) fn come_online(&mut self, now: Duration, group: usize) {
        let back = &mut self.groups[group];
        let was_offline = back.offline().is_some();
        self.revision += u64::from(was_offline);
        (back.stage, back.polls) = (GroupState::Well, 0);
        (back.next, back.well_since, back.unconfirmed) = (None, now, None);
        if was_offline {
            back.waiting.clear();
        }
        for source in &mut self.sources {
            if source.guarded.group == Some(group) && source.own_hold == Some(OwnHold::Perhaps) {
                source.own_hold = None;
            }
        }
    }

    /// Records that a group's network is gone. The waiting failures are dropped, because they
    /// failed with it.
    pub(super) fn go_offline(&mut self, now: Duration, group: usize, why: OfflineReason) {
        self.revision += 1;
        let gone = &mut self.groups[group];
        (gone.stage, gone.polls) = (GroupState::Offline { why, since: now }, 0);
        (gone.last_answer, gone.unconfirmed) = (None, None);
        gone.polls_alike.clear();
        let waiting = std::mem::take(&mut gone.waiting);
        if why == OfflineReason::NoRoute {
            gone.next = None;
        } else {
            gone.poll_again(now);
        }
        for source in &mut self.sources {
            if source.guarded.group == Some(group) {
                // An answer from now on may come from someone else.
                source.found = None;
            }
        }
        for waiting in waiting {
            let source = &mut self.sources[waiting.index];
            if source.guarded.reach == Reach::Unknown {
                source.own_hold = Some(OwnHold::Perhaps);
            }
        }
    }

    /// Has all sources checked again that are not held.
    pub(super) fn recheck_all(&self, output: &mut GuardOutput) {
        let free = self.sources.iter().filter(|source| !source.held);
        let nodes = free.map(|source| source.guarded.node).collect();
        output.recheck.extend(spread(nodes));
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
