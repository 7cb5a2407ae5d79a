//! When what is due. Pure: it is told the time, and knows neither tasks nor sources.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::Instant;

/// What can be due: an entry of a table, by index.
pub(crate) type Entry = usize;

/// The shortest pause between two askings of one source, however late they are.
const BREATH: Duration = Duration::from_millis(100);

/// A table of entries with their intervals, each due at some time, or waiting to be done.
#[derive(Debug)]
pub(crate) struct Schedule {
    entries: Vec<Slot>,
    /// Earliest first. An entry whose time was changed leaves a stale one behind, which is skipped.
    queue: BinaryHeap<Reverse<(Instant, Entry)>>,
}

#[derive(Debug)]
struct Slot {
    interval: Duration,
    /// When it is due, or, while it runs, was.
    due: Instant,
    /// True from being taken until it is done: it then never overlaps itself.
    running: bool,
}

impl Schedule {
    /// No entries yet.
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            queue: BinaryHeap::new(),
        }
    }

    /// Adds an entry, first due at that time.
    pub(crate) fn add(&mut self, interval: Duration, due: Instant) -> Entry {
        let entry = self.entries.len();
        self.entries.push(Slot {
            interval,
            due,
            running: false,
        });
        self.queue.push(Reverse((due, entry)));
        entry
    }

    /// When the next entry is due.
    pub(crate) fn next_due(&mut self) -> Option<Instant> {
        self.skip_stale();
        self.queue.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes the next entry that is due; it is running until [`Schedule::done`].
    pub(crate) fn take(&mut self, now: Instant) -> Option<Entry> {
        self.skip_stale();
        let Reverse((due, entry)) = *self.queue.peek()?;
        if due > now {
            return None;
        }
        self.queue.pop();
        self.entries[entry].running = true;
        Some(entry)
    }

    /// The entry is done: due again after its interval, counted from when it was due, or `sooner`.
    pub(crate) fn done(&mut self, entry: Entry, now: Instant, sooner: Option<Duration>) {
        let slot = &mut self.entries[entry];
        let regular = (slot.due + slot.interval).max(now + BREATH.min(slot.interval));
        let due = sooner.map_or(regular, |retry| regular.min(now + retry));
        self.set(entry, due);
    }

    /// Makes the entry due at that time, unless it is running: then it is being done already.
    pub(crate) fn hasten(&mut self, entry: Entry, due: Instant) {
        let slot = &self.entries[entry];
        if !slot.running && slot.due > due {
            self.set(entry, due);
        }
    }

    /// Makes an entry that is not running due only at that time.
    pub(crate) fn postpone(&mut self, entry: Entry, due: Instant) {
        if !self.entries[entry].running {
            self.set(entry, due);
        }
    }

    /// True while the entry is taken and not done.
    pub(crate) fn is_running(&self, entry: Entry) -> bool {
        self.entries[entry].running
    }

    /// When the entry is due, or was, if it is running.
    pub(crate) fn due(&self, entry: Entry) -> Instant {
        self.entries[entry].due
    }

    fn set(&mut self, entry: Entry, due: Instant) {
        let slot = &mut self.entries[entry];
        (slot.due, slot.running) = (due, false);
        self.queue.push(Reverse((due, entry)));
    }

    fn skip_stale(&mut self) {
        while let Some(Reverse((due, entry))) = self.queue.peek() {
            let slot = &self.entries[*entry];
            if !slot.running && slot.due == *due {
                break;
            }
            self.queue.pop();
        }
    }
}

/// How far into its interval a path's turn comes: always the same for a path, and evenly spread
/// over many, so that a thousand sources are not asked in the same second.
pub(crate) fn turn(path: &str, interval: Duration) -> Duration {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    let share = (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64;
    interval.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn entries_come_when_due_and_never_overlap_themselves() {
        let start = Instant::now();
        let mut schedule = Schedule::new();
        let a = schedule.add(10 * SECOND, start);
        let b = schedule.add(10 * SECOND, start + SECOND);
        assert_eq!(schedule.take(start), Some(a));
        assert_eq!(schedule.take(start), None, "b is not due yet, a is running");
        assert_eq!(schedule.take(start + 60 * SECOND), Some(b));
        assert_eq!(
            schedule.take(start + 60 * SECOND),
            None,
            "a is still running"
        );
        schedule.done(a, start + 2 * SECOND, None);
        assert_eq!(
            schedule.next_due(),
            Some(start + 10 * SECOND),
            "counted from when it was due"
        );
    }

    #[test]
    fn what_is_late_is_asked_soon_and_once() {
        let start = Instant::now();
        let mut schedule = Schedule::new();
        let a = schedule.add(10 * SECOND, start);
        schedule.take(start);
        let late = start + 35 * SECOND;
        schedule.done(a, late, None);
        assert_eq!(schedule.next_due(), Some(late + BREATH));
        assert_eq!(schedule.take(late + BREATH), Some(a));
        assert_eq!(schedule.take(late + BREATH), None);
    }

    #[test]
    fn doubt_and_people_bring_it_forward() {
        let start = Instant::now();
        let mut schedule = Schedule::new();
        let a = schedule.add(60 * SECOND, start);
        schedule.take(start);
        schedule.hasten(a, start);
        assert!(schedule.is_running(a), "what is running is not asked twice");
        schedule.done(a, start + SECOND, Some(5 * SECOND));
        assert_eq!(schedule.next_due(), Some(start + 6 * SECOND));
        schedule.hasten(a, start + 2 * SECOND);
        assert_eq!(schedule.next_due(), Some(start + 2 * SECOND));
        assert_eq!(schedule.take(start + 2 * SECOND), Some(a));
        assert_eq!(
            schedule.take(start + 60 * SECOND),
            None,
            "the former time is stale"
        );
    }

    #[test]
    fn turns_are_spread_over_the_interval() {
        let mut tenths = [0_u32; 10];
        for i in 0..1_000 {
            let turn = turn(&format!("/Root/{i}"), 10 * SECOND);
            tenths[turn.as_secs() as usize] += 1;
        }
        assert!(
            tenths.iter().all(|count| (60..140).contains(count)),
            "{tenths:?}"
        );
    }
}
