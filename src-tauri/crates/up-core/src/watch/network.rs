//! What our own network, and sleep, make of samples before anything else does.

use std::time::Duration;

use super::{Moment, Watch, WatchOutput};
use crate::connectivity::{ConnectivityEvent, ConnectivityGuard, GuardOutput, GuardedSources};
use crate::hold::Hold;
use crate::observation::Observation;
use crate::outline::NodeId;
use crate::world::World;

impl Watch {
    /// Takes up a plan's seats, after [`Watch::take_up`]; what was `node` is now `to(node)`.
    pub fn seat(
        &mut self,
        world: &mut World,
        now: Moment,
        seats: GuardedSources,
        to: impl Fn(NodeId) -> Option<NodeId>,
    ) -> WatchOutput {
        let mut output = WatchOutput::default();
        self.decisions.at(now.wall);
        self.decisions.seated(&seats);
        let mut guard = ConnectivityGuard::new(seats);
        let steps = guard.take_over(world, now.steady, &self.connectivity, to);
        self.connectivity = guard;
        self.follow(world, now, None, steps, &mut output);
        output
    }

    /// What is wrong with our own network, a sentence each; empty while nothing is.
    pub fn network_troubles(&self) -> Vec<String> {
        self.connectivity.troubles()
    }

    /// Counts up when [`Watch::network_troubles`] may have changed.
    pub fn network_revision(&self) -> u64 {
        self.connectivity.revision()
    }

    /// True while nothing is judged, because the machine sleeps or has just woken.
    pub fn is_quiet(&self) -> bool {
        self.connectivity.is_quiet()
    }

    /// Takes a sample, unless it has to wait until it is known whose failure it is.
    pub(super) fn guarded(
        &mut self,
        world: &mut World,
        now: Moment,
        fresh: Observation,
        output: &mut WatchOutput,
    ) {
        let node = fresh.node;
        self.failing.sampled(node, &fresh.sample, now.steady);
        let steps = self.connectivity.sampled(world, now.steady, fresh);
        if !steps.passed.iter().any(|passed| passed.node == node) {
            // Nobody is to wait for more of it for now.
            self.awaited.remove(&node);
            self.heard_of(node, now);
        }
        self.follow(world, now, Some(node), steps, output);
    }

    pub(super) fn told(
        &mut self,
        world: &mut World,
        now: Moment,
        news: ConnectivityEvent,
        output: &mut WatchOutput,
    ) {
        self.decisions.heard(&news);
        let steps = self.connectivity.news(world, now.steady, news);
        self.follow(world, now, None, steps, output);
    }

    pub(super) fn ticked(&mut self, world: &mut World, now: Moment, output: &mut WatchOutput) {
        let steps = self.connectivity.tick(world, now.steady);
        self.follow(world, now, None, steps, output);
    }

    /// Does what the guard says. `fresh`: whose sample is at hand, so that whoever brought it sees
    /// to its being asked again.
    fn follow(
        &mut self,
        world: &mut World,
        now: Moment,
        fresh: Option<NodeId>,
        steps: GuardOutput,
        output: &mut WatchOutput,
    ) {
        self.decisions.extend(self.connectivity.decided());
        for (node, held) in steps.holds {
            if world.outline().node(node).is_tree() {
                world.hold(node, Hold::Offline, held);
                continue;
            }
            for node in world.outline().subtree(node).map(NodeId::at) {
                if !world.hold(node, Hold::Offline, held) {
                    continue;
                }
                self.note_network(world, node, held);
                if held {
                    self.held(world, now, node);
                    self.awaited.remove(&node);
                    self.heard_of(node, now);
                }
                self.turned(world, now, node, output);
            }
        }
        for (node, soon) in steps.recheck {
            if world.state(node).hold.is_none() {
                // What is back is asked again, and told of together.
                self.awaited.insert(node);
            }
            output.recheck.push((node, soon));
        }
        for passed in steps.passed {
            let node = passed.node;
            self.sampled(world, now, passed, output);
            if fresh != Some(node) && world.state(node).judge.doubts() {
                let retry = world.outline().node(node).rules.retry;
                output.recheck.push((node, retry));
            }
        }
        output.ask.extend(steps.ask);
    }

    /// A source that never answered has done so, or cannot be expected to.
    pub(super) fn heard_of(&mut self, node: NodeId, now: Moment) {
        if self.unasked.remove(&node) && self.unasked.is_empty() {
            self.asked = Some(now.steady);
        }
    }

    /// Awake, after so long where that is known: rows of failures begin anew, and what fell and was
    /// not told must be found out anew.
    pub(super) fn awake(&mut self, world: &mut World, now: Moment, slept: Option<Duration>) {
        if !self.connectivity.awake(now.steady, slept) {
            return;
        }
        for (node, _) in std::mem::take(&mut self.doubted) {
            world.interrupt(node);
        }
        for node in self.dispatcher.awake(world, now) {
            self.forget(world, node);
        }
    }

    /// Whether a source is down must be found out anew; it fell when it had fallen.
    pub(super) fn forget(&mut self, world: &mut World, node: NodeId) {
        if let Some(began) = self.dispatcher.began(node) {
            self.failing.began(node, began.failed);
        }
        world.forget(node);
    }
}
