//! The engine: schedules, probes, fans out, reloads, shuts down.
//!
//! Room: everything that waits, spawns or cancels. Nothing here knows a protocol, TOML, SQL or a
//! toolkit, and nothing is decided here that the core could decide.

mod ask;
pub mod clock;
pub mod limit;
mod once;
mod outlet;
mod schedule;
pub mod view;

use std::path::PathBuf;
use std::sync::Arc;

use up_core::Mood;
use up_sink::Sink;

pub use view::{Trouble, TroubleKind, View};

/// The only way back: what a person, or another program, may ask of a running engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Asks every source at or below this path now; all of them without one.
    CheckNow(Option<String>),
    /// Records a note.
    Note(String),
    /// Changes the mood.
    Mood(Mood),
    /// Reads the configuration again.
    Reload,
}

/// What an engine is started with.
pub struct Options {
    /// The configuration file; watched, and taken up again when it changes. It need not exist or
    /// be valid: the engine then runs with nothing to ask and says so as a [`Trouble`].
    pub config: PathBuf,
    /// The folder for history and state.
    pub data: PathBuf,
    /// A mood that overrides the file's.
    pub mood: Option<Mood>,
    /// Sinks beside those that the file names.
    pub sinks: Vec<Box<dyn Sink>>,
}

/// A running engine. Dropping it does not stop it; [`Engine::stop`] does.
pub struct Engine {
    view: View,
    commands: tokio::sync::mpsc::UnboundedSender<Command>,
}

impl Engine {
    /// Starts on the current tokio runtime and returns at once.
    pub fn start(options: Options) -> Self {
        let _ = options;
        let (commands, _) = tokio::sync::mpsc::unbounded_channel();
        Self {
            view: View::default(),
            commands,
        }
    }

    /// What is known: a cheap handle that can be cloned and outlives the engine.
    pub fn view(&self) -> View {
        self.view.clone()
    }

    /// Where commands go; they are carried out in order, soon.
    pub fn commands(&self) -> tokio::sync::mpsc::UnboundedSender<Command> {
        self.commands.clone()
    }

    /// Stops asking, tells every sink what is still queued, and closes the stores: within 5 s.
    pub async fn stop(self) {}
}

#[allow(dead_code)]
type Shared = Arc<()>;
