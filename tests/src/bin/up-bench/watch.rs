//! `up watch` beside a one-shot `up`: the CPU time of one check in each, on the same sources of the
//! same server in the same run.
//!
//! The time of the one-shot is that of its whole process, including its start and the reading of
//! up.toml. The time of the watch is that of its whole process within one interval, in which every
//! source is checked once, with history and judge. The first round is left out, because the watch
//! makes it all at once, as the one-shot does. Intervals of the watch and one-shots alternate, so
//! that both meet the same load of a shared machine.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

use crate::checks::config;
use crate::measure::{self, program};
use crate::server::BenchServer;
use crate::table::{FigureTable, median};

const INTERVAL: Duration = Duration::from_secs(30);
/// The first round, and the interval after it, in which the checks are spread.
const WARM_UP: Duration = Duration::from_secs(40);
/// The time after a one-shot until its connections are closed and delayed checks are made up for.
const SETTLED: Duration = Duration::from_secs(2);
const REPETITIONS: usize = 5;
/// The largest cost of a check in the watch, relative to that in a one-shot.
const BOUND: f64 = 1.4;

pub(crate) fn run(table: &mut FigureTable) {
    for count in [1_000, 10_000] {
        beside_one_shot(table, "http", count, |folder, address| {
            config(folder, address, "/", count, "30s")
        });
        // A bare connection is the cheapest check, so that the other work of the watch (files,
        // history, timers) weighs most.
        beside_one_shot(table, "tcp", count, |folder, address| {
            connects(folder, address, count)
        });
    }
}

fn beside_one_shot(
    table: &mut FigureTable,
    kind: &str,
    count: usize,
    config: impl FnOnce(&Path, &str) -> PathBuf,
) {
    let server = BenchServer::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = config(folder.path(), &server.address);
    let up = program("UP_BIN");
    let watch = WatchProcess::start(&up, &file, &folder.path().join("data"));
    pause(WARM_UP);
    let (mut of_watch, mut of_one_shot, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut share, mut checked) = (Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        let (spent, checks) = watch.window(&server);
        let one_shot = measure::run(&[&up, "-c", &file.to_string_lossy()], &[]);
        let (watched, once) = (spent / checks, one_shot.cpu / count as f64);
        of_watch.push(1e6 * watched);
        of_one_shot.push(1e6 * once);
        ratios.push(watched / once);
        share.push(100.0 * spent / INTERVAL.as_secs_f64());
        checked.push(count as f64 / checks);
        pause(SETTLED);
    }
    let start = (0..REPETITIONS)
        .map(|_| measure::run(&[&up, "validate", "-c", &file.to_string_lossy()], &[]).cpu)
        .collect();
    let what = |of: &str| format!("{count} {kind} sources at 30 s: {of}");
    table.note(what("one-shot's CPU"), median(of_one_shot), "µs a check");
    let start = 1e6 * median(start) / count as f64;
    table.note(what("up validate, a part of it"), start, "µs a check");
    table.note(what("watch's CPU"), median(of_watch), "µs a check");
    table.must(what("watch / one-shot"), median(ratios), "", BOUND);
    table.note(what("watch, of a core"), median(share), "%");
    // The number is exact, except for checks at the edges of the interval.
    let checked = median(checked);
    table.must(what("sources / checks an interval"), checked, "", 1.01);
    let peak = status_mb(watch.0.id(), "VmHWM");
    table.must(what("watch's peak memory"), peak, "MB", 120.0);
    watch.end();
}

/// Writes a configuration with `count` sources that only connect to that server.
fn connects(folder: &Path, address: &str, count: usize) -> PathBuf {
    let (host, port) = address.rsplit_once(':').expect("an address and a port");
    let mut text = String::from("name = \"Bench\"\ninterval = \"30s\"\n");
    for i in 0..count {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "[[source]]\ntype = \"tcp\"\nname = \"s{i}\"\nhost = \"{host}\"\nport = {port}\n"
        );
    }
    let file = folder.join(format!("up-tcp-{count}.toml"));
    std::fs::write(&file, text).expect("a configuration can be written");
    file
}

/// A running `up watch`.
struct WatchProcess(Child);

impl WatchProcess {
    fn start(up: &str, file: &Path, data: &Path) -> Self {
        let child = Command::new(up)
            .args(["watch", "-c", &file.to_string_lossy()])
            .env("UP_DATA_DIR", data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Self(child.expect("up can be started"))
    }

    /// The CPU seconds that it took within one interval, and the number of checks.
    fn window(&self, server: &BenchServer) -> (f64, f64) {
        let (before, from) = (self.cpu(), server.connections());
        pause(INTERVAL);
        // This request makes a connection as well.
        let checks = server.connections() - from - 1;
        (self.cpu() - before, checks as f64)
    }

    /// The user and system time of all its threads, including those that ended, in nanoseconds.
    /// /proc counts hundredths of a second.
    fn cpu(&self) -> f64 {
        let clock: ClockId = clock_getcpuclockid(self.pid()).expect("it is running");
        let time = clock_gettime(clock).expect("it is running");
        Duration::from(time).as_secs_f64()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.0.id().cast_signed())
    }

    fn end(mut self) {
        kill(self.pid(), Signal::SIGTERM).expect("our own child can be signalled");
        let status = self.0.wait().expect("our own child can be waited for");
        assert!(
            status.success(),
            "up watch ends well when told to: {status}"
        );
    }
}

/// The user and system time of a process in seconds.
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

/// The value of a line in /proc/PID/status, in MB.
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

/// Sleeps while another process works.
#[expect(
    clippy::disallowed_methods,
    reason = "another process's steady state has no event"
)]
pub(crate) fn pause(span: Duration) {
    std::thread::sleep(span);
}
