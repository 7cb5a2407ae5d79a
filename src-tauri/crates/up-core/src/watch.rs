//! The watch: one state machine whose inputs are observations, events and the time, and whose output
//! is what follows from them. The engine feeds it and carries out the output; scenarios and
//! simulations drive the same machine.
//!
//! Room: which sources are checked again, which are held because a dependency is down, and what the
//! dispatcher receives. The table of its rules is in ARCHITECTURE.md.

mod beside;
mod decide;
mod failing;
mod holds;
mod input;
mod loss;
mod network;
mod saved;
mod why;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::alert::{Began, ChangeEffect, Dispatcher, MoreExpected, Near, NotifyPolicy};
use crate::change::Change;
use crate::connectivity::ConnectivityGuard;
use crate::control::{ControlState, Window};
use crate::decisions::Decisions;
use crate::depends::Depends;
use crate::hold::Hold;
use crate::judge::Verdict;
use crate::mood::Mood;
use crate::observation::{Observation, Record};
use crate::outline::NodeId;
use crate::status::Level;
use crate::world::World;

use beside::{beside, is_more_expected};

pub use crate::depends::find_cycle;
pub use crate::moment::Moment;
pub use input::{Input, WatchOutput};
pub use saved::Unsaved;

use failing::Failing;
use loss::{FailureKind, Loss};

/// The state machine: everything that is known beside the world.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    connectivity: ConnectivityGuard,
    dispatcher: Dispatcher,
    depends: Depends,
    controls: ControlState,
    /// The latest decisions of each source and their reasons, for `up why`.
    decisions: Decisions,
    /// The sources in doubt: their last samples speak against the verdict. With the time of the
    /// first such sample.
    doubted: BTreeMap<NodeId, Duration>,
    /// Since when each failing source has failed, whether its samples were judged or not.
    failing: Failing,
    /// The sources that are being checked again because of what another source found.
    awaited: BTreeSet<NodeId>,
    /// The sources without a first sample.
    unchecked: BTreeSet<NodeId>,
    /// When the last source had its first sample; `None` in the first round.
    all_checked_at: Option<Duration>,
    /// How often checks fail because our own link loses packets.
    loss: Loss,
    unsaved: Unsaved,
}

impl Watch {
    /// Takes up a plan and its world. A node that has the key of an earlier one is the same node.
    pub fn take_up(
        &mut self,
        world: &mut World,
        now: Moment,
        (manner, mood): (NotifyPolicy, Mood),
    ) -> WatchOutput {
        self.dispatcher.manner(manner, mood);
        let mut output = self.outline_changed(world, now);
        self.apply_controls(world, now, &mut output);
        self.dispatcher.review(world, now);
        output
    }

    /// Takes up a plan's maintenance windows. They are in force from the next input on.
    pub fn maintain(&mut self, windows: Vec<Window>) {
        self.controls.take_up(windows);
    }

    /// The controls that are in force, and what they mean for each node.
    pub fn controls(&self) -> &ControlState {
        &self.controls
    }

    /// The outline changed: forgets the nodes that are gone, and takes up the new ones.
    pub fn outline_changed(&mut self, world: &mut World, now: Moment) -> WatchOutput {
        let mut output = WatchOutput::default();
        let outline = world.outline();
        self.decisions.at(now.wall);
        self.decisions.forget_gone(outline);
        self.unsaved.outline_changed();
        self.dispatcher.forget_gone(outline, now);
        self.connectivity.forget_gone(outline);
        self.loss.forget_gone(outline);
        self.failing.forget_gone(outline);
        self.awaited.retain(|node| outline.has(*node));
        self.depends = Depends::of(world.outline());
        for node in self.depends.deciding() {
            self.depends.turned(world, node);
        }
        let leaves = world.outline().iter().filter(|(_, node)| node.is_leaf());
        let leaves: Vec<NodeId> = leaves.map(|(id, _)| id).collect();
        self.unchecked = self.never_checked(world, &leaves);
        self.all_checked_at = self.unchecked.is_empty().then_some(now.steady);
        let doubts = |id: &NodeId| world.state(*id).judge.doubts();
        let old = std::mem::take(&mut self.doubted);
        let since = |node: NodeId| old.get(&node).copied().unwrap_or(now.steady);
        self.doubted = (leaves.iter().copied().filter(doubts))
            .map(|node| (node, since(node)))
            .collect();
        for node in leaves {
            let blocked = self.depends.is_inhibited(node);
            self.hold(world, node, (now, Hold::Unreachable, blocked), &mut output);
        }
        output
    }

    /// When the next [`Input::Tick`] is due, by the steady clock.
    pub fn due(&self) -> Option<Duration> {
        let others = self
            .controls
            .due()
            .into_iter()
            .chain(self.connectivity.due());
        let dispatcher = self.dispatcher.due().filter(|_| !self.is_quiet());
        dispatcher.into_iter().chain(others).min()
    }

    /// True for a source that is a member of an open incident: people know that it is down.
    pub fn is_told(&self, node: NodeId) -> bool {
        self.dispatcher.is_open(node)
    }

    /// Processes an input. Returns what follows from it.
    pub fn handle(&mut self, world: &mut World, now: Moment, input: Input) -> WatchOutput {
        let mut output = WatchOutput::default();
        self.decisions.at(now.wall);
        self.unsaved.alerts |= matches!(input, Input::Mood(_));
        match input {
            Input::Observed(observation) => self.observe(world, now, observation, &mut output),
            Input::Network(news) => self.network_event(world, now, news, &mut output),
            Input::Asleep => self.connectivity.asleep(now.steady),
            Input::Awake(slept) => self.awake(world, now, slept),
            Input::LoggedIn => self.connectivity.logged_in(now.steady),
            Input::Echoed(node) => self.echoed(world, node),
            Input::Control(control) => self.controls.control(world, &control, now),
            Input::Controls(controls) => self.controls.replace(world, controls),
            Input::Mood(mood) => {
                self.dispatcher.mood(mood, world, now);
                self.note_mood(world, mood);
            }
            Input::Tick => self.ticked(world, now, &mut output),
        }
        self.apply_controls(world, now, &mut output);
        if self.is_quiet() {
            // A fall from before the machine slept may be over: no notice until it is checked again.
            return output;
        }
        let Self {
            connectivity: guard,
            dispatcher,
            depends,
            doubted,
            awaited,
            all_checked_at,
            ..
        } = self;
        let near = Near {
            depends,
            doubted,
            awaited,
            guard,
        };
        output.notices = dispatcher.notices_due(world, &near, now, |dispatcher| MoreExpected {
            soon: is_more_expected(dispatcher, world, depends, doubted, awaited),
            asked: *all_checked_at,
        });
        self.note_told(&output.notices);
        self.unsaved.alerts |= !output.notices.is_empty();
        output
    }

    /// Nothing new is to be heard of a source and its parts for now.
    fn echoed(&mut self, world: &World, node: NodeId) {
        for node in world.outline().at_and_below(node) {
            self.awaited.remove(&node);
        }
    }

    /// Evaluates a sample: the judge and the holds, then the dispatcher where the verdict changed.
    fn evaluate(
        &mut self,
        world: &mut World,
        now: Moment,
        observation: Observation,
        output: &mut WatchOutput,
    ) {
        let took = (observation.began, observation.ended);
        let Observation {
            node, sample, hold, ..
        } = observation;
        let state = world.state(node);
        let (was_held, believed) = (state.hold.is_some(), state.judge.believed());
        let had_turned = state.judge.has_turned();
        world.report(node, hold);
        let is_held = world.state(node).hold.is_some();
        if is_held != was_held {
            self.note_reported(node, is_held);
        }
        if is_held && !was_held {
            self.suspend(world, now, node);
        }
        // A hold that the source itself reports is recorded as unknown; one of ours leaves a gap.
        if !is_held || hold.is_some() {
            let kept = sample.clone();
            let kept = if is_held { kept.unscored() } else { kept };
            output.kept.push(Record::of(world.outline(), node, kept));
        }
        let doubted = self.doubted.get(&node).copied();
        let failing = self.failing.since(node);
        let can_be_ours = self.connectivity.can_be_ours(world, node, &sample, hold);
        let failed = can_be_ours.then(|| FailureKind::of(&sample));
        let is_known = sample.status.is_some();
        let down_after = self.row(world, now.steady, node, took, failed);
        let change = world.apply_after(node, sample, down_after);
        self.awaited.remove(&node);
        self.mark_checked(node, now);
        self.note_judged(world, node, change.as_ref(), down_after);
        let judge = world.state(node).judge;
        if judge.believed() != believed || change.is_some() || judge.has_turned() || had_turned {
            self.unsaved.leaf(node);
        }
        if !judge.doubts() {
            self.doubted.remove(&node);
            if !is_held && judge.believed().level().is_some() {
                self.failing.settled(node);
            }
            let failure_domain = self.connectivity.failure_domain(world, node);
            if let (Some(_), Some(failure_domain), None, false) =
                (doubted, failure_domain, &change, can_be_ours)
            {
                // The source failed once and is as it was: a lost packet, perhaps.
                self.loss.refuted(now.steady, node, failure_domain);
            }
        } else if doubted.is_none() {
            self.doubted.insert(node, now.steady);
            // A dependency may be the cause, and then the notice is about that.
            let ahead = self.depends.ahead(node).to_vec();
            self.recheck(world, ahead, output);
        }
        if judge.doubts() {
            self.dispatcher.failed(node, now);
        }
        if judge.doubts() && can_be_ours {
            let retry = world.outline().node(node).rules.retry;
            self.connectivity.doubted(world, node, now.steady + retry);
        }
        if judge.believed() != believed || is_held != was_held {
            self.verdict_changed(world, now, node, output);
        }
        if !is_known {
            self.dispatcher.unknown(node, now);
        } else if !is_held && judge.believed() == Verdict::At(Level::Up) && !judge.doubts() {
            self.dispatcher.seen(node, now);
        }
        let Some(change) = change else {
            if judge.verdict() == Verdict::Flapping && judge.believed() != believed {
                self.dispatcher.hear_of_flapping(node, world, now);
            }
            return;
        };
        let doubted = doubted.unwrap_or(now.steady);
        let failed = failing.unwrap_or(doubted).min(doubted);
        self.dispatch(world, now, &change, Began { failed, doubted }, output);
        output.changes.push(change);
    }

    /// Hands a changed verdict to the dispatcher. The source's present failure began then.
    fn dispatch(
        &mut self,
        world: &World,
        now: Moment,
        change: &Change,
        began: Began,
        output: &mut WatchOutput,
    ) {
        let node = change.node;
        let rules = world.outline().node(node).rules;
        let is_alertable = |verdict| self.dispatcher.is_alertable(rules, verdict);
        let recovered =
            is_alertable(change.from) && !is_alertable(change.to) && change.to.level().is_some();
        if self.controls.on_verdict_change(change, recovered) {
            let is_acknowledged = self.controls.is_acknowledged(&change.path);
            self.dispatcher.acknowledge(node, is_acknowledged);
        }
        let waited = self.dispatcher.is_waiting(node);
        let effect = self
            .dispatcher
            .on_verdict_change(change, world, (now, began));
        self.note_heard(change, waited);
        match effect {
            ChangeEffect::Nothing => {}
            ChangeEffect::Fell => {
                let beside = beside(world, node);
                self.recheck(world, beside, output);
            }
            ChangeEffect::Back => {
                let others = self.dispatcher.others(node);
                self.recheck(world, others, output);
            }
        }
    }

    /// Has these sources checked now, except those that are held and those in doubt, which are
    /// checked again soon anyway. A component has no check of its own: its source reports all.
    fn recheck(&mut self, world: &World, nodes: Vec<NodeId>, output: &mut WatchOutput) {
        for node in nodes {
            let of = world.outline().node(node);
            let is_open = of.is_asked() && world.state(node).hold.is_none();
            if is_open && !self.doubted.contains_key(&node) && self.awaited.insert(node) {
                output.recheck.push((node, Duration::ZERO));
            }
        }
    }
}
