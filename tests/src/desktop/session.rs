//! What the programs of a test need of a desktop, whatever draws it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Eye;

/// A desktop of a test, as the programs on it see it.
pub trait DesktopSession {
    /// A command with the environment of this desktop only, run by its user.
    fn command(&self, program: &Path) -> Command;

    /// The home folder of its user.
    fn dir(&self) -> &Path;

    /// The address of the session bus.
    fn bus_address(&self) -> &str;

    /// Takes pictures of the screen.
    fn eye(&self) -> Eye;

    /// Where its user can run a program that was built with the tests.
    fn built(&self, program: &Path) -> PathBuf {
        program.to_owned()
    }
}

/// The folders that are made in the home folder.
pub(crate) const FOLDERS: [&str; 5] = ["config/gtk-3.0", "data", "cache", "state", "run"];

/// Replaces the environment of the person who runs the test, which may lead to a real desktop, by
/// that of a desktop with this home folder and this bus.
pub(crate) fn settle(command: &mut Command, dir: &Path, bus: &str) {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .env("HOME", dir)
        .env("XDG_CONFIG_HOME", dir.join("config"))
        .env("XDG_DATA_HOME", dir.join("data"))
        .env("XDG_CACHE_HOME", dir.join("cache"))
        .env("XDG_STATE_HOME", dir.join("state"))
        .env("XDG_RUNTIME_DIR", dir.join("run"))
        // There is no bus for assistive technology, and no need to keep settings.
        .env("NO_AT_BRIDGE", "1")
        .env("GSETTINGS_BACKEND", "memory")
        .current_dir(dir);
}
