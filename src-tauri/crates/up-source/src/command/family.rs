//! A program and all processes that it starts (its family), so that they can be killed together.
//!
//! One signal reaches the processes in the program's group. Processes that left the group
//! (`setsid`) are found as descendants of the program. When their parents have ended they are
//! children of this process, because Up registers as a "child subreaper" (prctl(2)): the kernel
//! makes it the parent of orphaned descendants. A variable in an orphan's environment names the
//! family that it belongs to.
//!
//! A process is missed only if it empties its environment, leaves the group and outlives its
//! parents.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, getpid, kill_process_group,
    set_child_subreaper, waitid, waitpid,
};

use super::processes::{self, Process};

/// The environment variable that marks a program and all that it starts. Its value is a
/// comma-separated list, because the program may be another Up, which adds a mark of its own.
const VARIABLE: &str = "UP_CHECK";

/// The least time between two sweeps for processes that ended programs left behind, while other
/// programs still run.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// A child of this process that has been a zombie for this long has no one else who will wait for
/// it. It is taken for an orphan that ended by itself, and reaped.
const ORPHAN_AGE: Duration = Duration::from_mins(1);

/// A program that runs, with all that it starts. Dropping it kills the whole family if the program
/// has not ended. If it has ended, only the processes left in its group are killed, and those
/// outside the group too unless `may_stay` is set.
#[derive(Debug)]
pub(super) struct ProcessFamily {
    number: u64,
    /// Processes outside the group may live on after the program has ended.
    may_stay: bool,
    pid: Option<Pid>,
    root: Option<Process>,
    has_ended: bool,
}

/// The state of all families of this process.
#[derive(Default)]
struct Families {
    last: u64,
    /// The running programs by family number. The value is `None` while a program is being started.
    running: BTreeMap<u64, Option<Pid>>,
    /// Processes that were killed here and may have to be reaped: their start time by process id.
    killed: HashMap<Pid, u64>,
    /// Zombie children: their start time, and when they were first seen as zombies.
    ended: HashMap<Pid, (u64, Instant)>,
    /// When the last sweep was, and when the next one is due.
    swept: Option<Instant>,
    next: Option<Instant>,
}

/// The lock is held only for look-ups and updates, never while waiting for anything.
static FAMILIES: LazyLock<Mutex<Families>> = LazyLock::new(Mutex::default);

/// Identifies this process in marks. The random part distinguishes it from earlier processes with
/// the same id.
static THIS_PROCESS: LazyLock<String> = LazyLock::new(|| {
    let random = RandomState::new().hash_one(());
    format!("{}.{random:016x}", getpid())
});

fn families() -> MutexGuard<'static, Families> {
    FAMILIES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ProcessFamily {
    /// A family whose program is yet to be started with [`ProcessFamily::variable`] in its
    /// environment. With `may_stay`, processes outside the group may live on when the program ends
    /// in time.
    pub(super) fn new(may_stay: bool) -> Self {
        static ADOPTING: Once = Once::new();
        ADOPTING.call_once(|| {
            // On a kernel without subreapers, orphans go to process 1 and are not found.
            let _ = set_child_subreaper(Some(getpid()));
        });
        let mut families = families();
        families.last += 1;
        let number = families.last;
        families.running.insert(number, None);
        Self {
            number,
            may_stay,
            pid: None,
            root: None,
            has_ended: false,
        }
    }

    /// The name and value of the environment variable that marks this family.
    pub(super) fn variable(&self) -> (&'static str, OsString) {
        let mut value = std::env::var_os(VARIABLE).unwrap_or_default();
        if !value.is_empty() {
            value.push(",");
        }
        value.push(mark(self.number, self.may_stay));
        (VARIABLE, value)
    }

    /// Records that the program was started with the process id `pid`.
    pub(super) fn started(mut self, pid: Option<u32>) -> Self {
        self.pid = pid.and_then(|pid| Pid::from_raw(pid.cast_signed()));
        self.root = self.pid.and_then(Process::read);
        families().running.insert(self.number, self.pid);
        self
    }

    /// Records that the program has ended and was reaped.
    pub(super) fn ended(&mut self) {
        self.has_ended = true;
    }
}

impl Drop for ProcessFamily {
    fn drop(&mut self) {
        if let Some(pid) = self.pid {
            if !self.has_ended {
                self.kill();
            }
            // An error means that the group is gone already.
            let _ = kill_process_group(pid, Signal::KILL);
        }
        let is_last = {
            let mut families = families();
            families.running.remove(&self.number);
            families.running.is_empty()
        };
        if !self.has_ended {
            // The processes just killed still have to be reaped.
            sweep_later();
        } else if has_children() {
            let swept = families().swept;
            if is_last || swept.is_none_or(|at| at.elapsed() >= SWEEP_INTERVAL) {
                sweep();
            } else {
                sweep_later();
            }
        }
    }
}

impl ProcessFamily {
    /// Kills the program with its descendants, and the orphans that bear its mark with theirs.
    fn kill(&self) {
        let me = getpid();
        let mark = mark(self.number, self.may_stay);
        let is_root = |process: &Process| self.root.is_some_and(|root| root.is_same(process));
        let killed = processes::kill_trees(|process| {
            let is_orphan = process.parent == Some(me) && Some(process.pid) != self.pid;
            is_root(process) || (is_orphan && marks(process).any(|known| known == mark))
        });
        // The program itself is reaped by the code that started it.
        let killed = killed.iter().filter(|process| !is_root(process));
        let killed = killed.map(|process| (process.pid, process.start));
        families().killed.extend(killed);
    }
}

/// Kills what ended programs left behind, and reaps orphans that have ended. It never reaps a child
/// that other code of this process may still wait for.
fn sweep() {
    let me = getpid();
    let (running, last) = {
        let mut families = families();
        (families.swept, families.next) = (Some(Instant::now()), None);
        (families.running.clone(), families.last)
    };
    // A family that was created after this moment is not over.
    let is_over = |mark: &str| {
        let number = family_number(mark);
        number.is_some_and(|number| number <= last && !running.contains_key(&number))
    };
    let roots: Vec<Pid> = running.values().copied().flatten().collect();
    let is_orphan = |process: &Process| process.parent == Some(me) && !roots.contains(&process.pid);
    let is_left = |process: &Process| {
        let mut marks = marks(process);
        is_orphan(process) && !process.is_zombie && marks.any(|mark| is_over(&mark))
    };
    let all = processes::all();
    if all.iter().any(is_left) {
        let killed = processes::kill_trees(is_left);
        let killed = killed.iter().map(|process| (process.pid, process.start));
        families().killed.extend(killed);
        sweep_later();
    }
    let zombies = all.iter().filter(|p| p.is_zombie && is_orphan(p));
    families().reap(&zombies.copied().collect::<Vec<_>>(), Instant::now());
    families().forget(&all);
}

impl Families {
    /// Reaps those zombies that were killed here, and those that nobody has reaped for
    /// [`ORPHAN_AGE`].
    fn reap(&mut self, zombies: &[Process], now: Instant) {
        for zombie in zombies {
            let seen = self.ended.entry(zombie.pid).or_insert((zombie.start, now));
            if seen.0 != zombie.start {
                *seen = (zombie.start, now);
            }
            let is_abandoned = now.saturating_duration_since(seen.1) >= ORPHAN_AGE;
            if is_abandoned || self.killed.get(&zombie.pid) == Some(&zombie.start) {
                let _ = waitpid(Some(zombie.pid), WaitOptions::NOHANG);
            }
        }
    }

    /// Removes the entries of processes that no longer exist.
    fn forget(&mut self, all: &[Process]) {
        let all: HashMap<Pid, u64> = all.iter().map(|p| (p.pid, p.start)).collect();
        self.killed.retain(|pid, start| all.get(pid) == Some(start));
        self.ended
            .retain(|pid, (start, _)| all.get(pid) == Some(start));
    }
}

/// Schedules another sweep after [`SWEEP_INTERVAL`], in a short-lived thread: an async runtime may
/// end with its last check. If no thread can be started, the end of the next program sweeps.
fn sweep_later() {
    let now = Instant::now();
    let mut families = families();
    if families.next.is_some_and(|next| now <= next) {
        return;
    }
    let thread = std::thread::Builder::new().name("orphans".into());
    let started = thread.spawn(|| {
        std::thread::park_timeout(SWEEP_INTERVAL);
        sweep();
    });
    families.next = started.is_ok().then_some(now + SWEEP_INTERVAL);
}

/// False when this process has no child, and therefore no orphan.
fn has_children() -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::All, options), Err(Errno::CHILD))
}

/// The mark of the family `number` of this process. A trailing `+` means that its processes may
/// live on.
fn mark(number: u64, may_stay: bool) -> String {
    let stays = if may_stay { "+" } else { "" };
    format!("{}.{number}{stays}", *THIS_PROCESS)
}

/// The family number in `mark`. It is `None` for marks of other processes and for families whose
/// processes may live on.
fn family_number(mark: &str) -> Option<u64> {
    let rest = mark.strip_prefix(&**THIS_PROCESS)?;
    rest.strip_prefix('.')?.parse().ok()
}

/// The marks in the environment of `process`.
fn marks(process: &Process) -> impl Iterator<Item = String> + use<> {
    let value = process.variable(VARIABLE).unwrap_or_default();
    let marks: Vec<_> = value.split(',').map(str::to_owned).collect();
    marks.into_iter()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn only_zombies_that_nobody_waits_for_are_waited_for() {
        let mut child = Command::new("true").spawn().expect("a program");
        let pid = Pid::from_raw(child.id().cast_signed()).expect("an id");
        // The child has ended and was not reaped yet.
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(pid), ended).expect("a child");
        let zombie = Process::read(pid).expect("a zombie");
        assert!(zombie.is_zombie);
        let mut families = Families::default();
        let now = Instant::now();
        families.reap(&[zombie], now);
        families.reap(&[zombie], now + ORPHAN_AGE / 2);
        assert!(Process::read(pid).is_some(), "someone may yet wait for it");
        let earlier = Process {
            start: zombie.start - 1,
            ..zombie
        };
        families.forget(&[earlier]);
        families.reap(&[zombie], now + ORPHAN_AGE);
        assert!(
            Process::read(pid).is_some(),
            "another of its id ended before"
        );
        families.reap(&[zombie], now + ORPHAN_AGE * 2);
        assert!(Process::read(pid).is_none(), "it was forgotten");
        families.forget(&[]);
        assert!(families.ended.is_empty());
        assert!(child.wait().is_err(), "it was waited for");
    }

    #[test]
    fn marks_are_of_one_process_and_one_program() {
        let check = |mark: &str, expected| assert_eq!(family_number(mark), expected, "{mark}");
        check(&mark(6, false), Some(6));
        check(&mark(6, true), None);
        check(&format!("1{}", mark(6, false)), None);
        check(&format!("{}6", *THIS_PROCESS), None);
        check("1.2", None);
        check("", None);
    }
}
