//! The connectivity guard's part of the watch: each observation passes the guard first, and what the
//! guard decides about our own network and about sleep is applied here.

use std::time::Duration;

use super::{Moment, Watch, WatchOutput};
use crate::connectivity::{ConnectivityEvent, ConnectivityGuard, GuardOutput, GuardedSources};
use crate::hold::Hold;
use crate::observation::Observation;
use crate::outline::NodeId;
use crate::world::World;

impl Watch {
    /// Takes up the sources that the plan's guard watches. Call it after [`Watch::take_up`].
    pub fn guard_sources(
        &mut self,
        world: &mut World,
        now: Moment,
        sources: GuardedSources,
    ) -> WatchOutput {
        let mut output = WatchOutput::default();
        self.decisions.at(now.wall);
        self.decisions.guarded(&sources);
        let mut guard = ConnectivityGuard::new(sources);
        let steps = guard.take_over(world, now.steady, &self.connectivity);
        self.connectivity = guard;
        self.follow(world, now, None, steps, &mut output);
        output
    }

    /// What is wrong with our own network, a sentence each; empty while nothing is wrong.
    pub fn network_troubles(&self) -> Vec<String> {
        self.connectivity.troubles()
    }

    /// Grows when [`Watch::network_troubles`] may have changed.
    pub fn network_revision(&self) -> u64 {
        self.connectivity.revision()
    }

    /// True while nothing is judged, because the machine sleeps or has just woken up, or the
    /// person has just logged in.
    pub fn is_quiet(&self) -> bool {
        self.connectivity.is_quiet()
    }

    /// Hands an observation to the guard, and evaluates what the guard lets pass: this observation,
    /// earlier ones that waited, or none.
    pub(super) fn observe(
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
            // It may be a while until this sample passes: nothing waits for the source meanwhile.
            self.awaited.remove(&node);
            self.mark_checked(node, now);
        }
        self.follow(world, now, Some(node), steps, output);
    }

    /// Hands an event of our own network to the guard.
    pub(super) fn network_event(
        &mut self,
        world: &mut World,
        now: Moment,
        news: ConnectivityEvent,
        output: &mut WatchOutput,
    ) {
        self.decisions.record_answers(&news);
        let steps = self.connectivity.news(world, now.steady, news);
        self.follow(world, now, None, steps, output);
    }

    /// Lets the guard do what is due.
    pub(super) fn ticked(&mut self, world: &mut World, now: Moment, output: &mut WatchOutput) {
        let steps = self.connectivity.tick(world, now.steady);
        self.follow(world, now, None, steps, output);
    }

    /// Applies what the guard decided. `fresh` is the source that was checked just now, if any: the
    /// caller reschedules it by its doubt.
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
            for node in world.outline().at_and_below(node) {
                if !world.hold(node, Hold::Offline, held) {
                    continue;
                }
                self.note_network(world, node, held);
                if held {
                    self.suspend(world, now, node);
                    self.awaited.remove(&node);
                    self.mark_checked(node, now);
                }
                self.verdict_changed(world, now, node, output);
            }
        }
        for (node, soon) in steps.recheck {
            if world.state(node).hold.is_none() {
                // Sources that are back are checked again, and recover in one notice.
                self.awaited.insert(node);
            }
            output.recheck.push((node, soon));
        }
        for passed in steps.passed {
            let node = passed.node;
            self.evaluate(world, now, passed, output);
            if fresh != Some(node) && world.state(node).judge.doubts() {
                let retry = world.outline().node(node).rules.retry;
                output.recheck.push((node, retry));
            }
        }
        output.ask.extend(steps.ask);
    }

    /// Notes that a source had its first sample, or that none is to be expected now.
    pub(super) fn mark_checked(&mut self, node: NodeId, now: Moment) {
        if self.unchecked.remove(&node) && self.unchecked.is_empty() {
            self.all_checked_at = Some(now.steady);
        }
    }

    /// The machine woke up, after so long where that is known: rows of failures begin anew, and a
    /// fall that nobody was notified of is forgotten.
    pub(super) fn awake(&mut self, world: &mut World, now: Moment, slept: Option<Duration>) {
        if !self.connectivity.awake(now.steady, slept) {
            return;
        }
        self.doubted.clear();
        let leaves = world.outline().iter().filter(|(_, node)| node.is_leaf());
        let leaves: Vec<NodeId> = leaves.map(|(id, _)| id).collect();
        for node in leaves {
            world.interrupt(node);
        }
        for node in self.dispatcher.awake(world, now) {
            self.forget(world, node);
        }
    }

    /// Forgets the verdict on a source. If it is still down, its outage keeps its beginning.
    pub(super) fn forget(&mut self, world: &mut World, node: NodeId) {
        if let Some(began) = self.dispatcher.began(node) {
            self.failing.began(node, began.failed);
        }
        world.forget(node);
    }
}
