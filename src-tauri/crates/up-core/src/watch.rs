//! The watch: one state machine that takes what happened and says what follows from it. The
//! engine feeds it and carries out what it says; scenarios and simulations feed the very same.
//!
//! Room: who is asked again, who is held because something else is down, and what goes on to the
//! herald. Its table is in ARCHITECTURE.md.

mod circle;
mod depends;
mod network;
mod saved;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::alert::{Change, Expected, Heard, Herald, Manner, Notice};
use crate::control::{Control, Controls, Desk, Standing, Window};
use crate::guard::{Guard, News, Passed, Question};
use crate::hold::Hold;
use crate::judge::Verdict;
use crate::mood::Mood;
use crate::outline::NodeId;
use crate::sample::{Sample, Timestamp};
use crate::world::World;

pub use circle::circle;
pub use depends::Depends;
pub use saved::Unsaved;

/// So many sources beside one that fell are asked at once, to see whether they fell too.
const BESIDE: usize = 48;

/// When something happened, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Unix seconds; may jump.
    pub wall: Timestamp,
    /// Since some fixed moment; never jumps, and stands still while the machine sleeps.
    pub steady: Duration,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A source answered.
    Sampled {
        /// Which.
        node: NodeId,
        /// What.
        sample: Sample,
        /// Why it says itself that it is not to be scored now.
        hold: Option<Hold>,
    },
    /// A source would only have said again what it said: that confirms nothing.
    Echoed(NodeId),
    /// A person asks for this.
    Control(Control),
    /// This is all that people asked for, as it was kept.
    Controls(Controls),
    /// News of our own network.
    Network(News),
    /// The machine goes to sleep.
    Asleep,
    /// It woke, after so long where that is known.
    Awake(Option<Duration>),
    /// A person wants another mood.
    Mood(Mood),
    /// Time has passed; wanted at [`Watch::due`].
    Tick,
}

/// What follows from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// Verdicts that differ from the last ones.
    pub changes: Vec<Change>,
    /// What people are told.
    pub notices: Vec<Notice>,
    /// Samples for the history: those that count. They may be earlier ones, which had to wait.
    pub kept: Vec<(NodeId, Sample)>,
    /// References and resolvers to ask at once.
    pub ask: Vec<Question>,
    /// Sources to ask again, and how soon.
    pub recheck: Vec<(NodeId, Duration)>,
    /// Acknowledgements that are over: of which path, and since when each was in force.
    pub over: Vec<(String, Timestamp)>,
}

/// What is known beside the world.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    guard: Guard,
    herald: Herald,
    depends: Depends,
    desk: Desk,
    /// Sources whose last news is not confirmed.
    doubted: BTreeSet<NodeId>,
    /// Sources that were asked because of another's news, and have not answered.
    awaited: BTreeSet<NodeId>,
    /// Sources that never answered.
    unasked: BTreeSet<NodeId>,
    /// When the last of them did.
    asked: Option<Duration>,
    unsaved: Unsaved,
}

impl Watch {
    /// Takes up a plan and its world; what was `node` is now `to(node)`, and keeps its state.
    pub fn take_up(
        &mut self,
        world: &mut World,
        now: Moment,
        (manner, mood): (Manner, Mood),
        to: impl Fn(NodeId) -> Option<NodeId>,
    ) -> Output {
        self.herald.manner(manner, mood);
        let mut output = self.moved(world, now, to);
        self.obey(world, now, &mut output);
        self.herald.review(world, now);
        output
    }

    /// Takes up a plan's maintenance windows; they hold from the next input on.
    pub fn maintain(&mut self, windows: Vec<Window>) {
        self.desk.take_up(windows);
    }

    /// What people asked for, and how each node stands by that.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The outline is another: what was `node` is now `to(node)`, if it is there at all.
    pub fn moved(
        &mut self,
        world: &mut World,
        now: Moment,
        to: impl Fn(NodeId) -> Option<NodeId>,
    ) -> Output {
        let mut output = Output::default();
        self.unsaved.moved();
        self.herald.moved(&to, now);
        self.guard.follow(&to);
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
        self.doubted = leaves.iter().copied().filter(doubts).collect();
        for node in leaves {
            let blocked = self.depends.is_blocked(node);
            self.hold(world, node, (Hold::Unreachable, blocked), &mut output);
        }
        output
    }

    /// When a [`Input::Tick`] is wanted, by the steady clock.
    pub fn due(&self) -> Option<Duration> {
        let others = self.desk.due().into_iter().chain(self.guard.due());
        self.herald.due().into_iter().chain(others).min()
    }

    /// True of a source that people were told to be down and not yet to be back.
    pub fn is_told(&self, node: NodeId) -> bool {
        self.herald.is_open(node)
    }

    /// Takes what happened; says what follows.
    pub fn take(&mut self, world: &mut World, now: Moment, input: Input) -> Output {
        let mut output = Output::default();
        self.unsaved.alerts |= matches!(input, Input::Mood(_));
        match input {
            Input::Sampled { node, sample, hold } => {
                let fresh = Passed { node, sample, hold };
                self.guarded(world, now, fresh, &mut output);
            }
            Input::Network(news) => self.told(world, now, news, &mut output),
            Input::Asleep => self.guard.asleep(now.steady),
            Input::Awake(slept) => self.awake(now, slept),
            Input::Echoed(node) => self.echoed(world, node),
            Input::Control(control) => self.desk.control(world, &control, now),
            Input::Controls(controls) => self.desk.replace(world, controls),
            Input::Mood(mood) => self.herald.mood(mood, world, now),
            Input::Tick => self.ticked(world, now, &mut output),
        }
        self.obey(world, now, &mut output);
        let Self {
            herald,
            depends,
            doubted,
            awaited,
            asked,
            ..
        } = self;
        output.notices = herald.tell(world, depends, now, |herald| Expected {
            soon: is_more_expected(herald, world, depends, doubted, awaited),
            asked: *asked,
        });
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
        node: NodeId,
        (sample, hold): (Sample, Option<Hold>),
        output: &mut Output,
    ) {
        let state = world.state(node);
        let (was_held, believed) = (state.hold.is_some(), state.judge.believed());
        let had_turned = state.judge.has_turned();
        world.report(node, hold);
        let is_held = world.state(node).hold.is_some();
        if is_held && !was_held {
            self.held(world, node);
        }
        // What a source says of itself is worth keeping, unlike what we could not ask.
        if !is_held || hold.is_some() {
            output.kept.push((node, sample.clone()));
        }
        let change = world.apply(node, sample);
        self.awaited.remove(&node);
        self.heard_of(node, now);
        let judge = world.state(node).judge;
        if judge.believed() != believed || change.is_some() || judge.has_turned() || had_turned {
            self.unsaved.leaf(node);
        }
        if !judge.doubts() {
            self.doubted.remove(&node);
        } else if self.doubted.insert(node) {
            // It may be their fault, and then they are to be told of in its place.
            let ahead = self.depends.ahead(node).to_vec();
            self.ask(world, ahead, output);
        }
        if judge.believed() != believed || is_held != was_held {
            self.turned(world, node, output);
        }
        let Some(change) = change else {
            if judge.verdict() == Verdict::Flapping && judge.believed() != believed {
                self.herald.hear_of_flapping(node, world, now);
            }
            return;
        };
        let rules = world.outline().node(node).rules;
        let minds = |verdict| self.herald.minds(rules, verdict);
        let recovered = minds(change.from) && !minds(change.to) && change.to.level().is_some();
        if self.desk.hear(&change, recovered) {
            let is_known = self.desk.is_known(&change.path);
            self.herald.know(node, is_known);
        }
        match self.herald.hear(&change, world, now) {
            Heard::Nothing => {}
            Heard::Fell => {
                let beside = beside(world, node);
                self.ask(world, beside, output);
            }
            Heard::Back => {
                let others = self.herald.others(node);
                self.ask(world, others, output);
            }
        }
        output.changes.push(change);
    }

    /// Does as people asked, where what they asked, or the time, is another.
    fn obey(&mut self, world: &mut World, now: Moment, output: &mut Output) {
        output.over = self.desk.over(world);
        if !self.desk.settle(world, now) {
            return;
        }
        self.unsaved.alerts = true;
        for node in world.outline().ids() {
            let Standing {
                paused,
                maintenance,
                ..
            } = self.desk.standing(node);
            let holds = [
                (Hold::Paused, paused),
                (Hold::Maintenance, maintenance.is_some()),
            ];
            if world.outline().node(node).is_tree() {
                for (hold, held) in holds {
                    world.hold(node, hold, held);
                }
                continue;
            }
            let is_known = self.desk.is_known(&world.outline().node(node).path);
            self.herald.know(node, is_known);
            self.herald.hush(node, self.desk.is_silent(node), now);
            for hold in holds {
                self.hold(world, node, hold, output);
            }
            if paused {
                self.heard_of(node, now);
            }
        }
    }

    /// Holds a source for a reason of our own, or lets it go.
    fn hold(
        &mut self,
        world: &mut World,
        node: NodeId,
        (reason, held): (Hold, bool),
        output: &mut Output,
    ) {
        if !world.hold(node, reason, held) {
            return;
        }
        if held {
            self.held(world, node);
        } else {
            self.ask(world, vec![node], output);
        }
        self.turned(world, node, output);
    }

    /// It is not scored any more.
    fn held(&mut self, world: &mut World, node: NodeId) {
        self.doubted.remove(&node);
        if self.herald.held(node) {
            self.unsaved.leaf(node);
            world.forget(node);
        }
    }

    /// What is believed of a source has changed: holds whoever depends on it, or lets them go.
    fn turned(&mut self, world: &mut World, node: NodeId, output: &mut Output) {
        for node in self.depends.turned(world, node) {
            // Asked now: whoever was let go before may have cut it off again.
            let blocked = self.depends.is_blocked(node);
            self.hold(world, node, (Hold::Unreachable, blocked), output);
        }
    }

    /// Asks these now, unless they are in doubt, which has them asked soon anyway, or held. Parts
    /// are not asked: their source tells of all at once.
    fn ask(&mut self, world: &World, nodes: Vec<NodeId>, output: &mut Output) {
        for node in nodes {
            let of = world.outline().node(node);
            let is_open = of.is_asked() && world.state(node).hold.is_none();
            if is_open && !self.doubted.contains(&node) && self.awaited.insert(node) {
                output.recheck.push((node, Duration::ZERO));
            }
        }
    }
}

/// The sources beside one in its tree, the nearest behind it first.
fn beside(world: &World, node: NodeId) -> Vec<NodeId> {
    let outline = world.outline();
    let Some(parent) = outline.node(node).parent else {
        return Vec::new();
    };
    let children = &outline.node(parent).children;
    let at = children
        .iter()
        .position(|child| *child == node)
        .unwrap_or(0);
    let (before, behind) = children.split_at(at);
    let around = behind.iter().skip(1).chain(before).copied();
    around.take(BESIDE).collect()
}

/// True when something near what is gathered is in doubt, or was asked and has not answered.
fn is_more_expected(
    herald: &Herald,
    world: &World,
    depends: &Depends,
    doubted: &BTreeSet<NodeId>,
    awaited: &BTreeSet<NodeId>,
) -> bool {
    let parent = |node: NodeId| world.outline().node(node).parent;
    let gathered: BTreeSet<NodeId> = herald.gathered().collect();
    let parents: BTreeSet<Option<NodeId>> = gathered.iter().map(|node| parent(*node)).collect();
    let ahead: BTreeSet<NodeId> = gathered
        .iter()
        .flat_map(|node| depends.ahead(*node))
        .copied()
        .collect();
    doubted.iter().chain(awaited).any(|node| {
        parents.contains(&parent(*node)) || ahead.contains(node) || gathered.contains(node)
    })
}
