//! cargo-deny: licences, bans and sources of every dependency, always; security advisories when
//! their database can be fetched.

use std::process::Command;
use std::time::Duration;

use crate::command::{self, cargo};
use crate::failure::Failure;

/// Pinned, so that a new version's new lints come when we ask for them.
const VERSION: &str = "0.20.2";

/// How long a fetch of the advisory database may take: it is small, and a network that hides it
/// often does so by never answering.
const FETCH_LIMIT: Duration = Duration::from_mins(2);

/// Installs cargo-deny if it is missing, and asks it.
pub(crate) fn run(limit: Duration) -> Result<(), Failure> {
    if !command::succeeds(cargo().args(["deny", "--version"])) {
        say!("cargo-deny is missing and will be compiled and installed now:");
        command::run(&mut install(), limit)?;
    }
    command::run(
        cargo().args([
            "deny",
            "--locked",
            "check",
            "--hide-inclusion-graph",
            "licenses",
            "bans",
            "sources",
        ]),
        limit,
    )?;
    let fetched = command::run(
        cargo().args(["deny", "fetch", "db"]),
        limit.min(FETCH_LIMIT),
    );
    match fetched {
        Ok(()) => command::run(
            cargo().args(["deny", "--locked", "check", "--disable-fetch", "advisories"]),
            limit,
        ),
        Err(failure) => {
            say!(
                "Security advisories were NOT checked, for their database could not be fetched: \
                 {failure}"
            );
            Ok(())
        }
    }
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
