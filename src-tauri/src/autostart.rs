//! Starts Up when the person logs in: switched on and off by `--autostart` and by the panel.
//!
//! On Linux that is an entry in the autostart folder (freedesktop.org, Desktop Application Autostart
//! Specification). On macOS and Windows a kept library does it. This module decides nothing about
//! what happens after the login.

#[cfg(target_os = "linux")]
#[path = "autostart/desktop_entry.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "autostart/login_item.rs"]
mod system;

use std::path::{Path, PathBuf};

use clap::ValueEnum;

/// The option that tells a program started by a login from one that a person started.
pub(crate) const AT_LOGIN: &str = "--at-login";

/// What `--autostart` is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AutostartChoice {
    /// Start Up at every login of this person
    On,
    /// Start it no longer
    Off,
    /// Print `on` or `off`
    Status,
}

/// Why the start at login could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AutostartFailure {
    /// The program does not know where it is.
    #[error("the path of this program cannot be found out: {0}")]
    Program(std::io::Error),
    /// A path cannot be written into the entry.
    #[cfg(target_os = "linux")]
    #[error("{0:?} has a control character or is not UTF-8, so no login can start it: move it")]
    Path(PathBuf),
    /// The entry cannot be read.
    #[cfg(target_os = "linux")]
    #[error("{0}: {1}")]
    Unreadable(PathBuf, up_files::ReadError),
    /// The entry cannot be written or removed.
    #[cfg(target_os = "linux")]
    #[error("{0}: {1}")]
    Entry(PathBuf, std::io::Error),
    /// The system refuses.
    #[cfg(not(target_os = "linux"))]
    #[error("the system does not change what starts at login: {0}")]
    System(#[from] auto_launch::Error),
}

/// True if Up starts when this person logs in.
pub(crate) fn is_on() -> Result<bool, AutostartFailure> {
    system::is_on()
}

/// Starts Up at every login of this person with this configuration, or no longer. The user's own
/// configuration is not named, because it is found without.
pub(crate) fn turn(on: bool, config: &Path) -> Result<(), AutostartFailure> {
    if !on {
        return system::turn_off();
    }
    let mut arguments = vec![AT_LOGIN.into()];
    if config != up_config::user_config_file() {
        arguments.extend(["-c".into(), config.as_os_str().to_owned()]);
    }
    system::turn_on(&program()?, &arguments)
}

/// Does what `--autostart` asks for. Returns what is to be printed.
pub(crate) fn choose(
    choice: AutostartChoice,
    config: &Path,
) -> Result<&'static str, AutostartFailure> {
    let on = match choice {
        AutostartChoice::Status => is_on()?,
        AutostartChoice::On | AutostartChoice::Off => {
            let on = choice == AutostartChoice::On;
            turn(on, config)?;
            on
        }
    };
    Ok(if on { "on" } else { "off" })
}

/// The path of this program, also when an upgrade has replaced it while it runs.
fn program() -> Result<PathBuf, AutostartFailure> {
    // An AppImage runs from a folder that is gone at the next login.
    if let Some(image) = std::env::var_os("APPIMAGE").filter(|path| !path.is_empty()) {
        return Ok(image.into());
    }
    let program = std::env::current_exe().map_err(AutostartFailure::Program)?;
    let replaced = program
        .to_str()
        .and_then(|path| path.strip_suffix(" (deleted)"));
    Ok(match replaced {
        Some(path) if !program.exists() => path.into(),
        _ => program,
    })
}
