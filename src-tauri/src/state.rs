//! What the parts of the shell share, and the engine they all stand on.
//!
//! Room: holds, and joins. What happens with it is said elsewhere.

use std::path::PathBuf;
use std::sync::Arc;

use tauri::{AppHandle, Manager};
use tokio::sync::mpsc::UnboundedSender;
use up_engine::view::View;
use up_engine::{Command, Engine};

use crate::problems::Problems;

/// What the parts of the shell share. tauri keeps it, behind an `Arc`.
pub(crate) struct AppState {
    /// What the engine knows.
    pub view: View,
    /// What is wrong with the shell.
    pub problems: Problems,
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
    /// What the parts share, over a running engine.
    pub(crate) fn new(engine: &Engine, problems: Problems, config: PathBuf, data: PathBuf) -> Self {
        Self {
            view: engine.view(),
            problems,
            config,
            data,
            commands: engine.commands(),
        }
    }

    /// Asks the engine for something; says so when it has ended.
    pub(crate) fn command(&self, command: Command) -> Result<(), String> {
        self.commands
            .send(command)
            .map_err(|_| "Up is ending.".into())
    }
}
