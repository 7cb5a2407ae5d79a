//! Windows: a program and everything that it starts run in one job object, which ends with its last
//! handle. Windows has no process groups, so no process outlives the program.

use std::io;
use std::process::ExitStatus;

use process_wrap::tokio::{ChildWrapper, CommandWrap, JobObject, KillOnDrop};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

use super::ProgramControl;

/// A running program.
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
        // Waiting for the job would wait until every process in it has ended.
        self.0.inner_mut().wait().await
    }

    fn kill(&mut self, _is_ended: bool) {
        // An error means that the job is empty already.
        let _ = self.0.start_kill();
    }
}

/// Windows has no signals that end programs.
pub(in crate::command) fn signal(_: ExitStatus) -> Option<i32> {
    None
}
