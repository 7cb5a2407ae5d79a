//! As whom a server runs: some refuse to run as root, others as anyone else.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

/// `nobody` and `nogroup` of Debian, which own nothing.
const NOBODY: u32 = 65_534;

/// `program` as who runs the test, or as `nobody` where that is root.
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

/// Gives `path` to who runs what [`without_root`] starts.
pub fn give_away(path: &Path) {
    if geteuid().is_root() {
        chown(path, Some(NOBODY), Some(NOBODY))
            .unwrap_or_else(|e| panic!("cannot give {} away: {e}", path.display()));
    }
}

/// `program` as root: by sudo, without a question, where who runs the test is another. It ends when
/// sudo does.
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
