//! The engine: schedules, probes, fans out, reloads, shuts down.
//!
//! Room: everything that waits, spawns or cancels. Nothing here knows a protocol, TOML, SQL or a
//! toolkit, and nothing is decided here that the core could decide.

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
pub mod logging;
pub mod memory;
mod once;
mod outlet;
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
use up_core::{Control, Mood};
use up_sink::Sink;

pub use history::{
    ExportError, History, ask_history, export_history, keep_once, note_once, stores,
};
pub use once::{OnProgress, check_once};
pub use view::{CurrentState, Trouble, TroubleKind, View, meant};

/// The only way back: what a person, or another program, may ask of a running engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Asks every source at or below this path now; all of them without one.
    CheckNow(Option<String>),
    /// Records a note.
    Note(String),
    /// Snoozes, acknowledges, pauses, mutes, or undoes one of these. What cannot be is left undone:
    /// [`view::CurrentState::cannot`] says why.
    Control(Control),
    /// Changes the mood.
    Mood(Mood),
    /// Reads the configuration again, and every file that it names; what is wrong is told at once.
    Reload,
}

/// What an engine is started with.
pub struct EngineOptions {
    /// Reads the configuration file. That and every file that it names are watched, and taken up
    /// again when they change. It need not exist or be valid: the engine then runs with nothing to
    /// ask and says so as a [`Trouble`].
    pub config: Loader,
    /// What it read already, for someone who wanted to see its errors first.
    pub plan: Option<Plan>,
    /// The folder for history and state.
    pub data: PathBuf,
    /// Under which program's name what was judged and told outlasts a restart, `watch` or `tray`;
    /// it does not when `None`.
    pub program: Option<&'static str>,
    /// A mood that overrides the file's.
    pub mood: Option<Mood>,
    /// Sinks beside those that the file names.
    pub sinks: Vec<Box<dyn Sink>>,
}

/// A running engine. [`Engine::stop`] ends it well; when it is dropped instead, it ends so too,
/// but nobody waits for it.
pub struct Engine {
    view: View,
    commands: mpsc::UnboundedSender<Command>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Engine {
    /// Starts on the current tokio runtime and returns at once.
    pub fn start(options: EngineOptions) -> Self {
        let view = View::default();
        let (commands, inbox) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run::run(options, view.clone(), inbox, stopped));
        Self {
            view,
            commands,
            stop,
            task,
        }
    }

    /// What is known: a cheap handle that can be cloned and outlives the engine.
    pub fn view(&self) -> View {
        self.view.clone()
    }

    /// Where commands go; they are carried out in order, soon.
    pub fn commands(&self) -> mpsc::UnboundedSender<Command> {
        self.commands.clone()
    }

    /// Stops asking, tells every sink what is still queued, and closes the stores: within 5 s.
    pub async fn stop(self) {
        // Either may have ended by itself, which is what is wanted.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
