//! Opens the address of a source in the desktop's browser. The page names only the path of the
//! source: the address is that of the configuration, and only one for the web is opened.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::path::{check_path, no_such};
use crate::rows;
use crate::state::AppState;

/// How long to wait for the opener to fail, before what it opens is taken to be open.
const OPENER_TIMEOUT: Duration = Duration::from_secs(3);

/// Opens the address of a source. The error is one line for a person.
pub(crate) async fn address(up: &AppState, path: &str) -> Result<(), String> {
    check_path(path)?;
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
