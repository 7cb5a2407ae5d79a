//! The processes of this machine, as `/proc` tells of them (proc(5)).

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;

use rustix::process::{Pid, Signal, kill_process};

/// As much of an environment is looked through. A program may have any amount of one.
const MOST_ENVIRONMENT: u64 = 1 << 20;

/// So many times it is looked for processes that were started meanwhile. Whoever is found is
/// stopped and starts no others, so that one look more than the tree is deep finds all.
const LOOKS: usize = 20;

/// One process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    pub(super) parent: Option<Pid>,
    /// It has ended, and its parent has not asked how.
    pub(super) is_zombie: bool,
    /// When it was started, in ticks since this machine was: tells it from a later one of its id.
    pub(super) start: u64,
}

/// All that can be seen; none where there is no `/proc`.
pub(super) fn all() -> Vec<Process> {
    let Ok(folder) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let names = folder.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let ids = names.filter_map(|name| Pid::from_raw(name.parse().ok()?));
    ids.filter_map(Process::read).collect()
}

impl Process {
    /// The process of that id; `None` when there is none (any more).
    pub(super) fn read(pid: Pid) -> Option<Self> {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        Self::parse(pid, &String::from_utf8_lossy(&stat))
    }

    /// True of the same process at another moment.
    pub(super) fn is(&self, other: &Self) -> bool {
        (self.pid, self.start) == (other.pid, other.start)
    }

    fn parse(pid: Pid, stat: &str) -> Option<Self> {
        // The second field is the program's name in parentheses, which may hold anything.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        Some(Self {
            pid,
            parent: Pid::from_raw(fields.get(1)?.parse().ok()?),
            is_zombie: matches!(*fields.first()?, "Z" | "X"),
            start: fields.get(19)?.parse().ok()?,
        })
    }

    /// The value of a variable in the environment that it was started with; `None` also when this
    /// user may not see it.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let mut environment = Vec::new();
        let file = File::open(format!("/proc/{}/environ", self.pid)).ok()?;
        let mut file = file.take(MOST_ENVIRONMENT);
        file.read_to_end(&mut environment).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        let value = variables.find_map(|variable| {
            let rest = variable.strip_prefix(name.as_bytes())?;
            rest.strip_prefix(b"=")
        })?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

/// Ends these processes and all below them, and says which those were: stops each where it stands
/// until no more are found, and then kills them together. Whom this user may not send signals
/// (one that runs as another user) goes on.
pub(super) fn end(is_meant: impl Fn(&Process) -> bool) -> Vec<Process> {
    let mut found: HashMap<Pid, Process> = HashMap::new();
    for _ in 0..LOOKS {
        let all = all();
        let mut below: HashMap<Pid, Vec<&Process>> = HashMap::new();
        for process in &all {
            if let Some(parent) = process.parent {
                below.entry(parent).or_default().push(process);
            }
        }
        let is_known = |process: &Process| found.get(&process.pid).is_some_and(|p| p.is(process));
        let mut next: Vec<&Process> = all.iter().filter(|p| is_known(p) || is_meant(p)).collect();
        let mut reached = Vec::new();
        // Each is taken out with its children, so that it is reached once.
        while let Some(process) = next.pop() {
            reached.push(*process);
            next.extend(below.remove(&process.pid).unwrap_or_default());
        }
        let before = found.len();
        for process in reached.into_iter().filter(|process| !process.is_zombie) {
            if found.insert(process.pid, process).is_none() {
                // One that is gone by now is what is wanted.
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
