//! The processes of this machine, as `/proc` lists them (proc(5)).

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;

use rustix::process::{Pid, Signal, kill_process};

/// How many bytes of a process's environment are searched. A program may have one of any size.
const MAX_ENVIRONMENT: u64 = 1 << 20;

/// The most scans of `/proc` while stopping a tree. Every process found is stopped and starts no
/// others, so that a tree of depth n needs n + 1 scans.
const MAX_SCANS: usize = 20;

/// A snapshot of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    pub(super) parent: Option<Pid>,
    /// It has ended and was not reaped by its parent yet.
    pub(super) is_zombie: bool,
    /// When it was started, in clock ticks since boot. Together with `pid` it identifies a process,
    /// since ids are reused.
    pub(super) start: u64,
}

/// All processes that this user can see; empty where there is no `/proc`.
pub(super) fn all() -> Vec<Process> {
    let Ok(folder) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let names = folder.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let ids = names.filter_map(|name| Pid::from_raw(name.parse().ok()?));
    ids.filter_map(Process::read).collect()
}

impl Process {
    /// The process with the id `pid`; `None` when there is none (any more).
    pub(super) fn read(pid: Pid) -> Option<Self> {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        Self::parse(pid, &String::from_utf8_lossy(&stat))
    }

    /// True when `other` is a snapshot of the same process.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.pid, self.start) == (other.pid, other.start)
    }

    fn parse(pid: Pid, stat: &str) -> Option<Self> {
        // The second field is the program's name in parentheses, which may itself contain anything.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        Some(Self {
            pid,
            parent: Pid::from_raw(fields.get(1)?.parse().ok()?),
            is_zombie: matches!(*fields.first()?, "Z" | "X"),
            start: fields.get(19)?.parse().ok()?,
        })
    }

    /// The value of the variable `name` in the environment that the process was started with.
    /// `None` also when this user may not read that environment.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let mut environment = Vec::new();
        let file = File::open(format!("/proc/{}/environ", self.pid)).ok()?;
        let mut file = file.take(MAX_ENVIRONMENT);
        file.read_to_end(&mut environment).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        let value = variables.find_map(|variable| {
            let rest = variable.strip_prefix(name.as_bytes())?;
            rest.strip_prefix(b"=")
        })?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

/// Kills the processes that match `is_root` and all their descendants, and returns those that were
/// found. Each is stopped (SIGSTOP) when found, until a scan finds no more, and then all are
/// killed. Processes that this user may not signal (they run as another user) go on.
pub(super) fn kill_trees(is_root: impl Fn(&Process) -> bool) -> Vec<Process> {
    let mut found: HashMap<Pid, Process> = HashMap::new();
    for _ in 0..MAX_SCANS {
        let all = all();
        let mut below: HashMap<Pid, Vec<&Process>> = HashMap::new();
        for process in &all {
            if let Some(parent) = process.parent {
                below.entry(parent).or_default().push(process);
            }
        }
        let is_known =
            |process: &Process| found.get(&process.pid).is_some_and(|p| p.is_same(process));
        let mut next: Vec<&Process> = all.iter().filter(|p| is_known(p) || is_root(p)).collect();
        let mut reached = Vec::new();
        // Each process is removed with its children, so that it is visited once.
        while let Some(process) = next.pop() {
            reached.push(*process);
            next.extend(below.remove(&process.pid).unwrap_or_default());
        }
        let before = found.len();
        for process in reached.into_iter().filter(|process| !process.is_zombie) {
            if found.insert(process.pid, process).is_none() {
                // An error means that the process is gone already.
                let _ = kill_process(process.pid, Signal::STOP);
            }
        }
        if found.len() == before {
            break;
        }
    }
    for pid in found.keys() {
        let _ = kill_process(*pid, Signal::KILL);
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_process_stand_behind_its_name() {
        let rest = "S 41 42 43 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1000 200";
        let check = |stat: &str, expected: Option<(i32, bool, u64)>| {
            let process = Process::parse(Pid::INIT, stat);
            let found = process.map(|process| {
                let parent = process.parent.map_or(0, |pid| pid.as_raw_nonzero().get());
                (parent, process.is_zombie, process.start)
            });
            assert_eq!(found, expected, "{stat}");
        };
        check(&format!("1 (sh) {rest}"), Some((41, false, 98_765)));
        check(&format!("1 (a) Z 1 (b) {rest}"), Some((41, false, 98_765)));
        let zombie = rest.replacen('S', "Z", 1);
        check(&format!("1 (sh) {zombie}"), Some((41, true, 98_765)));
        let orphan = rest.replacen("41", "0", 1);
        check(&format!("1 (init) {orphan}"), Some((0, false, 98_765)));
        check("1 (sh) S 41", None);
        check("", None);
    }

    #[test]
    fn this_process_is_among_them() {
        let me = rustix::process::getpid();
        let found = all().into_iter().find(|process| process.pid == me);
        let found = found.expect("this process");
        assert_eq!(
            Process::read(me).map(|process| process.start),
            Some(found.start)
        );
        let path = std::env::var("PATH").expect("a PATH");
        assert_eq!(found.variable("PATH"), Some(path));
        assert_eq!(found.variable("PAT"), None);
    }
}
