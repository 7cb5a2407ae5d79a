//! A real `postgres` on a free port, with TLS on request.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::daemon::Daemon;
use crate::port::Port;
use crate::privilege::{give_away, without_root};

/// A database server. When it is dropped, it is killed and its files are removed.
#[derive(Debug)]
pub struct Postgres {
    // The first field, so that the process ends before its directory is removed.
    _daemon: Daemon,
    port: Port,
    _dir: TempDir,
}

impl Postgres {
    /// Starts one with this certificate, or without TLS, and waits until it accepts connections.
    pub fn start(pair: Option<&(String, String)>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let port = Port::claim();
        give_away(dir.path());
        let data = dir.path().join("data");
        let mut initdb = without_root(&program("initdb"));
        initdb.current_dir(dir.path()).args([
            "--auth=trust",
            "--no-sync",
            "--no-locale",
            "--username=up",
            "-D",
        ]);
        run(initdb.arg(&data));
        let mut command = without_root(&program("postgres"));
        command
            .current_dir(dir.path())
            .arg("-D")
            .arg(&data)
            .args(["-h", "127.0.0.1", "-F", "-p", &port.number().to_string()])
            .arg("-k")
            .arg(dir.path());
        if let Some((certificate, key)) = pair {
            for (name, text) in [("server.crt", certificate), ("server.key", key)] {
                secret(&data.join(name), text);
            }
            command.args(["-c", "ssl=on"]);
        }
        let mut daemon = Daemon::spawn("postgres", &mut command, dir.path());
        daemon.wait_for_tcp(port.address());
        Self {
            _daemon: daemon,
            port,
            _dir: dir,
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port.number()
    }
}

/// The path of a program of the server. Debian has a folder for each version.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut programs: Vec<_> = versions
        .flatten()
        .map(|version| version.path().join("bin").join(name))
        .filter(|program| program.is_file())
        .collect();
    programs.sort();
    let newest = programs.pop();
    newest.unwrap_or_else(|| crate::daemon::program(name, &[]))
}

/// Writes a file that only the server may read.
fn secret(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).expect("a file in the new directory");
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, mode).expect("the file is ours");
    give_away(path);
}

fn run(command: &mut Command) {
    let output = command.output().expect("initdb can be started");
    assert!(output.status.success(), "{command:?}: {output:?}");
}
