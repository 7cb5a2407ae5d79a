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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What a shell would run or expand, were there one.
    const ODD: [&str; 7] = [
        "; touch made",
        "$(touch made)",
        "`touch made`",
        "| tee made",
        "> made",
        "two  words and *",
        "",
    ];

    /// A program that writes its arguments, one a line, to `seen` in its folder.
    fn writer(arguments: &[&str]) -> Vec<String> {
        let script = "printf '%s\\n' \"$@\" > seen";
        let program = ["/bin/sh", "-c", script, "writer"];
        let parts = program.iter().chain(arguments);
        parts.map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn a_program_has_its_arguments_as_they_are_written() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let mut program = command(&writer(&ODD));
        program.current_dir(folder.path());
        let opened = launch(program, |why| format!("not opened ({why})")).await;
        assert_eq!(opened, Ok(()));
        let seen = std::fs::read_to_string(folder.path().join("seen")).expect("it ran");
        assert_eq!(seen.lines().collect::<Vec<_>>(), ODD);
        let made = std::fs::read_dir(folder.path()).expect("the folder");
        assert_eq!(made.count(), 1, "nothing else was made");
    }

    #[tokio::test]
    async fn a_program_that_cannot_be_started_or_fails_is_told() {
        for (parts, expected) in [
            (vec!["/nowhere/opener; true"], "No such file"),
            (vec!["/bin/sh", "-c", "exit 3"], "exit status: 3"),
        ] {
            let parts: Vec<String> = parts.into_iter().map(str::to_owned).collect();
            let opened = launch(command(&parts), |why| format!("not opened ({why})")).await;
            let told = opened.expect_err("nothing was opened");
            assert!(told.contains(expected), "{parts:?}: {told}");
        }
    }

    #[test]
    fn an_address_is_one_argument_of_the_browser() {
        let address = "https://example.org/?a=$(touch made)&b=; touch made";
        let browser = browser(address);
        let arguments: Vec<_> = browser.as_std().get_args().collect();
        assert_eq!(
            arguments.last().and_then(|last| last.to_str()),
            Some(address)
        );
    }
}
