//! A program and all processes that it starts, to be ended together. Those in its process group are
//! reached by one signal. Others, which called `setsid`, are found where they are: below the
//! program, or, when their parents are gone, below this process, which the system makes the parent
//! of all that lose theirs (a "child subreaper", prctl(2)). To whom such an orphan belongs its
//! environment says.
//!
//! Only one that empties its environment, leaves its group and outlives its parents is not found.

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

/// The variable that marks a program and all that it starts. Its value is a list, since a program
/// may itself be an Up.
const VARIABLE: &str = "UP_CHECK";

/// It is not looked more often for what ended programs have left behind, while others run.
const PAUSE: Duration = Duration::from_secs(1);

/// A child of this process that has ended for so long has nobody who waits for it: an orphan that
/// ended by itself.
const FORGOTTEN: Duration = Duration::from_mins(1);

/// A program that runs, with all that it starts. When this goes, they are killed, unless the program
/// has ended: then those in its group are, and of the others those that may not stay.
#[derive(Debug)]
pub(super) struct ProcessFamily {
    number: u64,
    /// What it leaves behind outside its group may stay.
    may_stay: bool,
    pid: Option<Pid>,
    root: Option<Process>,
    has_ended: bool,
}

/// What is known of all families.
#[derive(Default)]
struct Families {
    last: u64,
    /// The programs that run, by their numbers; `None` of one that is being started.
    running: BTreeMap<u64, Option<Pid>>,
    /// Killed, and perhaps to be waited for.
    killed: HashMap<Pid, u64>,
    /// Children that have ended, and since when they are known to have.
    ended: HashMap<Pid, (u64, Instant)>,
    /// When it was last looked, and when it will be next.
    swept: Option<Instant>,
    next: Option<Instant>,
}

/// Held only to look something up, never while waiting.
static FAMILIES: LazyLock<Mutex<Families>> = LazyLock::new(Mutex::default);

/// Tells this process from all others, also from those that had its id before.
static OURS: LazyLock<String> = LazyLock::new(|| {
    let random = RandomState::new().hash_one(());
    format!("{}.{random:016x}", getpid())
});

fn families() -> MutexGuard<'static, Families> {
    FAMILIES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ProcessFamily {
    /// One whose program is yet to be started, with [`Family::variable`] in its environment.
    /// `may_stay`: what it leaves behind when it ends in time, outside its group, is meant to last.
    pub(super) fn new(may_stay: bool) -> Self {
        static ADOPTING: Once = Once::new();
        ADOPTING.call_once(|| {
            // Where the system knows no such thing, orphans go to its first process, and stay.
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

    /// The variable that marks it.
    pub(super) fn variable(&self) -> (&'static str, OsString) {
        let mut value = std::env::var_os(VARIABLE).unwrap_or_default();
        if !value.is_empty() {
            value.push(",");
        }
        value.push(mark(self.number, self.may_stay));
        (VARIABLE, value)
    }

    /// The program was started, as that process.
    pub(super) fn began(mut self, pid: Option<u32>) -> Self {
        self.pid = pid.and_then(|pid| Pid::from_raw(pid.cast_signed()));
        self.root = self.pid.and_then(Process::read);
        families().running.insert(self.number, self.pid);
        self
    }

    /// The program has ended, and was waited for.
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
            // A group that is gone already is what is wanted.
            let _ = kill_process_group(pid, Signal::KILL);
        }
        let is_last = {
            let mut families = families();
            families.running.remove(&self.number);
            families.running.is_empty()
        };
        if !self.has_ended {
            // Those just killed are to be waited for when they are gone.
            sweep_later();
        } else if has_children() {
            let swept = families().swept;
            if is_last || swept.is_none_or(|at| at.elapsed() >= PAUSE) {
                sweep();
            } else {
                sweep_later();
            }
        }
    }
}

impl ProcessFamily {
    /// Kills the program and all below it, and the orphans that bear its mark with all below them.
    fn kill(&self) {
        let me = getpid();
        let mark = mark(self.number, self.may_stay);
        let is_root = |process: &Process| self.root.is_some_and(|root| root.is(process));
        let killed = processes::end(|process| {
            let is_orphan = process.parent == Some(me) && Some(process.pid) != self.pid;
            is_root(process) || (is_orphan && marks(process).any(|known| known == mark))
        });
        // The program itself is waited for by whoever started it.
        let killed = killed.iter().filter(|process| !is_root(process));
        let killed = killed.map(|process| (process.pid, process.start));
        families().killed.extend(killed);
    }
}

/// Kills what ended programs have left behind, and waits for orphans that have ended, so that they
/// do not stay as zombies. It never waits for a child of anyone else in this process.
fn sweep() {
    let me = getpid();
    let (running, last) = {
        let mut families = families();
        (families.swept, families.next) = (Some(Instant::now()), None);
        (families.running.clone(), families.last)
    };
    // What has begun since is not over.
    let is_over = |mark: &str| {
        let number = number(mark);
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
        let killed = processes::end(is_left);
        let killed = killed.iter().map(|process| (process.pid, process.start));
        families().killed.extend(killed);
        sweep_later();
    }
    let zombies = all.iter().filter(|p| p.is_zombie && is_orphan(p));
    families().wait_for(&zombies.copied().collect::<Vec<_>>(), Instant::now());
    families().forget(&all);
}

impl Families {
    /// Waits for those of these zombies that were killed here, or that nobody else has for long.
    fn wait_for(&mut self, zombies: &[Process], now: Instant) {
        for zombie in zombies {
            let seen = self.ended.entry(zombie.pid).or_insert((zombie.start, now));
            if seen.0 != zombie.start {
                *seen = (zombie.start, now);
            }
            let is_forgotten = now.saturating_duration_since(seen.1) >= FORGOTTEN;
            if is_forgotten || self.killed.get(&zombie.pid) == Some(&zombie.start) {
                let _ = waitpid(Some(zombie.pid), WaitOptions::NOHANG);
            }
        }
    }

    /// Forgets those that are gone.
    fn forget(&mut self, all: &[Process]) {
        let all: HashMap<Pid, u64> = all.iter().map(|p| (p.pid, p.start)).collect();
        self.killed.retain(|pid, start| all.get(pid) == Some(start));
        self.ended
            .retain(|pid, (start, _)| all.get(pid) == Some(start));
    }
}

/// Looks once more in a moment, in a thread that lasts as long: no runtime outlives its checks for
/// sure. Where there is no room for a thread, the next program that ends looks.
fn sweep_later() {
    let now = Instant::now();
    let mut families = families();
    if families.next.is_some_and(|next| now <= next) {
        return;
    }
    let thread = std::thread::Builder::new().name("orphans".into());
    let started = thread.spawn(|| {
        std::thread::park_timeout(PAUSE);
        sweep();
    });
    families.next = started.is_ok().then_some(now + PAUSE);
}

/// False when this process has no child at all, and so no orphan.
fn has_children() -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::All, options), Err(Errno::CHILD))
}

/// The mark of this process's program of that number.
fn mark(number: u64, may_stay: bool) -> String {
    let stays = if may_stay { "+" } else { "" };
    format!("{}.{number}{stays}", *OURS)
}

/// The number of a program of this process whose leavings may not stay, by its mark.
fn number(mark: &str) -> Option<u64> {
    let rest = mark.strip_prefix(&**OURS)?;
    rest.strip_prefix('.')?.parse().ok()
}

/// The marks that a process bears.
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
        // Ended, and not waited for yet.
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(pid), ended).expect("a child");
        let zombie = Process::read(pid).expect("a zombie");
        assert!(zombie.is_zombie);
        let mut families = Families::default();
        let now = Instant::now();
        families.wait_for(&[zombie], now);
        families.wait_for(&[zombie], now + FORGOTTEN / 2);
        assert!(Process::read(pid).is_some(), "someone may yet wait for it");
        let earlier = Process {
            start: zombie.start - 1,
            ..zombie
        };
        families.forget(&[earlier]);
        families.wait_for(&[zombie], now + FORGOTTEN);
        assert!(
            Process::read(pid).is_some(),
            "another of its id ended before"
        );
        families.wait_for(&[zombie], now + FORGOTTEN * 2);
        assert!(Process::read(pid).is_none(), "it was forgotten");
        families.forget(&[]);
        assert!(families.ended.is_empty());
        assert!(child.wait().is_err(), "it was waited for");
    }

    #[test]
    fn marks_are_of_one_process_and_one_program() {
        let check = |mark: &str, expected| assert_eq!(number(mark), expected, "{mark}");
        check(&mark(6, false), Some(6));
        check(&mark(6, true), None);
        check(&format!("1{}", mark(6, false)), None);
        check(&format!("{}6", *OURS), None);
        check("1.2", None);
        check("", None);
    }
}
