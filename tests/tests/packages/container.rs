//! A system whose systemd runs: systemd-nspawn boots it in a container without a network.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

use up_tests::daemon::{Daemon, PATIENCE};
use up_tests::privilege::as_root;

use super::debian::System;
use super::{find, output};

/// A system whose systemd runs. Everything in it ends when the value is dropped.
pub(crate) struct Container {
    nspawn: Daemon,
    /// The process id of its systemd.
    leader: String,
    system: System,
    _dir: tempfile::TempDir,
}

impl Container {
    /// Boots that system. Returns when systemd has started everything.
    pub(crate) fn boot(system: System) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let notify = dir.path().join("notify");
        let manager = UnixDatagram::bind(&notify).expect("a socket");
        manager
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit can be set");
        let mut boot = as_root(Path::new("env"));
        boot.arg(format!("NOTIFY_SOCKET={}", notify.display()))
            .args(["systemd-nspawn", "--quiet", "--boot", "--notify-ready=yes"])
            // No other program of this machine is asked to look after the container.
            .args(["--register=no", "--keep-unit", "--private-network"])
            .arg(format!("--machine=up-{}", std::process::id()))
            .arg("--directory")
            .arg(system.root());
        let nspawn = Daemon::spawn("systemd-nspawn", &mut boot, dir.path());
        let mut leader = None;
        let mut is_ready = false;
        let mut message = [0; 4096];
        while !is_ready || leader.is_none() {
            let length = manager.recv(&mut message).expect("the container starts");
            let text = String::from_utf8_lossy(&message[..length]).into_owned();
            let found = |line: &str| line.strip_prefix("X_NSPAWN_LEADER_PID=").map(str::to_owned);
            leader = leader.or(text.lines().find_map(found));
            is_ready |= text.lines().any(|line| line == "READY=1");
        }
        let leader = leader.expect("the loop waited for it");
        Self {
            nspawn,
            leader,
            system,
            _dir: dir,
        }
    }

    /// A script of the shell in the container.
    fn script(&self, script: &str) -> Command {
        let mut enter = as_root(Path::new("nsenter"));
        enter.args(["--all", "--target", &self.leader, "env", "-i"]);
        let path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
        enter.args([path, "LC_ALL=C.UTF-8", "sh", "-ec", script]);
        enter
    }

    /// True if that script succeeds.
    pub(crate) fn succeeds(&self, script: &str) -> bool {
        let mut script = self.script(script);
        script.status().expect("nsenter can be run").success()
    }

    /// Runs a script, which must succeed.
    pub(crate) fn run(&self, script: &str) -> String {
        output(&mut self.script(script))
    }

    /// Installs this package of that folder while systemd runs.
    pub(crate) fn install(&self, folder: &Path, name: &str) {
        let deb = find(folder, &format!("{name}_"), ".deb");
        let place = self.system.root().join("opt/package.deb");
        output(as_root(Path::new("cp")).arg(deb).arg(place));
        self.run("dpkg --install /opt/package.deb && rm /opt/package.deb");
    }

    /// The system.
    pub(crate) fn system(&self) -> &System {
        &self.system
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // With its first process, everything in the container ends.
        let mut kill = as_root(Path::new("kill"));
        let _ = kill.args(["-KILL", &self.leader]).status();
        if !std::thread::panicking() {
            self.nspawn.wait_end();
        }
    }
}
