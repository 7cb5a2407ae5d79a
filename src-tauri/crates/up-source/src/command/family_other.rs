//! A program and the processes in its group, so that they can be killed together. Processes that
//! called `setsid` are not found on this system.

use std::ffi::OsString;

use rustix::process::{Pid, Signal, kill_process_group};

/// A program that runs, with its process group. Dropping it kills the group.
#[derive(Debug)]
pub(super) struct ProcessFamily {
    root: Option<Pid>,
}

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
