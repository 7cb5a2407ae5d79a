//! The user of a server: some servers refuse to run as root, others as any other user.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

/// `nobody` and `nogroup` of Debian, which own nothing.
const NOBODY: u32 = 65_534;

/// `program` as the user who runs the test, or as `nobody` if that is root.
pub fn without_root(program: &Path) -> Command {
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args([
            format!("--reuid={NOBODY}"),
            format!("--regid={NOBODY}"),
            "--clear-groups".to_owned(),
        ])
        .arg(program);
    command
}

/// Makes the user of [`without_root`] the owner of `path`.
pub fn give_away(path: &Path) {
    if geteuid().is_root() {
        chown(path, Some(NOBODY), Some(NOBODY))
            .unwrap_or_else(|e| panic!("cannot give {} away: {e}", path.display()));
    }
}

/// `program` as root. If another user runs the test, by sudo without a password; the program ends
/// when sudo does.
pub fn as_root(program: &Path) -> Command {
    if geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command
        .args(["--non-interactive", "setpriv", "--pdeathsig", "TERM"])
        .arg(program);
    command
}
