//! A program and the processes in its group, so that they can be killed together, on a Unix that is
//! not Linux. Processes that called `setsid` are not found there.

use std::ffi::OsString;

use rustix::process::{Pid, Signal, kill_process_group};

/// A program that runs, with its process group. Dropping it kills the group.
#[derive(Debug)]
pub(super) struct ProcessFamily {
    root: Option<Pid>,
}

#[expect(
    clippy::unused_self,
    reason = "the same methods as on Linux, where each of them needs its family"
)]
impl ProcessFamily {
    /// A family whose program is yet to be started.
    pub(super) fn new(_may_stay: bool) -> Self {
        Self { root: None }
    }

    /// The name and value of the environment variable that marks this family.
    pub(super) fn variable(&self) -> (&'static str, OsString) {
        ("UP_CHECK", std::process::id().to_string().into())
    }

    /// Records that the program was started with the process id `pid`.
    pub(super) fn started(self, pid: Option<u32>) -> Self {
        let root = pid.and_then(|pid| Pid::from_raw(pid.cast_signed()));
        Self { root }
    }

    /// Records that the program has ended and was reaped.
    pub(super) fn ended(&mut self) {}
}

impl Drop for ProcessFamily {
    fn drop(&mut self) {
        if let Some(root) = self.root {
            // An error means that the group is gone already.
            let _ = kill_process_group(root, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::Command;

    use super::*;

    #[test]
    fn a_program_is_killed_with_its_group() {
        let family = ProcessFamily::new(false);
        let (mark, value) = family.variable();
        let mut command = Command::new("sleep");
        command.arg("600").env(mark, value).process_group(0);
        let mut child = command.spawn().expect("there is a sleep");
        let mut family = family.started(Some(child.id()));
        family.ended();
        drop(family);
        let status = child.wait().expect("it can be waited for");
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()));
    }
}
