//! Opens the address of a source in the desktop's browser, or starts the program that up.toml names
//! for it. The page names only the path of the source: address and program are those of the
//! configuration, only an address for the web is opened, and no program is started by a shell.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use up_config::Opener;

use crate::path::{check_path, no_such};
use crate::rows;
use crate::state::AppState;

/// How long to wait for the opener to fail, before what it opens is taken to be open.
const OPENER_TIMEOUT: Duration = Duration::from_secs(3);

/// Opens the address of a source. The error is one line for a person.
pub(crate) async fn address(up: &AppState, path: &str) -> Result<(), String> {
    check_path(path)?;
    if let Some(Opener::Program(parts)) = up.view.read(|known| rows::opener(known, path)) {
        let program = parts.first().cloned().unwrap_or_default();
        let failure = |why: &str| format!("{program} cannot be started ({why}).");
        return launch(command(&parts), failure).await;
    }
    let source = up.view.read(|known| rows::source(known, path));
    let source = source.ok_or_else(|| no_such(path))?;
    let address = source
        .address
        .ok_or("This source has no address that a browser could open.")?;
    let failure = |why: &str| format!("{address} cannot be opened ({why}).");
    launch(browser(&address), failure).await
}

/// Runs a program that opens something. `failure` makes the error of the reason.
pub(crate) async fn launch(
    mut opener: Command,
    failure: impl Fn(&str) -> String,
) -> Result<(), String> {
    let mut child = opener
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failure(&error.to_string()))?;
    match tokio::time::timeout(OPENER_TIMEOUT, child.wait()).await {
        Ok(Ok(status)) if !status.success() => Err(failure(&status.to_string())),
        Ok(_) => Ok(()),
        Err(_) => {
            // An opener may run as long as what it opens. This task reaps it.
            tokio::spawn(async move { child.wait().await });
            Ok(())
        }
    }
}

/// The program with its arguments.
fn command(parts: &[String]) -> Command {
    let mut parts = parts.iter();
    let mut command = Command::new(parts.next().map_or("", String::as_str));
    command.args(parts);
    command
}

#[cfg(target_os = "linux")]
fn browser(address: &str) -> Command {
    let mut command = Command::new("xdg-open");
    command.arg(address);
    command
}

#[cfg(target_os = "macos")]
fn browser(address: &str) -> Command {
    let mut command = Command::new("open");
    command.arg(address);
    command
}

#[cfg(windows)]
fn browser(address: &str) -> Command {
    let mut command = Command::new("rundll32");
    command.arg("url.dll,FileProtocolHandler").arg(address);
    command
}
