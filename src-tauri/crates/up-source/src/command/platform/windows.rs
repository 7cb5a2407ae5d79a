//! Windows: a program and all that it starts are in one job, which ends with its last handle. There
//! are no process groups, so nothing outlives the program.

use std::io;
use std::process::ExitStatus;

use process_wrap::tokio::{ChildWrapper, CommandWrap, JobObject, KillOnDrop};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

use super::ProgramControl;

/// A program that runs.
pub(in crate::command) struct JobProgram(Box<dyn ChildWrapper>);

impl ProgramControl for JobProgram {
    fn start(command: Command, _may_stay: bool) -> io::Result<Self> {
        let mut command = CommandWrap::from(command);
        command.wrap(KillOnDrop).wrap(JobObject);
        command.spawn().map(Self)
    }

    fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        let child = &mut self.0;
        (
            child.stdin().take(),
            child.stdout().take(),
            child.stderr().take(),
        )
    }

    async fn wait(&mut self) -> io::Result<ExitStatus> {
        // The job itself would be waited for until all in it have ended.
        self.0.inner_mut().wait().await
    }

    fn kill(&mut self, _is_ended: bool) {
        // A job that is empty by now is what is wanted.
        let _ = self.0.start_kill();
    }
}

/// No signals end programs here.
pub(in crate::command) fn signal(_: ExitStatus) -> Option<i32> {
    None
}
