//! The engine's one loop: the only writer of what is known. Everything it waits for comes in here.

mod answered;
mod carry;
mod close;
mod load;
mod log;
mod network;
mod remember;
mod steer;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use up_config::{Loaded, Loader, Plan};
use up_core::world::TreeTiming;
use up_core::{Input, Kind, Mood, NodeId, Note, Record, Watch, World};
use up_history::state::Owner;
use up_sink::Event;

use crate::alert_sinks::AlertSinks;
use crate::ask::CheckOutcome;
use crate::connectivity::Outside;
use crate::control_io::ControlIo;
use crate::file_watch::FileWatch;
use crate::health::Health;
use crate::outlet::Outlet;
use crate::scheduler::{Due, Scheduler};
use crate::state::{EngineState, restore};
use crate::storage::Storage;
use crate::view::{CurrentState, TroubleKind, View};
use crate::{Command, EngineOptions, clock, limit, reconcile};

/// News is gathered for this long before trees are folded and watchers told.
const SETTLE: Duration = Duration::from_millis(100);
/// How long sinks and stores may take to write out what they hold back at the end.
const FAREWELL: Duration = Duration::from_secs(4);

/// Runs until told to stop.
pub(crate) async fn run(
    options: EngineOptions,
    view: View,
    mut commands: mpsc::UnboundedReceiver<Command>,
    mut stop: oneshot::Receiver<()>,
) {
    let EngineOptions {
        config,
        plan,
        data,
        program,
        mood,
        sinks,
    } = options;
    let board = Health::new();
    let owner = program.map(|program| Owner::new(program, config.file().path()));
    let state = EngineState::open(&data, owner, &board).await;
    let open = |sink| Outlet::acknowledging(sink, |name| state.receipts(name));
    let mut engine = Loop {
        view,
        mood,
        watch: Watch::default(),
        start: Instant::now(),
        rounds: None,
        outlets: sinks.into_iter().map(open).collect(),
        state,
        keep: Storage::open(data.clone(), &board).await,
        control_io: ControlIo::start(data),
        stood: 0,
        alert_sinks: AlertSinks::default(),
        board,
        loading: None,
        reload_again: false,
        commanded: false,
        good: None,
        doubtful: None,
        unasked: HashSet::new(),
        outside: Outside::open(),
        expected: None,
        network_shown: 0,
        settle_at: None,
        config,
    };
    let mut files = FileWatch::new(
        plan.as_ref()
            .map_or_else(Vec::new, |plan| plan.files.clone()),
    );
    match plan {
        Some(plan) => engine.take_up(plan),
        None => engine.load(),
    }
    let mut troubles = engine.board.watch();
    loop {
        engine.hand_over().await;
        let unwritten = engine.state.due(&engine.watch);
        let due = engine.rounds.as_mut().and_then(Scheduler::next_due);
        let watch_due = engine.watch_due();
        engine.expect([due, watch_due]);
        tokio::select! {
            biased;
            // An error means that nobody holds the engine any more: the same.
            _ = &mut stop => break,
            said = engine.outside.said() => engine.outside(said).await,
            answered = answered(&mut engine.rounds) => engine.answered(answered).await,
            Some(command) = commands.recv() => engine.obey(command).await,
            news = engine.control_io.next() => engine.steered(news).await,
            loaded = loaded(&mut engine.loading) => files.follow(engine.loaded(loaded)),
            () = files.changed() => engine.load(),
            () = at(engine.doubtful.as_ref().map(|(until, _)| *until)) => engine.tell_doubtful(),
            Ok(()) = troubles.changed() => engine.tell_troubles(),
            () = at(engine.settle_at) => engine.settle(),
            () = at(due) => engine.advance().await,
            () = at(watch_due) => engine.watch(Input::Tick).await,
            () = at(unwritten) => engine.write_state(),
            () = at(Some(engine.keep.due())) => {
                engine.prune_state();
                engine.keep.upkeep(&engine.board).await;
                engine.stores_changed();
            }
        }
    }
    engine.close().await;
}

/// Waits until then; for ever without a time.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

async fn answered(rounds: &mut Option<Scheduler>) -> (usize, CheckOutcome) {
    match rounds {
        Some(rounds) => rounds.answered().await,
        None => std::future::pending().await,
    }
}

async fn loaded(loading: &mut Option<JoinHandle<Loaded>>) -> Option<Loaded> {
    match loading {
        Some(task) => {
            let result = task.await.ok();
            *loading = None;
            result
        }
        None => std::future::pending().await,
    }
}

struct Loop {
    view: View,
    /// A mood that a person chose; it outlives reloads.
    mood: Option<Mood>,
    watch: Watch,
    /// Where the steady clock begins.
    start: Instant,
    rounds: Option<Scheduler>,
    outlets: Vec<Outlet>,
    keep: Storage,
    control_io: ControlIo,
    state: EngineState,
    /// Which state of people's controls is shown.
    stood: u64,
    alert_sinks: AlertSinks,
    board: Health,
    loading: Option<JoinHandle<Loaded>>,
    /// A file changed while it was being read.
    reload_again: bool,
    /// Somebody asked for what is being read, and wants to hear what is wrong with it.
    commanded: bool,
    /// Which text of up.toml the running plan was made of.
    good: Option<u64>,
    /// What is wrong with the files, and until when that may still pass.
    doubtful: Option<(Instant, String)>,
    /// The probes that have not answered yet in the first round.
    unasked: HashSet<usize>,
    outside: Outside,
    /// When the loop was to wake at the latest.
    expected: Option<Instant>,
    /// Which state of our network is shown.
    network_shown: u64,
    settle_at: Option<Instant>,
    config: Loader,
}

impl Loop {
    /// Runs this plan from now on. What is unchanged keeps what is known of it, and its turn.
    fn take_up(&mut self, plan: Plan) {
        log::plan(&plan, self.rounds.is_some());
        self.board.set(TroubleKind::Config, "", None);
        // By the probes' numbers, which are others now.
        self.board.wipe(TroubleKind::Names);
        self.good = plan.files.first().and_then(|file| file.content);
        self.doubtful = None;
        let (mut plan, now) = (plan, Instant::now());
        let mut world = World::new(plan.outline.clone());
        if let Some(old) = &self.rounds {
            let carry = |known: &CurrentState| {
                reconcile::carry(&mut plan, &mut world, old.plan(), &known.world);
            };
            self.view.read(carry);
        }
        let moment = self.moment();
        let saved = self.state.take_saved();
        let is_restored = saved.is_some();
        if let Some((saved, controls)) = saved {
            restore(
                (&saved, controls),
                &mut plan,
                (&mut world, &mut self.watch),
                moment,
            );
        }
        let plan = Arc::new(plan);
        let (rounds, same) = match self.rounds.take() {
            None => {
                let slots = limit::probes_at_once();
                let rounds = Scheduler::new(Arc::clone(&plan), slots, now);
                (rounds, HashMap::new())
            }
            Some(old) => {
                let (rounds, same) = Scheduler::replace(&old, Arc::clone(&plan), now);
                self.view
                    .read(|known| world.take_over(&known.world, |id| same.get(&id).copied()));
                (rounds, same)
            }
        };
        let first_sample =
            |probe: &up_config::PlannedProbe| world.state(probe.node).sample.is_none();
        let probes = plan.probes.iter().enumerate();
        let unasked = probes.filter(|(_, probe)| first_sample(probe));
        self.unasked = unasked.map(|(entry, _)| entry).collect();
        let mood = self.mood.unwrap_or(plan.mood);
        let moved: HashMap<NodeId, NodeId> = same.iter().map(|(new, old)| (*old, *new)).collect();
        let ways = (plan.manner, mood);
        let to = |old: NodeId| {
            if is_restored {
                Some(old)
            } else {
                moved.get(&old).copied()
            }
        };
        self.watch.maintain(plan.maintenance.clone());
        let output = self.watch.take_up(&mut world, moment, ways, to);
        let seated = self.watch.seat(&mut world, moment, plan.seats(), to);
        self.outside.take_up(&plan);
        self.outside.probe(seated.ask);
        world.settle(TreeTiming::Latest, clock::now());
        self.keep.take_up(&plan, &self.board);
        let (view, board) = (&self.view, &self.board);
        let receipts = |name: &str| self.state.receipts(name);
        self.alert_sinks
            .take_up(&plan, (view, board), &receipts, FAREWELL);
        let outlets = self.outlets.iter().chain(self.alert_sinks.outlets());
        self.watch
            .sinks(outlets.filter_map(Outlet::notifies).collect());
        self.rounds = Some(rounds);
        // What it has to tell, it tells at its next turn.
        self.ask_again(output.recheck);
        self.ask_again(seated.recheck);
        self.show_network();
        self.view.write(|known| {
            known.world = world;
            known.shape += 1;
            known.mood = mood;
            known.plan = Some(plan);
            known.checking = false;
        });
        self.stores_changed();
    }

    async fn advance(&mut self) {
        self.notice_gap().await;
        let now = Instant::now();
        while let Some(due) = self.rounds.as_mut().and_then(|rounds| rounds.advance(now)) {
            if let Due::Tree(id) = due {
                self.settle();
                self.record_tree(id).await;
            }
        }
    }

    /// So that the history of a tree begins with the first round, not an interval later.
    async fn first_round_done(&mut self) {
        self.settle();
        self.view.write(|known| known.world.forget_before());
        let Some(rounds) = &self.rounds else { return };
        let plan = Arc::clone(rounds.plan());
        for tree in &plan.trees {
            self.record_tree(tree.node).await;
        }
    }

    async fn record_tree(&mut self, id: NodeId) {
        if self.watch.is_quiet() {
            return;
        }
        let record = self.view.write(|known| {
            known.world.beat(id);
            let (node, state) = (known.world.outline().node(id), known.world.state(id));
            // What is held for a reason of ours is a gap.
            let is_held = state.hold.is_some() && state.reported.is_none();
            let sample = state.sample.clone().filter(|_| !is_held)?;
            let sample = up_core::Sample {
                date: clock::now(),
                ..sample
            };
            Some(Record {
                path: Arc::clone(&node.path),
                kind: Kind::TREE,
                sample,
            })
        });
        if let Some(record) = record {
            self.publish(Event::Sampled(Arc::new(record))).await;
        }
    }

    fn settle(&mut self) {
        if self.settle_at.take().is_some() {
            self.view
                .write(|known| known.world.settle(TreeTiming::Latest, clock::now()));
            self.view.publish();
        }
    }

    async fn obey(&mut self, command: Command) {
        log::command(&command);
        match command {
            Command::CheckNow(path) => self.check_now(path.as_deref()),
            Command::Note(message) => {
                let note = Note::new(message, clock::now());
                self.publish(Event::Noted(Arc::new(note))).await;
            }
            Command::Control(control) => self.steer(control, None),
            Command::Mood(mood) => {
                self.mood = Some(mood);
                self.view
                    .write(|known| (known.mood, known.shape) = (mood, known.shape + 1));
                self.view.publish();
                self.watch(Input::Mood(mood)).await;
            }
            Command::Reload => {
                self.commanded = true;
                self.load();
            }
        }
    }

    fn check_now(&mut self, path: Option<&str>) {
        let Some(rounds) = &mut self.rounds else {
            return;
        };
        let subtree = self.view.read(|known| {
            let outline = known.world.outline();
            path.map_or(Some(NodeId::ROOT), |path| outline.find(path))
                .map(|id| outline.subtree(id))
        });
        // A path that a reload has taken away is nothing to check.
        let Some(subtree) = subtree else { return };
        rounds.hasten(&subtree, Instant::now());
        let awaited = rounds.is_awaited();
        self.view.write(|known| known.checking = awaited);
        self.view.publish();
    }

    fn tell_troubles(&mut self) {
        let troubles = self.board.troubles();
        self.view.write(|known| known.troubles = troubles);
        self.view.publish();
    }

    fn stores_changed(&mut self) {
        let stores = self.keep.stores();
        self.view.write(|known| known.stores = stores);
        self.view.publish();
    }

    async fn publish(&self, event: Event) {
        for outlet in self
            .outlets
            .iter()
            .chain(self.keep.outlet())
            .chain(self.alert_sinks.outlets())
        {
            outlet.publish(&event).await;
        }
    }
}
