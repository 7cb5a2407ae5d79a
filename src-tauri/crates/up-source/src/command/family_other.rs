//! A program and all processes that it starts, to be ended together on a Unix that is not Linux:
//! those in its process group. One that called `setsid` is not reached there.

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
        let mut family = family.began(Some(child.id()));
        family.ended();
        drop(family);
        let status = child.wait().expect("it can be waited for");
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()));
    }
}
