//! A program and all processes that it starts, to be ended together: those in its process group.
//! One that called `setsid` is not reached on this system.

use std::ffi::OsString;

use rustix::process::{Pid, Signal, kill_process_group};

/// A program that runs, with all in its group. When this goes, they are killed.
#[derive(Debug)]
pub(super) struct ProcessFamily {
    root: Option<Pid>,
}

impl ProcessFamily {
    /// One whose program is yet to be started.
    pub(super) fn new(_may_stay: bool) -> Self {
        Self { root: None }
    }

    /// The variable that marks it.
    pub(super) fn variable(&self) -> (&'static str, OsString) {
        ("UP_CHECK", std::process::id().to_string().into())
    }

    /// The program was started, as that process.
    pub(super) fn began(self, pid: Option<u32>) -> Self {
        let root = pid.and_then(|pid| Pid::from_raw(pid.cast_signed()));
        Self { root }
    }

    /// The program has ended, and was waited for.
    pub(super) fn ended(&mut self) {}
}

impl Drop for ProcessFamily {
    fn drop(&mut self) {
        if let Some(root) = self.root {
            // A group that is gone already is what is wanted.
            let _ = kill_process_group(root, Signal::KILL);
        }
    }
}
