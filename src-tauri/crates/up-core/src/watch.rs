//! The watch: one state machine that takes what happened and says what follows from it. The
//! engine feeds it and carries out what it says; scenarios and simulations feed the very same.
//!
//! Room: who is asked again, who is held because something else is down, and what goes on to the
//! dispatcher. Its table is in ARCHITECTURE.md.

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
use crate::cause::CauseCode;
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
use loss::Loss;

/// What is known beside the world.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    connectivity: ConnectivityGuard,
    dispatcher: Dispatcher,
    depends: Depends,
    controls: ControlState,
    /// Why what was decided, for who asks.
    decisions: Decisions,
    /// Sources whose last news is not confirmed, and since when.
    doubted: BTreeMap<NodeId, Duration>,
    /// Since when sources have failed, judged or not.
    failing: Failing,
    /// Sources that were asked because of another's news, and have not answered.
    awaited: BTreeSet<NodeId>,
    /// Sources that never answered.
    unasked: BTreeSet<NodeId>,
    /// When the last of them did.
    asked: Option<Duration>,
    /// What our own link loses.
    loss: Loss,
    unsaved: Unsaved,
}

impl Watch {
    /// Takes up a plan and its world; what was `node` is now `to(node)`, and keeps its state.
    pub fn take_up(
        &mut self,
        world: &mut World,
        now: Moment,
        (manner, mood): (NotifyPolicy, Mood),
        to: impl Fn(NodeId) -> Option<NodeId>,
    ) -> WatchOutput {
        self.dispatcher.manner(manner, mood);
        let mut output = self.moved(world, now, to);
        self.obey(world, now, &mut output);
        self.dispatcher.review(world, now);
        output
    }

    /// Takes up a plan's maintenance windows; they hold from the next input on.
    pub fn maintain(&mut self, windows: Vec<Window>) {
        self.controls.take_up(windows);
    }

    /// What people asked for, and how each node stands by that.
    pub fn desk(&self) -> &ControlState {
        &self.controls
    }

    /// The outline is another: what was `node` is now `to(node)`, if it is there at all.
    pub fn moved(
        &mut self,
        world: &mut World,
        now: Moment,
        to: impl Fn(NodeId) -> Option<NodeId>,
    ) -> WatchOutput {
        let mut output = WatchOutput::default();
        self.decisions.at(now.wall);
        self.decisions.moved(&to);
        self.unsaved.moved();
        self.dispatcher.moved(&to, now);
        self.connectivity.follow(&to);
        self.awaited = self.awaited.iter().filter_map(|node| to(*node)).collect();
        self.depends = Depends::of(world.outline());
        for node in self.depends.deciding() {
            self.depends.turned(world, node);
        }
        let leaves = world.outline().iter().filter(|(_, node)| node.is_leaf());
        let leaves: Vec<NodeId> = leaves.map(|(id, _)| id).collect();
        self.unasked = self.never_asked(world, &leaves);
        self.asked = self.unasked.is_empty().then_some(now.steady);
        let doubts = |id: &NodeId| world.state(*id).judge.doubts();
        let old = std::mem::take(&mut self.doubted).into_iter();
        let old: BTreeMap<NodeId, Duration> = old
            .filter_map(|(node, since)| Some((to(node)?, since)))
            .collect();
        let since = |node: NodeId| old.get(&node).copied().unwrap_or(now.steady);
        self.doubted = (leaves.iter().copied().filter(doubts))
            .map(|node| (node, since(node)))
            .collect();
        self.loss.moved(&to);
        self.failing.moved(&to);
        for node in leaves {
            let blocked = self.depends.is_inhibited(node);
            self.hold(world, node, (now, Hold::Unreachable, blocked), &mut output);
        }
        output
    }

    /// When a [`Input::Tick`] is wanted, by the steady clock.
    pub fn due(&self) -> Option<Duration> {
        let others = self
            .controls
            .due()
            .into_iter()
            .chain(self.connectivity.due());
        let dispatcher = self.dispatcher.due().filter(|_| !self.is_quiet());
        dispatcher.into_iter().chain(others).min()
    }

    /// True of a source that people were told to be down and not yet to be back.
    pub fn is_told(&self, node: NodeId) -> bool {
        self.dispatcher.is_open(node)
    }

    /// Takes what happened; says what follows.
    pub fn take(&mut self, world: &mut World, now: Moment, input: Input) -> WatchOutput {
        let mut output = WatchOutput::default();
        self.decisions.at(now.wall);
        self.unsaved.alerts |= matches!(input, Input::Mood(_));
        match input {
            Input::Observed(observation) => self.guarded(world, now, observation, &mut output),
            Input::Network(news) => self.told(world, now, news, &mut output),
            Input::Asleep => self.connectivity.asleep(now.steady),
            Input::Awake(slept) => self.awake(world, now, slept),
            Input::Echoed(node) => self.echoed(world, node),
            Input::Control(control) => self.controls.control(world, &control, now),
            Input::Controls(controls) => self.controls.replace(world, controls),
            Input::Mood(mood) => {
                self.dispatcher.mood(mood, world, now);
                self.note_mood(world, mood);
            }
            Input::Tick => self.ticked(world, now, &mut output),
        }
        self.obey(world, now, &mut output);
        if self.is_quiet() {
            // What was gathered before the machine slept may be over.
            return output;
        }
        let Self {
            connectivity: guard,
            dispatcher,
            depends,
            doubted,
            awaited,
            asked,
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
            asked: *asked,
        });
        self.note_told(&output.notices);
        self.unsaved.alerts |= !output.notices.is_empty();
        output
    }

    /// Nothing new is to be heard of a source and its parts for now.
    fn echoed(&mut self, world: &World, node: NodeId) {
        let below = world.outline().subtree(node);
        self.awaited.retain(|node| !below.contains(&node.index()));
    }

    fn sampled(
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
            self.held(world, now, node);
        }
        // What a source says of itself is worth keeping, unlike what we could not ask.
        if !is_held || hold.is_some() {
            let record = Record::of(world.outline(), node, sample.clone());
            output.kept.push(record);
        }
        let doubted = self.doubted.get(&node).copied();
        let failing = self.failing.since(node);
        let can_be_ours = self.connectivity.can_be_ours(world, node, &sample, hold);
        let of_name = matches!(&sample.cause, Some(cause) if cause.code == CauseCode::Dns);
        let failed = can_be_ours.then_some(of_name);
        let down_after = self.row(world, now.steady, node, took, failed);
        let change = world.apply_after(node, sample, down_after);
        self.awaited.remove(&node);
        self.heard_of(node, now);
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
            let kin = self.connectivity.kin(world, node);
            if let (Some(_), Some(kin), None, false) = (doubted, kin, &change, can_be_ours) {
                // It failed, and is as it was.
                self.loss.refuted(now.steady, node, kin);
            }
        } else if doubted.is_none() {
            self.doubted.insert(node, now.steady);
            // It may be their fault, and then they are to be told of in its place.
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
            self.turned(world, now, node, output);
        }
        if !is_held && judge.believed() == Verdict::At(Level::Up) && !judge.doubts() {
            self.dispatcher.seen(node, now);
        }
        let Some(change) = change else {
            if judge.verdict() == Verdict::Flapping && judge.believed() != believed {
                self.dispatcher.hear_of_flapping(node, world, now);
            }
            return;
        };
        let rules = world.outline().node(node).rules;
        let minds = |verdict| self.dispatcher.is_alertable(rules, verdict);
        let recovered = minds(change.from) && !minds(change.to) && change.to.level().is_some();
        if self.controls.hear(&change, recovered) {
            let is_known = self.controls.is_acknowledged(&change.path);
            self.dispatcher.acknowledge(node, is_known);
        }
        let waited = self.dispatcher.is_waiting(node);
        let doubted = doubted.unwrap_or(now.steady);
        let failed = failing.unwrap_or(doubted).min(doubted);
        let began = Began { failed, doubted };
        let heard = self.dispatcher.hear(&change, world, (now, began));
        self.note_heard(&change, waited);
        match heard {
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
        output.changes.push(change);
    }

    /// Asks these now, unless they are in doubt, which has them asked soon anyway, or held. Parts
    /// are not asked: their source tells of all at once.
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
