//! The engine: schedules checks, runs them, hands their results to the watch and its outputs to the
//! sinks, reloads, and shuts down.
//!
//! Room: everything that waits, spawns or cancels. Nothing here knows a protocol, TOML, SQL or a
//! GUI toolkit. Nothing is decided here that the core could decide.

pub mod agents;
mod alert_sinks;
mod ask;
mod beat;
pub mod clock;
mod concurrency;
mod connectivity;
mod control_io;
pub mod controls;
mod file_watch;
mod health;
mod history;
pub mod limit;
mod listeners;
pub mod logging;
pub mod memory;
mod once;
mod outlet;
mod person;
mod pulse;
mod reconcile;
mod replication;
mod run;
mod schedule;
mod scheduler;
pub mod socket;
pub mod state;
mod storage;
pub mod view;

use std::path::PathBuf;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use up_config::{Loader, Plan};
use up_core::{Control, Mood, NoteEdit};
use up_sink::Sink;

pub use history::{
    CSV_HEADER, ExportError, Extents, History, HistoryFiguresJson, HistoryLongView,
    HistoryOverview, HistoryParts, HistoryRoutes, HistoryStatus, Importer, IncidentJson,
    IncidentOutcome, IncidentSearch, Incidents, PathIncident, SampleJson, TargetStatus, WINDOWS,
    WantedPage, ask_extents, ask_history, ask_history_in_parts, ask_incidents, ask_long_view,
    ask_metrics, ask_notes, ask_outcomes, ask_overview, ask_parts, ask_uptimes, ask_windows,
    csv_field, csv_lines, edit_notes_once, export_csv, export_history, export_json, history_status,
    keep_once, note_edits, paths_below, rebuild_history, sample_lines, stores, stores_of_agent,
    work_under_way, writes_to,
};
pub use once::{OnProgress, check_once};
pub use person::person;
pub use pulse::Pulse;
pub use view::{CurrentState, Trouble, TroubleKind, View, meant};

/// A command of a person or another program to a running engine. It is the only way to influence
/// the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Checks every source at or below this path now; all sources when `None`.
    CheckNow(Option<String>),
    /// Applies an edit of notes.
    Note(NoteEdit),
    /// Sets or undoes a control: snooze, acknowledge, pause or mute. A control that is not possible
    /// is ignored; [`view::CurrentState::cannot`] says why.
    Control(Control),
    /// Changes the mood.
    Mood(Mood),
    /// Reads the configuration and every file that it names again. Errors are reported at once.
    Reload,
}

/// How an engine is started.
pub struct EngineOptions {
    /// Reads the configuration file. It and every file that it names are watched, and read again
    /// when they change. The file need not exist or be valid: the engine then checks nothing and
    /// reports a [`Trouble`].
    pub config: Loader,
    /// The plan, if the caller has already read the configuration to see its errors.
    pub plan: Option<Plan>,
    /// The folder of the history and the state.
    pub data: PathBuf,
    /// The program's name, `watch` or `tray`, under which the state is kept across restarts. With
    /// `None`, no state is kept.
    pub program: Option<&'static str>,
    /// A mood that overrides the one in the configuration.
    pub mood: Option<Mood>,
    /// True if the person's login started the program: nothing is judged for a minute, because the
    /// desktop's own parts are still starting.
    pub logged_in: bool,
    /// Sinks in addition to those of the configuration.
    pub sinks: Vec<Box<dyn Sink>>,
}

/// A running engine. [`Engine::stop`] shuts it down and waits for it. An engine that is dropped
/// shuts down too, but nobody waits for that.
pub struct Engine {
    view: View,
    commands: mpsc::UnboundedSender<Command>,
    stop: oneshot::Sender<()>,
    pulse: Pulse,
    task: JoinHandle<()>,
}

impl Engine {
    /// Starts an engine on the current tokio runtime and returns at once.
    pub fn start(options: EngineOptions) -> Self {
        let view = View::default();
        let (commands, inbox) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let (pulse, source) = Pulse::new();
        let task = tokio::spawn(run::run(options, view.clone(), inbox, source, stopped));
        Self {
            view,
            commands,
            stop,
            pulse,
            task,
        }
    }

    /// The current state: a cheap handle that can be cloned and outlives the engine.
    pub fn view(&self) -> View {
        self.view.clone()
    }

    /// The sender of commands. The engine carries them out in order.
    pub fn commands(&self) -> mpsc::UnboundedSender<Command> {
        self.commands.clone()
    }

    /// The sign of life of the engine's loop, for a supervisor.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// Stops checking, delivers what is queued to every sink, and closes the stores, within 5 s.
    pub async fn stop(self) {
        // The engine may have ended by itself already, which is just as well.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
