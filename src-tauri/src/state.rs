//! The state that the parts of the shell share, over the engine.
//!
//! It holds and connects the parts. Other modules decide what happens with them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tauri::{AppHandle, Manager};
use tokio::sync::mpsc::UnboundedSender;
use up_engine::view::View;
use up_engine::{Command, Engine};

use crate::autostart;
use crate::problems::Problems;
use crate::window_memory::WindowMemory;

/// The state that the parts of the shell share. tauri keeps it in an `Arc`.
pub(crate) struct AppState {
    /// Read access to the engine's state.
    pub view: View,
    /// The problems of the shell.
    pub problems: Problems,
    /// The configuration file, which need not exist.
    pub config: PathBuf,
    /// The folder for state and history, which need not exist.
    pub data: PathBuf,
    /// What is remembered of the panel's window.
    pub window: WindowMemory,
    /// Whether Up starts at login, as it was last read; `None` if that cannot be found out.
    starts_at_login: Mutex<Option<bool>>,
    commands: UnboundedSender<Command>,
}

/// The shared state of the application.
pub(crate) fn up(app: &AppHandle) -> &Arc<AppState> {
    app.state::<Arc<AppState>>().inner()
}

impl AppState {
    /// The shared state over a running engine.
    pub(crate) fn new(engine: &Engine, problems: Problems, config: PathBuf, data: PathBuf) -> Self {
        Self {
            view: engine.view(),
            problems,
            config,
            window: WindowMemory::load(&data),
            data,
            starts_at_login: Mutex::new(None),
            commands: engine.commands(),
        }
    }

    /// Whether Up starts at login, as it was last read; `None` if that cannot be found out.
    pub(crate) fn starts_at_login(&self) -> Option<bool> {
        *self
            .starts_at_login
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads anew whether Up starts at login, because it can be switched elsewhere too.
    pub(crate) fn read_starts_at_login(&self) {
        let found = autostart::is_on().ok();
        *self
            .starts_at_login
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// Sends `command` to the engine. The error is a sentence for a person when the engine has
    /// ended.
    pub(crate) fn command(&self, command: Command) -> Result<(), String> {
        self.commands
            .send(command)
            .map_err(|_| "Up is ending.".into())
    }
}
