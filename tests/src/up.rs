//! Runs the program `up` as a person does.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::daemon::PATIENCE;

/// The outcome of a run of `up`.
#[derive(Debug)]
pub struct RunOutcome {
    /// The exit status. `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// An `up` with a directory and data of its own, and without the environment of the person who runs
/// the tests.
#[derive(Debug)]
pub struct Up {
    dir: tempfile::TempDir,
    env: Vec<(String, String)>,
    /// The program that starts it, with arguments. Empty if it is started directly.
    through: Vec<String>,
}

impl Default for Up {
    fn default() -> Self {
        Self::new()
    }
}

impl Up {
    /// An `up` in an empty directory, without a configuration.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Self {
            dir,
            env: Vec::new(),
            through: Vec::new(),
        }
    }

    /// An `up` with this up.toml.
    pub fn with(config: impl AsRef<[u8]>) -> Self {
        let up = Self::new();
        up.write("up.toml", config);
        up
    }

    /// Its working directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.dir().join("data")
    }

    /// Writes a file into its working directory.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.dir().join(name), text).expect("a file can be written");
    }

    /// Sets an environment variable.
    pub fn env(&mut self, name: &str, value: &str) -> &mut Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Lets another program start it, which must execute it in its own process (as `nsenter` does).
    pub fn through(&mut self, words: &[String]) -> &mut Self {
        self.through = words.to_vec();
        self
    }

    /// Runs it to its end.
    pub fn run(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> RunOutcome {
        self.run_with(&[], args)
    }

    /// The same, with additional environment variables for this run.
    pub fn run_with(
        &self,
        env: &[(&str, &str)],
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> RunOutcome {
        let output = self
            .command(args)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("up can be started");
        RunOutcome {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
            err: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
        }
    }

    /// Starts it, and reads its output while it runs.
    pub fn start(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> RunningUp {
        let mut child = self
            .command(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("up can be started");
        let out = read_along(child.stdout.take().expect("a pipe was asked for"));
        let err = read_along(child.stderr.take().expect("a pipe was asked for"));
        RunningUp { child, out, err }
    }

    fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = match self.through.split_first() {
            None => Command::new(program()),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program());
                command
            }
        };
        command
            .args(args)
            .current_dir(self.dir())
            .env_remove("UP_CONFIG")
            .env_remove("NO_COLOR")
            .env("UP_DATA_DIR", self.data())
            .env("HOME", self.dir())
            .env("XDG_CONFIG_HOME", self.dir().join("config"))
            .env("TZ", "UTC")
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// The path of the program: `UP_BIN`, or where this workspace builds it.
pub fn program() -> PathBuf {
    let named = std::env::var_os("UP_BIN").map(PathBuf::from);
    let built = || {
        let own = std::env::current_exe().expect("a running test has a path");
        // From target/debug/deps/suite-… to target/debug/up.
        own.ancestors()
            .nth(2)
            .expect("a test lies in target/PROFILE/deps")
            .join("up")
    };
    let program = named.unwrap_or_else(built);
    assert!(
        program.is_file(),
        "no {}: `cargo build -p up-cli` makes it",
        program.display()
    );
    program
}

/// A running `up`. It is killed when it is dropped.
#[derive(Debug)]
pub struct RunningUp {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

impl RunningUp {
    /// Reads standard output until a line contains `part`, and returns that line.
    pub fn out_until(&self, part: &str) -> String {
        until(&self.out, part)
    }

    /// Reads standard error until a line contains `part`, and returns that line.
    pub fn err_until(&self, part: &str) -> String {
        until(&self.err, part)
    }

    /// All lines of standard error that are there and were not read yet.
    pub fn err_now(&self) -> Vec<String> {
        self.err.try_iter().collect()
    }

    /// All lines of standard error that were not read yet, to its end.
    pub fn err_rest(&self) -> Vec<String> {
        self.err.iter().collect()
    }

    /// All lines of standard output that are there and were not read yet.
    pub fn out_now(&self) -> Vec<String> {
        self.out.try_iter().collect()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end. Returns the exit status (`None` if a signal ended it) and its largest
    /// memory in bytes.
    #[cfg(target_os = "linux")]
    pub fn peak(&mut self) -> (Option<i32>, u64) {
        let mut peak = 0;
        let late = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < late, "it does not end within {PATIENCE:?}");
            let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()));
            let mut line = status.iter().flat_map(|text| text.lines());
            let line = line.find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            peak = peak.max(kib.unwrap_or_default() << 10);
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return (status.code(), peak);
            }
            pause();
        }
    }

    /// Sends a signal, waits for the end, and returns the exit status.
    pub fn end(&mut self, signal: Signal) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), signal).expect("it can be signalled");
        self.child.wait().expect("it can be waited for").code()
    }
}

impl Drop for RunningUp {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_along(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

fn until(lines: &Receiver<String>, part: &str) -> String {
    let end = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) if line.contains(part) => return line,
            Ok(line) => seen.push(line),
            Err(RecvTimeoutError::Timeout) => {
                panic!("no {part:?} within {PATIENCE:?} in {seen:#?}")
            }
            Err(RecvTimeoutError::Disconnected) => panic!("it ended without {part:?}: {seen:#?}"),
        }
    }
}

/// Polls until `holds` returns true. Fails the test if that takes too long.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process's state has no event to wait for"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}
