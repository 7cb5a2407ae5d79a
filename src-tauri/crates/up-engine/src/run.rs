//! The engine's loop: the only writer of the [`CurrentState`]. It waits for everything that can
//! happen, one event at a time.

mod carry_out;
mod checked;
mod close;
mod controls;
mod load;
mod log;
mod network;
mod persist;
mod trees;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use up_config::{Loaded, Loader, Plan};
use up_core::world::TreeTiming;
use up_core::{Input, Mood, Watch, World};
use up_history::state::Owner;
use up_sink::Event;

use crate::alert_sinks::AlertSinks;
use crate::connectivity::SystemMonitor;
use crate::control_io::ControlIo;
use crate::file_watch::FileWatch;
use crate::health::Health;
use crate::outlet::Outlet;
use crate::pulse::PulseSource;
use crate::scheduler::{Due, Scheduler, SchedulerEvent};
use crate::state::{EngineState, restore};
use crate::storage::Storage;
use crate::view::{TroubleKind, View};
use crate::{Command, EngineOptions, clock, limit, reconcile};

/// How long sinks and stores may take at the end to write out what they have buffered.
const FAREWELL: Duration = Duration::from_secs(4);

/// Runs until `stop` is sent or dropped.
pub(crate) async fn run(
    options: EngineOptions,
    view: View,
    mut commands: mpsc::UnboundedReceiver<Command>,
    pulse: PulseSource,
    mut stop: oneshot::Receiver<()>,
) {
    let EngineOptions {
        config,
        plan,
        data,
        program,
        mood,
        logged_in,
        sinks,
    } = options;
    let PulseSource { mut beats, reloads } = pulse;
    let health = Health::new();
    let owner = program.map(|program| Owner::new(program, config.file().path()));
    let state = EngineState::open(&data, owner, &health).await;
    let open = |sink| Outlet::acknowledging(sink, |name| state.receipts(name));
    let mut engine = Loop {
        view,
        mood,
        watch: Watch::default(),
        start: Instant::now(),
        scheduler: None,
        outlets: sinks.into_iter().map(open).collect(),
        state,
        storage: Storage::open(data.clone(), &health).await,
        control_io: ControlIo::start(data).await,
        controls_shown: 0,
        alert_sinks: AlertSinks::default(),
        health,
        loading: None,
        reload_again: false,
        reload_requested: false,
        reloads,
        running_text: None,
        passing_error: None,
        unchecked: HashSet::new(),
        system: SystemMonitor::open(),
        planned_wake: None,
        network_shown: 0,
        settle_at: None,
        config,
    };
    let mut files = FileWatch::new(
        plan.as_ref()
            .map_or_else(Vec::new, |plan| plan.files.clone()),
    );
    if logged_in {
        engine.watch([Input::LoggedIn]).await;
    }
    match plan {
        Some(plan) => engine.take_up(plan),
        None => engine.load(),
    }
    let mut troubles = engine.health.watch();
    loop {
        engine.deliver_pending().await;
        let unwritten = engine.state.due(&engine.watch);
        let due = engine.scheduler.as_mut().and_then(Scheduler::next_due);
        let watch_due = engine.watch_due();
        engine.plan_wake([due, watch_due]);
        tokio::select! {
            biased;
            // An error means that the engine's owner is gone: the loop ends as well.
            _ = &mut stop => break,
            // Fails only for a supervisor that has stopped waiting.
            Some(answer) = beats.recv() => drop(answer.send(())),
            event = engine.system.next_event() => engine.system_event(event).await,
            event = scheduled(&mut engine.scheduler) => match event {
                SchedulerEvent::Checked(outcome) => engine.checked(outcome).await,
                SchedulerEvent::News(probe) => engine.heard(probe),
            },
            Some(command) = commands.recv() => engine.execute(command).await,
            event = engine.control_io.next() => engine.control_event(event).await,
            loaded = loaded(&mut engine.loading) => files.follow(engine.loaded(loaded)),
            () = files.changed() => engine.load(),
            () = at(engine.passing_error.as_ref().map(|(until, _)| *until)) => {
                engine.show_lasting_error();
            }
            Ok(()) = troubles.changed() => engine.show_troubles(),
            () = at(engine.settle_at) => engine.settle(),
            () = at(due) => engine.advance().await,
            () = at(watch_due) => engine.watch([Input::Tick]).await,
            () = at(unwritten) => engine.write_state(),
            () = at(Some(engine.storage.due())) => {
                engine.prune_state();
                engine.storage.upkeep(&engine.health).await;
                engine.show_stores();
            }
        }
    }
    engine.close().await;
}

/// Waits until that time, and for ever without one.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

async fn scheduled(scheduler: &mut Option<Scheduler>) -> SchedulerEvent {
    match scheduler {
        Some(scheduler) => scheduler.next_event().await,
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
    /// The mood that a person chose; it outlives reloads.
    mood: Option<Mood>,
    watch: Watch,
    /// Where the steady clock begins.
    start: Instant,
    /// The schedule of the running plan; `None` while there was no good plan yet.
    scheduler: Option<Scheduler>,
    /// The sinks that the engine was started with.
    outlets: Vec<Outlet>,
    storage: Storage,
    control_io: ControlIo,
    state: EngineState,
    /// The revision of the controls that are shown.
    controls_shown: u64,
    alert_sinks: AlertSinks,
    health: Health,
    loading: Option<JoinHandle<Loaded>>,
    /// True when a file changed while the configuration was being read.
    reload_again: bool,
    /// True when a person asked for the reading that is under way: its errors are shown at once.
    reload_requested: bool,
    /// Counts the reloads that a person asked for and that have ended.
    reloads: watch::Sender<u64>,
    /// The hash of the text of up.toml that the running plan was made of.
    running_text: Option<u64>,
    /// An error in the configuration that may pass by itself, and how long that is waited for.
    passing_error: Option<(Instant, String)>,
    /// The probes that were not checked yet in the first round.
    unchecked: HashSet<usize>,
    system: SystemMonitor,
    /// The time at which the loop was to wake up at the latest.
    planned_wake: Option<Instant>,
    /// The revision of the network's troubles that are shown.
    network_shown: u64,
    /// When the trees are folded and the shells are notified, if something changed.
    settle_at: Option<Instant>,
    config: Loader,
}

impl Loop {
    /// Runs this plan from now on. An unchanged source keeps its state and its place in the schedule.
    fn take_up(&mut self, plan: Plan) {
        log::plan(&plan, self.scheduler.is_some());
        self.health.set(TroubleKind::Config, "", None);
        // These troubles are keyed by the numbers of the old plan's probes.
        self.health.wipe(TroubleKind::Names);
        self.running_text = plan.files.first().and_then(|file| file.content);
        self.passing_error = None;
        let (mut plan, now) = (plan, Instant::now());
        if let Some(old) = &self.scheduler {
            self.view
                .read(|known| reconcile::keep_keys(&mut plan, old.plan(), &known.world));
        }
        let mut world = World::new(plan.outline.clone());
        let moment = self.moment();
        let saved = self.state.take_saved();
        if let Some((saved, controls)) = saved {
            restore(
                (&saved, controls),
                &plan,
                (&mut world, &mut self.watch),
                moment,
            );
        }
        let plan = Arc::new(plan);
        let scheduler = match self.scheduler.take() {
            None => Scheduler::new(Arc::clone(&plan), limit::probes_at_once(), now),
            Some(old) => {
                self.view.read(|known| world.take_over(&known.world));
                Scheduler::replace(&old, Arc::clone(&plan), now)
            }
        };
        let first_sample =
            |probe: &up_config::PlannedProbe| world.state(probe.node).sample.is_none();
        let probes = plan.probes.iter().enumerate();
        let unchecked = probes.filter(|(_, probe)| first_sample(probe));
        self.unchecked = unchecked.map(|(entry, _)| entry).collect();
        let mood = self.mood.unwrap_or(plan.mood);
        let policy = (plan.manner, mood);
        self.watch.maintain(plan.maintenance.clone());
        let mut output = self.watch.take_up(&mut world, moment, policy);
        output.merge(
            self.watch
                .guard_sources(&mut world, moment, plan.guarded_sources()),
        );
        self.system.take_up(&plan);
        world.settle(TreeTiming::Latest, clock::now());
        self.storage.judge(world.outline());
        self.storage.take_up(&plan, &self.health);
        let (view, health) = (&self.view, &self.health);
        let receipts = |name: &str| self.state.receipts(name);
        self.alert_sinks
            .take_up(&plan, (view, health), &receipts, FAREWELL);
        let outlets = self.outlets.iter().chain(self.alert_sinks.outlets());
        self.watch
            .sinks(outlets.filter_map(Outlet::notifies).collect());
        self.scheduler = Some(scheduler);
        // Nothing for a sink follows from a plan: the first notices are due at the next tick.
        self.request(&mut output);
        self.show_network();
        self.view.write(|known| {
            known.world = world;
            known.shape += 1;
            known.mood = mood;
            known.plan = Some(plan);
            known.checking = false;
        });
        // A new schedule does not know yet which sources are paused.
        self.show_controls();
        self.show_stores();
    }

    /// Starts the checks that are due, and records the trees that are.
    async fn advance(&mut self) {
        if let Some(gap) = self.notice_gap() {
            self.watch([gap]).await;
        }
        let now = Instant::now();
        while let Some(due) = (self.scheduler.as_mut()).and_then(|it| it.advance(now)) {
            if let Due::Tree(id) = due {
                self.settle();
                self.record_tree(id).await;
            }
        }
    }

    /// Checks a source at once, because it has news.
    fn heard(&mut self, probe: usize) {
        if let Some(scheduler) = &mut self.scheduler {
            scheduler.heard(probe, Instant::now());
        }
    }

    async fn execute(&mut self, command: Command) {
        log::command(&command);
        match command {
            Command::CheckNow(path) => self.check_now(path.as_deref()),
            Command::Note(edit) => self.publish(Event::Noted(Arc::new(edit))).await,
            Command::Control(control) => self.keep_control(control, None),
            Command::Mood(mood) => {
                self.mood = Some(mood);
                self.view
                    .write(|known| (known.mood, known.shape) = (mood, known.shape + 1));
                self.view.publish();
                self.watch([Input::Mood(mood)]).await;
            }
            Command::Reload => {
                self.reload_requested = true;
                self.load();
            }
        }
    }

    /// Checks every source at or below that path now, and all sources without one.
    fn check_now(&mut self, path: Option<&str>) {
        let Some(scheduler) = &mut self.scheduler else {
            return;
        };
        let plan = Arc::clone(scheduler.plan());
        let probes = self.view.read(|known| {
            let outline = known.world.outline();
            let node = path.map_or(Some(outline.root()), |path| outline.find(path))?;
            Some(plan.probes_at(outline, node))
        });
        // A reload may have removed the path.
        let Some(probes) = probes else { return };
        scheduler.hasten(&probes, Instant::now());
        let awaited = scheduler.is_awaited();
        self.view.write(|known| known.checking = awaited);
        self.view.publish();
    }

    fn show_troubles(&mut self) {
        let troubles = self.health.troubles();
        self.view.write(|known| known.troubles = troubles);
        self.view.publish();
    }

    fn show_stores(&mut self) {
        let stores = self.storage.stores();
        self.view.write(|known| known.stores = stores);
        self.view.publish();
    }

    /// Hands an event to every sink that wants it.
    async fn publish(&self, event: Event) {
        for outlet in self
            .outlets
            .iter()
            .chain(self.storage.outlet())
            .chain(self.alert_sinks.outlets())
        {
            outlet.publish(&event).await;
        }
    }
}
