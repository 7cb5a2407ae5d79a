//! The simulated world watched by the core's `Watch`, with a schedule like that of the engine.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::time::Duration;

use fastrand::Rng;
use up_core::connectivity::{ConnectivityEvent, GuardedSources, RouteScope};
use up_core::{
    Input, Moment, Mood, NodeId, Notice, Observation, Sample, Watch, WatchOutput, World,
};

use super::answering::sample;
use super::score::{ScoredNotice, is_explained};
use super::sources::{SOURCES, SimulatedHost, manner, outline};
use super::truth::{Deed, SimulatedAnswer, Truth};
use super::weather::{Partial, Weather};

/// How many seconds after a change of a link the system reports it.
const SOON: f64 = 0.2;

/// The notices that Up sends in a world.
pub fn told(truth: &Truth, seed: u64) -> Vec<ScoredNotice> {
    let mut run = SimulationRun::new(truth, seed);
    run.start();
    while let Some(next) = run.queue.pop() {
        if next.at >= truth.shape.end() {
            break;
        }
        run.tick_until(next.at);
        run.now = run.now.max(next.at);
        run.happen(next.event);
    }
    run.told
}

/// An event of the simulation.
#[derive(Clone, Debug)]
enum SimulationEvent {
    /// Something is done to the machine.
    Deed(Deed),
    /// A link or a route came or went.
    Link,
    /// The turn of a source, unless it was moved meanwhile.
    Turn(usize, u64),
    /// The result of a check that began at that time, unless it was cancelled.
    Answer(usize, u64, SimulatedAnswer, f64),
    /// The answer to a request of the connectivity guard, unless it was cancelled.
    Reply(u32, ConnectivityEvent),
}

struct ScheduledEvent {
    at: f64,
    /// The number of the event in the order of insertion.
    count: u64,
    event: SimulationEvent,
}

impl Ord for ScheduledEvent {
    fn cmp(&self, other: &Self) -> Ordering {
        let earlier = other.at.total_cmp(&self.at);
        earlier.then(other.count.cmp(&self.count))
    }
}

impl PartialOrd for ScheduledEvent {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ScheduledEvent {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ScheduledEvent {}

/// The place of a source in the schedule.
#[derive(Clone, Copy, Debug, Default)]
struct ScheduleSlot {
    due: f64,
    /// The number of the turn, and of the result, that count. Older ones were cancelled.
    turn: u64,
    is_asked: bool,
    /// When the source is to be checked again as soon as its result is there.
    again: Option<f64>,
}

pub(super) struct SimulationRun<'t> {
    pub(super) truth: &'t Truth,
    nodes: Vec<NodeId>,
    guarded: GuardedSources,
    world: World,
    watch: Watch,
    pub(super) rng: Rng,
    pub(super) now: f64,
    /// How many seconds the wall clock is ahead, because of sleep or because it was set.
    ahead: f64,
    /// How often the configuration was reloaded.
    reloads: u32,
    queue: BinaryHeap<ScheduledEvent>,
    count: u64,
    places: Vec<ScheduleSlot>,
    source_of: BTreeMap<NodeId, usize>,
    /// The sources that are reported as down.
    open: BTreeSet<usize>,
    told: Vec<ScoredNotice>,
}

impl<'t> SimulationRun<'t> {
    fn new(truth: &'t Truth, seed: u64) -> Self {
        let (outline, nodes, guarded) = outline(&truth.sources);
        Self {
            truth,
            world: World::new(outline),
            watch: Watch::default(),
            rng: Rng::with_seed(seed),
            now: 0.0,
            ahead: 0.0,
            reloads: 0,
            queue: BinaryHeap::new(),
            count: 0,
            places: vec![ScheduleSlot::default(); SOURCES],
            source_of: nodes.iter().zip(0..).map(|(node, i)| (*node, i)).collect(),
            open: BTreeSet::new(),
            told: Vec::new(),
            nodes,
            guarded,
        }
    }

    fn start(&mut self) {
        self.take_up();
        let scopes = self.scopes();
        self.take(Input::Network(ConnectivityEvent::Routes {
            default: true,
            scopes,
        }));
        for source in 0..SOURCES {
            let first = self.rng.f64() * self.truth.sources[source].interval;
            self.move_turn(source, first);
        }
        for (at, deed) in &self.truth.deeds {
            self.put(*at, SimulationEvent::Deed(*deed));
        }
        for (span, weather) in &self.truth.weather {
            if *weather == Weather::NoLink {
                self.put(span.from + SOON, SimulationEvent::Link);
                self.put(span.to + SOON, SimulationEvent::Link);
            }
        }
        for (span, partial) in &self.truth.partial {
            if *partial == (Partial::Vpn { said: true }) {
                self.put(span.from + SOON, SimulationEvent::Link);
                self.put(span.to + SOON, SimulationEvent::Link);
            }
        }
    }

    fn take_up(&mut self) {
        let now = self.moment();
        let policy = (manner(), Mood::Realist);
        let output = self.watch.take_up(&mut self.world, now, policy);
        self.carry_out(output);
        let guarded = self.guarded.clone();
        let output = self.watch.guard_sources(&mut self.world, now, guarded);
        self.carry_out(output);
    }

    /// The scope of the route to each source, as the system reports it.
    fn scopes(&self) -> Vec<(NodeId, RouteScope)> {
        let lost = Partial::Vpn { said: true };
        let is_lost = self
            .truth
            .partial_at(self.now)
            .any(|partial| partial == lost);
        let scopes = (0..SOURCES).map(|source| match self.truth.sources[source].host {
            // Without its own route, the traffic of the source takes the default route.
            SimulatedHost::Vpn { .. } if !is_lost => (self.nodes[source], RouteScope::Tunnel),
            _ => (self.nodes[source], RouteScope::Beyond),
        });
        scopes.collect()
    }

    fn happen(&mut self, event: SimulationEvent) {
        match event {
            SimulationEvent::Deed(Deed::Sleep(long)) => {
                self.take(Input::Asleep);
                self.ahead += long;
                self.take(Input::Awake(Some(Duration::from_secs_f64(long))));
                self.look();
            }
            SimulationEvent::Deed(Deed::Clock(by)) => self.ahead += by,
            SimulationEvent::Deed(Deed::Reload) => self.reload(),
            SimulationEvent::Link => {
                let scopes = self.scopes();
                self.look_at(scopes);
            }
            SimulationEvent::Turn(source, turn) => self.turn(source, turn),
            SimulationEvent::Answer(source, turn, answer, began) => {
                if self.places[source].turn == turn {
                    self.answered(source, answer, began);
                }
            }
            SimulationEvent::Reply(reloads, news) => {
                if self.reloads == reloads {
                    self.take(Input::Network(news));
                }
            }
        }
    }

    /// Reloads the configuration as the engine does: running checks start again, and requests are
    /// cancelled.
    fn reload(&mut self) {
        let mut world = World::new(self.world.outline().clone());
        world.take_over(&self.world);
        self.world = world;
        self.reloads += 1;
        self.take_up();
        for source in 0..SOURCES {
            if std::mem::take(&mut self.places[source].is_asked) {
                self.move_turn(source, self.now);
            }
        }
        self.look();
    }

    /// The default route, as the system reports it.
    fn look(&mut self) {
        self.look_at(Vec::new());
    }

    fn look_at(&mut self, scopes: Vec<(NodeId, RouteScope)>) {
        let default = self.truth.weather_at(self.now) != Some(Weather::NoLink);
        let event = ConnectivityEvent::Routes { default, scopes };
        self.take(Input::Network(event));
    }

    fn turn(&mut self, source: usize, turn: u64) {
        let place = &mut self.places[source];
        if place.is_asked || place.turn != turn {
            return;
        }
        place.is_asked = true;
        let (answer, took) = self.truth.check(source, self.now, self.rng.f64());
        self.put(
            self.now + took,
            SimulationEvent::Answer(source, turn, answer, self.now),
        );
    }

    fn answered(&mut self, source: usize, answer: SimulatedAnswer, began: f64) {
        if answer != SimulatedAnswer::Up {
            // As in the engine: a failure may be the first sign of a lost route.
            self.look();
        }
        let node = self.nodes[source];
        let (date, took) = (self.wall() - (self.now - began), self.now - began);
        self.places[source].is_asked = false;
        let mut doubts = self.sampled(node, sample(answer, date, took));
        for part in SOURCES..self.nodes.len() {
            if self.truth.sources[part].host == SimulatedHost::PartOf(source) {
                let reported = self.reported(part, answer, began);
                doubts |= self.sampled(self.nodes[part], reported);
            }
        }
        let interval = self.truth.sources[source].interval;
        let place = &mut self.places[source];
        let mut due = (place.due + interval).max(self.now + 0.1);
        if doubts {
            let retry = self.world.outline().node(node).rules.retry;
            due = due.min(self.now + retry.as_secs_f64());
        }
        if let Some(again) = place.again.take() {
            due = due.min(again.max(self.now + 0.1));
        }
        self.move_turn(source, due);
    }

    fn sampled(&mut self, node: NodeId, sample: Sample) -> bool {
        let observed = Observation::ended_at(node, sample, None, self.moment().steady);
        self.take(Input::Observed(observed));
        self.world.state(node).judge.doubts()
    }

    fn take(&mut self, input: Input) {
        let now = self.moment();
        let output = self.watch.handle(&mut self.world, now, input);
        self.carry_out(output);
    }

    fn carry_out(&mut self, output: WatchOutput) {
        for notice in &output.notices {
            self.tell(notice);
        }
        for question in output.ask {
            let (news, took) = self.reply(question);
            self.put(self.now + took, SimulationEvent::Reply(self.reloads, news));
        }
        for (node, soon) in output.recheck {
            let Some(mut source) = self.source_of.get(&node).copied() else {
                continue;
            };
            if let SimulatedHost::PartOf(page) = self.truth.sources[source].host {
                source = page;
            }
            let then = self.now + soon.as_secs_f64();
            let place = &mut self.places[source];
            if place.is_asked {
                place.again = Some(place.again.map_or(then, |again| again.min(then)));
            } else if then < place.due {
                self.move_turn(source, then);
            }
        }
    }

    fn tell(&mut self, notice: &Notice) {
        let (mut down, mut up) = (Vec::new(), Vec::new());
        for member in &notice.members {
            let Some(source) = self.source_of.get(&member.node).copied() else {
                continue;
            };
            if member.until.is_some() {
                if self.open.remove(&source) {
                    up.push(source);
                }
            } else if self.open.insert(source) {
                down.push(source);
            }
        }
        if is_explained() {
            let weather = self.truth.weather_at(self.now);
            let (kind, title) = (notice.kind.name(), notice.title(Mood::Realist));
            let partial: Vec<Partial> = self.truth.partial_at(self.now).collect();
            let (id, now) = (notice.id, self.now);
            println!("{now:.1} #{id} {kind}: {title} {weather:?} {partial:?}");
            let lines = notice.lines(Mood::Realist, &jiff::tz::TimeZone::UTC);
            println!("    {}", lines.join("\n    "));
        }
        self.told.push(ScoredNotice {
            at: self.now,
            bubble: notice.id,
            down,
            up,
            replaces: notice.replaces.clone(),
        });
    }

    /// Passes to the watch every time that it wants to be woken at.
    fn tick_until(&mut self, at: f64) {
        while let Some(due) = self.watch.due().map(|due| due.as_secs_f64()) {
            if due > at {
                break;
            }
            self.now = self.now.max(due);
            self.take(Input::Tick);
        }
    }

    fn move_turn(&mut self, source: usize, due: f64) {
        self.places[source].turn += 1;
        self.places[source].due = due;
        self.put(due, SimulationEvent::Turn(source, self.places[source].turn));
    }

    fn put(&mut self, at: f64, event: SimulationEvent) {
        self.count += 1;
        let count = self.count;
        self.queue.push(ScheduledEvent { at, count, event });
    }

    pub(super) fn wall(&self) -> f64 {
        // 1 January 2026, 7:00 UTC.
        1_767_250_800.0 + self.now + self.ahead
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: self.wall(),
            steady: Duration::from_secs_f64(self.now),
        }
    }
}
