//! cargo-deny: licences, bans and sources of every dependency, always; security advisories when
//! their database can be fetched.

use std::process::Command;
use std::time::Duration;

use crate::command::{self, cargo};
use crate::failure::TaskFailure;

/// Pinned, so that a new version's new lints come when we ask for them.
const VERSION: &str = "0.20.2";

/// How long a fetch of the advisory database may take: it is small, and a network that hides it
/// often does so by never answering.
const FETCH_LIMIT: Duration = Duration::from_mins(2);

/// Licences, bans and sources. Installs cargo-deny if it is missing.
pub(crate) fn tree(limit: Duration) -> Result<(), TaskFailure> {
    ensure(limit)?;
    let mut check = deny(&["--locked", "check", "--hide-inclusion-graph"]);
    command::run(check.args(["licenses", "bans", "sources"]), limit)
}

/// Security advisories, as far as their database can be fetched.
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

/// It is run once and briefly: optimising it would cost minutes, and save none.
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
