//! Unix: each program runs in a process group of its own.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::ProgramControl;
use crate::command::family::ProcessFamily;

/// A running program.
pub(in crate::command) struct UnixProgram {
    // Declared before the child, so that it is dropped first: it looks for processes whose parent is
    // still the child.
    family: Option<ProcessFamily>,
    child: Child,
}

impl ProgramControl for UnixProgram {
    fn start(mut command: Command, may_stay: bool) -> io::Result<Self> {
        let family = ProcessFamily::new(may_stay);
        let (mark, value) = family.variable();
        let child = command.env(mark, value).process_group(0).spawn()?;
        let family = Some(family.started(child.id()));
        Ok(Self { family, child })
    }

    fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        let child = &mut self.child;
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    }

    async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    fn kill(&mut self, is_ended: bool) {
        if let Some(mut family) = self.family.take()
            && is_ended
        {
            family.ended();
        }
    }
}

/// The signal that ended a program.
pub(in crate::command) fn signal(status: ExitStatus) -> Option<i32> {
    status.signal()
}
