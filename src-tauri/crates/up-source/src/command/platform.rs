//! What each system does of its own to run a program: how it is started so that all that it starts
//! can be killed with it, and how.

use std::io;
use std::process::ExitStatus;

use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use unix::{UnixProgram as RunningProgram, signal};
#[cfg(windows)]
pub(super) use windows::{JobProgram as RunningProgram, signal};

/// A program that runs, with all that it starts. When this goes, they are killed.
pub(super) trait ProgramControl: Sized {
    /// Starts the program. `may_stay`: what it starts outside its process group may outlive it when
    /// it ends in time.
    fn start(command: Command, may_stay: bool) -> io::Result<Self>;

    /// The program's standard input, output and error; each can be taken once.
    fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>);

    /// Waits for the end of the program itself.
    async fn wait(&mut self) -> io::Result<ExitStatus>;

    /// Kills what is left of the program and of what it started. `is_ended`: it ended in time, and
    /// was waited for.
    fn kill(&mut self, is_ended: bool);
}
