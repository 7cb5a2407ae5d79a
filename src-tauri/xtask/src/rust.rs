//! cargo's tasks: formatting, lints, documentation, the two programs, and the tests.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use crate::command::{self, cargo};
use crate::failure::TaskFailure;
use crate::tally::Tally;

/// The time limit for building everything on a slow machine.
pub(crate) const BUILD_LIMIT: Duration = Duration::from_mins(25);

/// The paths of the two programs, built as people get them.
#[derive(Debug)]
pub(crate) struct Programs {
    /// The path of `up`.
    pub(crate) up: PathBuf,
    /// The path of `up-tray`.
    pub(crate) tray: PathBuf,
}

/// Checks that rustfmt has nothing to change.
pub(crate) fn fmt(limit: Duration) -> Result<(), TaskFailure> {
    command::run(
        cargo().args(["fmt", "--all", "--check", "--message-format", "short"]),
        limit,
    )
}

/// Checks that no lint of the workspace warns.
pub(crate) fn clippy(limit: Duration) -> Result<(), TaskFailure> {
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    command::run(cargo().args(arguments), limit)
}

/// Checks that the documentation builds, and that all links in it work.
pub(crate) fn docs(limit: Duration) -> Result<(), TaskFailure> {
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--locked"])
        .env("RUSTDOCFLAGS", "-D warnings");
    command::run(&mut doc, limit)
}

/// Builds `up` and `up-tray`, each on its own. Built together with the tests, they would get the
/// features of the tests and differ from the programs that people run.
pub(crate) fn programs(limit: Duration) -> Result<Programs, TaskFailure> {
    let up = program("up-cli", "up", false, limit)?;
    let tray = tray(false, limit)?;
    Ok(Programs { up, tray })
}

/// Builds `up-tray` and returns its path.
pub(crate) fn tray(release: bool, limit: Duration) -> Result<PathBuf, TaskFailure> {
    program("up-tray", "up-tray", release, limit)
}

/// Runs all tests of the workspace, or those whose names contain one of `filters`.
pub(crate) fn tests(
    filters: &[String],
    programs: &Programs,
    tally: Tally,
    limit: Duration,
) -> Result<(), TaskFailure> {
    test(&["--workspace"], filters, programs, tally, limit)
}

/// Runs the suites of the harness whose names match.
pub(crate) fn suites(
    names: &'static str,
    filters: &[String],
    programs: &Programs,
    tally: Tally,
    limit: Duration,
) -> Result<(), TaskFailure> {
    let which = ["--package", "up-tests", "--test", names];
    test(&which, filters, programs, tally, limit)
}

fn test(
    which: &[&str],
    filters: &[String],
    programs: &Programs,
    tally: Tally,
    limit: Duration,
) -> Result<(), TaskFailure> {
    let mut test = cargo();
    test.args(["test", "--locked", "--no-fail-fast"])
        .args(which);
    if !filters.is_empty() {
        test.arg("--").args(filters);
    }
    test.env("UP_BIN", &programs.up)
        .env("UP_TRAY_BIN", &programs.tray);
    if let Ok(own) = std::env::current_exe() {
        test.env("UP_XTASK", own);
    }
    // The output of cargo comes to us and not to the terminal, to which we may pass it on.
    if std::io::stdout().is_terminal() {
        test.env("CARGO_TERM_COLOR", "always");
    }
    command::run_watched(&mut test, limit, move |line| tally.see(line))
}

/// Builds one program of a package on its own, and returns its path.
pub(crate) fn program(
    package: &str,
    name: &str,
    release: bool,
    limit: Duration,
) -> Result<PathBuf, TaskFailure> {
    let mut build = cargo();
    build.args(["build", "--locked", "--package", package, "--bin", name]);
    if release {
        build.arg("--release");
    }
    command::run(&mut build, limit)?;
    // Runs the same build again, which is up to date, for the path in cargo's messages.
    let messages = command::read(build.args(["--quiet", "--message-format=json"]), limit)?;
    executable(&messages, name).ok_or_else(|| {
        TaskFailure::Missing(format!(
            "cargo has built {name} and does not say where it is"
        ))
    })
}

/// Finds the path of the executable `name` in cargo's messages, one JSON object a line.
pub(crate) fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let mut built = messages.filter_map(|message: serde_json::Value| {
        let is_it = message["target"]["name"] == name && message["target"]["kind"][0] == "bin";
        let file = message["executable"].as_str()?;
        is_it.then(|| PathBuf::from(file))
    });
    built.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_where_cargo_says() {
        let messages = r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"up"},"executable":null}
not JSON
{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"up"},"executable":"/t/debug/up"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(
            executable(messages, "up"),
            Some(PathBuf::from("/t/debug/up"))
        );
        assert_eq!(executable(messages, "up-tray"), None);
    }
}
