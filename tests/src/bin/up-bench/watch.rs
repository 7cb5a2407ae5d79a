//! `up watch` on 10,000 sources every 30 s: its steady state.

use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::checks::config;
use crate::measure::program;
use crate::server::Server;
use crate::table::Table;

/// The first round and the spreading out after it.
const WARM_UP: Duration = Duration::from_mins(1);
const MEASURED: Duration = Duration::from_mins(1);

pub(crate) fn run(table: &mut Table) {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = config(folder.path(), &server.address, "/", 10_000, "30s");
    let mut child = Command::new(program("UP_BIN"))
        .args(["watch", "-c", &file.to_string_lossy()])
        .env("UP_DATA_DIR", folder.path().join("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("up can be started");
    pause(WARM_UP);
    let before = cpu_seconds(child.id());
    pause(MEASURED);
    let spent = cpu_seconds(child.id()) - before;
    let share = 100.0 * spent / MEASURED.as_secs_f64();
    table.must(
        "up watch, 10,000 sources at 30 s: one core's share",
        share,
        "%",
        8.0,
    );
    let peak = status_mb(child.id(), "VmHWM");
    table.must(
        "up watch, 10,000 sources at 30 s: peak memory",
        peak,
        "MB",
        120.0,
    );
    let pid = Pid::from_raw(child.id().cast_signed());
    kill(pid, Signal::SIGTERM).expect("our own child can be signalled");
    let status = child.wait().expect("our own child can be waited for");
    assert!(
        status.success(),
        "up watch ends well when told to: {status}"
    );
}

/// User and system time of a process, in seconds.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it is running");
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: f64 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|f| f.parse::<f64>().ok())
        .sum();
    // USER_HZ is 100 on every architecture that Linux still supports.
    ticks / 100.0
}

/// A line of /proc/PID/status, in MB.
pub(crate) fn status_mb(pid: u32, key: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it is running");
    let line = status
        .lines()
        .find(|line| line.starts_with(key))
        .unwrap_or_default();
    let kb: f64 = line
        .split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse().ok())
        .unwrap_or(f64::NAN);
    kb / 1024.0
}

/// Waits while another process works.
#[expect(
    clippy::disallowed_methods,
    reason = "another process's steady state has no event"
)]
pub(crate) fn pause(span: Duration) {
    std::thread::sleep(span);
}
