//! cargo-deny: checks the licences, bans and sources of all dependencies, and security advisories
//! if their database can be fetched.

use std::process::Command;
use std::time::Duration;

use crate::command::{self, cargo};
use crate::failure::TaskFailure;

/// The version is pinned, so that new checks of a later version come only when this line changes.
const VERSION: &str = "0.20.2";

/// The time limit for fetching the advisory database. The database is small, and a network that
/// blocks it often never answers.
const FETCH_LIMIT: Duration = Duration::from_mins(2);

/// Checks licences, bans and sources. Installs cargo-deny if it is missing.
pub(crate) fn tree(limit: Duration) -> Result<(), TaskFailure> {
    ensure(limit)?;
    let mut check = deny(&["--locked", "check", "--hide-inclusion-graph"]);
    command::run(check.args(["licenses", "bans", "sources"]), limit)
}

/// Checks security advisories, if their database can be fetched.
pub(crate) fn advisories(limit: Duration) -> Result<(), TaskFailure> {
    ensure(limit)?;
    command::run(&mut deny(&["fetch", "db"]), limit.min(FETCH_LIMIT)).map_err(|failure| {
        TaskFailure::Unchecked(format!("their database could not be fetched: {failure}"))
    })?;
    command::run(
        &mut deny(&["--locked", "check", "--disable-fetch", "advisories"]),
        limit,
    )
}

fn ensure(limit: Duration) -> Result<(), TaskFailure> {
    if command::succeeds(&mut deny(&["--version"])) {
        return Ok(());
    }
    say!("cargo-deny is missing and will be compiled and installed now:");
    command::run(&mut install(), limit)
}

fn deny(arguments: &[&str]) -> Command {
    let mut deny = cargo();
    deny.arg("deny").args(arguments);
    deny
}

/// A debug build: cargo-deny runs once and briefly, so that optimising it would cost more than it
/// saves.
fn install() -> Command {
    let mut install = cargo();
    install.args([
        "install",
        "cargo-deny",
        "--locked",
        "--version",
        VERSION,
        "--debug",
    ]);
    install
}
