//! Measuring a whole process from outside: the system's own account of it, after it ended.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// One run of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProcessRun {
    /// Seconds.
    pub(crate) wall: f64,
    /// User and system time, seconds.
    pub(crate) cpu: f64,
    /// The largest resident set, MB.
    pub(crate) peak: f64,
}

/// A program and its arguments, run once under an account of its own.
pub(crate) fn run(command: &[&str], environment: &[(&str, &str)]) -> ProcessRun {
    // A process in between, so that the account is of this one child and of no earlier one.
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

/// The runs of two commands in turn, A B A B …, after one of each that does not count.
pub(crate) fn pair(
    rounds: usize,
    mut a: impl FnMut() -> ProcessRun,
    mut b: impl FnMut() -> ProcessRun,
) -> (Vec<ProcessRun>, Vec<ProcessRun>) {
    a();
    b();
    (0..rounds).map(|_| (a(), b())).unzip()
}

/// The process in between: runs the command, prints `measured WALL CPU PEAK` on stderr.
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

/// This very program.
pub(crate) fn own_program() -> PathBuf {
    std::env::current_exe().expect("a running program has a path")
}

/// The program under measurement.
pub(crate) fn program(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} names no program: cargo xtask bench"))
}
