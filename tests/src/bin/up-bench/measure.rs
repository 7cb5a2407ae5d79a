//! Measures a whole process from outside, by the system's resource usage after it ended.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// The cost of one run of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProcessRun {
    /// The wall-clock time in seconds.
    pub(crate) wall: f64,
    /// The user and system time in seconds.
    pub(crate) cpu: f64,
    /// The largest resident set in MB.
    pub(crate) peak: f64,
}

/// Runs a program once, and measures it.
pub(crate) fn run(command: &[&str], environment: &[(&str, &str)]) -> ProcessRun {
    // A process in between, so that the resource usage is that of this one child.
    let output = Command::new(own_program())
        .arg("measure")
        .args(command)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the benchmark can start itself");
    let text = String::from_utf8_lossy(&output.stderr);
    let figures: Vec<f64> = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("measured "))
        .unwrap_or_else(|| panic!("{command:?} was not measured:\n{text}"))
        .split(' ')
        .map(|figure| figure.parse().expect("a figure"))
        .collect();
    ProcessRun {
        wall: figures[0],
        cpu: figures[1],
        peak: figures[2],
    }
}

/// Measures two commands in turn (A B A B …), after one run of each that does not count.
pub(crate) fn pair(
    rounds: usize,
    mut a: impl FnMut() -> ProcessRun,
    mut b: impl FnMut() -> ProcessRun,
) -> (Vec<ProcessRun>, Vec<ProcessRun>) {
    a();
    b();
    (0..rounds).map(|_| (a(), b())).unzip()
}

/// Runs as the process in between: runs the command and prints `measured WALL CPU PEAK` on stderr.
pub(crate) fn child(command: &[String]) -> ExitCode {
    let start = Instant::now();
    let status = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .expect("the command can be started");
    let wall = start.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system keeps accounts");
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
    let peak = usage.max_rss() as f64 / 1024.0;
    let _ = writeln!(std::io::stderr(), "measured {wall} {cpu} {peak}");
    ExitCode::from(status.code().map_or(2, |code| code as u8))
}

/// The path of this program.
pub(crate) fn own_program() -> PathBuf {
    std::env::current_exe().expect("a running program has a path")
}

/// The path of the measured program, from that environment variable.
pub(crate) fn program(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} names no program: cargo xtask bench"))
}
