//! A real server as a child process. It runs in a directory of its own, is waited for until it is
//! ready, gets signals by its process id, and is killed when its value is dropped. Its output is
//! kept, and shown if the test fails.

use std::fs::{File, OpenOptions};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

/// The longest time for a server to start or to end. It is long, so that a loaded machine fails no
/// test.
pub const PATIENCE: Duration = Duration::from_mins(1);

const LOG_SHOWN: usize = 4_000;

/// A running child process. It is killed and waited for when it is dropped.
#[derive(Debug)]
pub struct Daemon {
    name: &'static str,
    child: Child,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Daemon {
    /// Starts `command`, and appends its output to `NAME.log` in `dir`.
    pub fn spawn(name: &'static str, command: &mut Command, dir: &Path) -> Self {
        let log = dir.join(format!("{name}.log"));
        let open = || -> File {
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(&log)
                .unwrap_or_else(|e| panic!("cannot write {}: {e}", log.display()))
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(open())
            .stderr(open())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {name} ({command:?}): {e}"));
        Self {
            name,
            child,
            log,
            ended: None,
        }
    }

    /// Waits until `ready` returns true. Fails the test if the process ends before that, or the
    /// time is over.
    pub fn wait_ready(&mut self, mut ready: impl FnMut() -> bool) {
        let start = Instant::now();
        while !ready() {
            if let Some(status) = self.poll() {
                panic!("{} ended at its start: {status}\n{}", self.name, self.log());
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{} is not ready after {PATIENCE:?}\n{}",
                self.name,
                self.log()
            );
            pause();
        }
    }

    /// Waits until something accepts TCP connections at `address`.
    pub fn wait_for_tcp(&mut self, address: SocketAddr) {
        self.wait_ready(|| TcpStream::connect(address).is_ok());
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// True until the process has ended.
    pub fn is_running(&mut self) -> bool {
        self.poll().is_none()
    }

    /// Sends a signal, unless the process has ended.
    pub fn signal(&mut self, signal: Signal) {
        if self.is_running() {
            kill_process(Pid::from_child(&self.child), signal)
                .unwrap_or_else(|e| panic!("cannot signal {}: {e}", self.name));
        }
    }

    /// Sends `signal`, and waits for the process to end.
    pub fn stop(&mut self, signal: Signal) -> ExitStatus {
        self.signal(signal);
        self.wait_end()
    }

    /// Waits for the process to end on its own.
    pub fn wait_end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.poll() {
                return status;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{} has not ended in {PATIENCE:?}\n{}",
                self.name,
                self.log()
            );
            pause();
        }
    }

    /// Kills the process (SIGKILL), and returns when it has ended.
    pub fn kill9(&mut self) {
        self.stop(Signal::KILL);
    }

    /// Stops the process (SIGSTOP), and returns when it is stopped.
    pub fn freeze(&mut self) {
        self.signal(Signal::STOP);
        let pid = Pid::from_child(&self.child);
        let (_, status) = waitpid(Some(pid), WaitOptions::UNTRACED)
            .ok()
            .flatten()
            .unwrap_or_else(|| panic!("{} cannot be waited for", self.name));
        assert!(status.stopped(), "{} ended instead of stopping", self.name);
    }

    /// Continues the process (SIGCONT).
    pub fn thaw(&mut self) {
        self.signal(Signal::CONT);
    }

    /// The end of its output.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let tail = &bytes[bytes.len().saturating_sub(LOG_SHOWN)..];
        format!(
            "--- {} ---\n{}",
            self.log.display(),
            String::from_utf8_lossy(tail)
        )
    }

    fn poll(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().expect("a child can be waited for");
        }
        self.ended
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
        if self.is_running() {
            // A failure is ignored, because a second panic would abort.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The first of `places` that is a file, else the program `name` on PATH.
pub fn find_program(name: &str, places: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|dir| dir.join(name));
    let mut all = places.iter().map(PathBuf::from).chain(on_path);
    all.find(|program| program.is_file())
}

/// Like [`find_program`], but fails the test if there is none.
pub fn program(name: &str, places: &[&str]) -> PathBuf {
    find_program(name, places).unwrap_or_else(|| {
        panic!("no {name} on PATH or at {places:?}: `cargo xtask test` installs what tests need")
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test waits for another process, which has no event to give"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, dir: &Path) -> Daemon {
        let mut command = Command::new("sh");
        Daemon::spawn("shell", command.args(["-c", script]).current_dir(dir), dir)
    }

    #[test]
    fn a_dropped_daemon_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let daemon = shell("exec sleep 1000", dir.path());
        let pid = Pid::from_child(&daemon.child);
        drop(daemon);
        let alive = rustix::process::test_kill_process(pid);
        assert!(alive.is_err(), "its process id names nothing any more");
    }

    #[test]
    fn a_frozen_daemon_goes_on_when_thawed() {
        let dir = tempfile::tempdir().unwrap();
        let script = "trap 'exit 7' TERM; touch ready; while :; do sleep 0.01; done";
        let mut daemon = shell(script, dir.path());
        daemon.wait_ready(|| dir.path().join("ready").exists());
        daemon.freeze();
        daemon.signal(Signal::TERM);
        assert!(daemon.is_running(), "it cannot end while it is frozen");
        daemon.thaw();
        assert_eq!(daemon.stop(Signal::CONT).code(), Some(7));
    }

    #[test]
    #[should_panic(expected = "no such luck")]
    fn one_that_ends_at_its_start_fails_the_test_with_its_words() {
        let dir = tempfile::tempdir().unwrap();
        shell("echo no such luck; exit 3", dir.path()).wait_ready(|| false);
    }
}
