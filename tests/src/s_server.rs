//! The test server of OpenSSL: another implementation of TLS, with any certificate.

use std::process::Command;

use tempfile::TempDir;

use crate::daemon::{Daemon, program};
use crate::port::Port;

/// An `openssl s_server`, which answers each request over TLS with a page. It is killed when it is
/// dropped.
#[derive(Debug)]
pub struct SServer {
    // The first field, so that the process ends before its directory is removed.
    _daemon: Daemon,
    port: Port,
    _dir: TempDir,
}

impl SServer {
    /// Starts one with this certificate and those of `chain`, and waits until it accepts
    /// connections.
    pub fn start(pair: &(String, String), chain: &str) -> Self {
        Self::start_with(pair, chain, &[], &[])
    }

    /// The same with additional arguments, which refer to these files by name.
    pub fn start_with(
        pair: &(String, String),
        chain: &str,
        arguments: &[&str],
        files: &[(&str, &str)],
    ) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let port = Port::claim();
        let own = [
            ("leaf.pem", &*pair.0),
            ("leaf.key", &pair.1),
            ("chain.pem", chain),
        ];
        for (name, text) in own.iter().chain(files) {
            std::fs::write(dir.path().join(name), text).expect("a file in the new directory");
        }
        let mut command = Command::new(program("openssl", &["/usr/bin/openssl"]));
        command
            .current_dir(dir.path())
            .args([
                "s_server", "-www", "-cert", "leaf.pem", "-key", "leaf.key", "-accept",
            ])
            .arg(port.address().to_string())
            .args(arguments);
        if !chain.is_empty() {
            command.args(["-cert_chain", "chain.pem"]);
        }
        let mut daemon = Daemon::spawn("s_server", &mut command, dir.path());
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
