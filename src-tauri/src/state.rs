//! What the parts of the shell share, and the engine they all stand on.
//!
//! Room: holds, and joins. What happens with it is said elsewhere.

use std::path::PathBuf;
use std::sync::Arc;

use tauri::{AppHandle, Manager};
use tokio::sync::mpsc::UnboundedSender;
use up_config::{ConfigFile, Loader};
use up_engine::view::{CurrentState, View};
use up_engine::{Command, Engine, EngineOptions};
use up_wire::Header;

use crate::action::Wishes;
use crate::notify::Notifier;
use crate::panel::Panel;
use crate::preferences;
use crate::problems::Problems;
use crate::push::PushedState;
use crate::rows;
use crate::steer;
use crate::tray::face::Face;

/// What the parts of the shell share. tauri keeps it, behind an `Arc`.
pub(crate) struct AppState {
    /// What the engine knows.
    pub view: View,
    /// What is wrong with the shell.
    pub problems: Problems,
    /// The panel.
    pub panel: Panel,
    /// What the panel was told.
    pub told: PushedState,
    /// The configuration file; it need not exist.
    pub config: PathBuf,
    /// The folder for state and history; it need not exist.
    pub data: PathBuf,
    commands: UnboundedSender<Command>,
}

/// What the shell holds for that application.
pub(crate) fn up(app: &AppHandle) -> &Arc<AppState> {
    app.state::<Arc<AppState>>().inner()
}

impl AppState {
    /// Starts the engine on the current runtime, and what stands on it.
    pub(crate) fn start(
        config: &ConfigFile,
        data: PathBuf,
        wishes: &Wishes,
    ) -> (Arc<Self>, Engine) {
        let problems = Problems::new();
        let mood = preferences::mood(&data);
        let (notifier, sink) = Notifier::new(wishes.clone(), problems.clone());
        let engine = Engine::start(EngineOptions {
            config: Loader::new(config.clone()),
            plan: None,
            data: data.clone(),
            program: Some("tray"),
            mood,
            sinks: vec![Box::new(sink)],
        });
        let up = Self {
            view: engine.view(),
            problems,
            panel: Panel::new(),
            told: PushedState::default(),
            config: config.path().to_owned(),
            data,
            commands: engine.commands(),
        };
        notifier.run(up.view.clone());
        (Arc::new(up), engine)
    }

    /// Asks the engine for something; says so when it has ended.
    pub(crate) fn command(&self, command: Command) -> Result<(), String> {
        self.commands
            .send(command)
            .map_err(|_| "Up is ending.".into())
    }

    /// What the tray shows now.
    pub(crate) fn face(&self) -> Face {
        self.view.read(|known| {
            let problems = self.problems.with(&known.troubles);
            let face = Face::of(&known.world, known.mood, &problems, known.checking);
            Face {
                all: steer::choices(known),
                ..face
            }
        })
    }

    /// What stands above the tree in the panel.
    pub(crate) fn header(&self, known: &CurrentState) -> Header {
        // A file that is not there yet is none in use, though its place is known.
        let there = known.plan.is_some() || self.config.exists();
        let problems = self.problems.with(&known.troubles);
        rows::header(known, problems, &self.config, there)
    }
}
