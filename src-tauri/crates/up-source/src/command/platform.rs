//! How each operating system starts a program so that it can be killed together with everything that
//! it starts.

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

/// A running program with everything that it starts. Dropping it kills them.
pub(super) trait ProgramControl: Sized {
    /// Starts the program. With `may_stay`, processes that it starts outside its process group may
    /// live on when it ends in time.
    fn start(command: Command, may_stay: bool) -> io::Result<Self>;

    /// Takes the pipes to the program's standard input, output and error.
    fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>);

    /// Waits until the program itself has ended.
    async fn wait(&mut self) -> io::Result<ExitStatus>;

    /// Kills the program and everything that it started, as far as it still runs. `is_ended` says
    /// that the program ended in time and was reaped.
    fn kill(&mut self, is_ended: bool);
}
