//! Decides when each source is due. Pure: time is an argument, and it knows neither tasks nor
//! sources.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::Instant;

/// The index of an entry: something that can be due.
pub(crate) type EntryIndex = usize;

/// How many entries a slot should have. The entries of a slot come due together, because waking the
/// process up for one check costs several times the check. This many share the cost well enough.
const PER_SLOT: usize = 64;
/// The smallest number of slots in an interval. An entry may come due early by one slot.
const FEWEST_SLOTS: usize = 15;
/// The largest number of slots in an interval, however many entries there are.
const MOST_SLOTS: usize = 120;
/// The widest slot. Longer intervals have more slots instead.
const WIDEST_SLOT: Duration = Duration::from_secs(2);

/// The shortest pause between two checks of one source, however late the checks are.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// All entries with their intervals. Each entry is due at some time, or runs.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// The time from which the slots of all intervals are counted.
    origin: Instant,
    entries: Vec<EntryState>,
    /// Entries by due time, earliest first. An entry whose time was changed leaves a stale item
    /// behind, which is skipped.
    queue: BinaryHeap<Reverse<(Instant, EntryIndex)>>,
}

/// When an entry is due next, after it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextDue {
    /// After its interval.
    Regular,
    /// After this time, at its own turn within its interval.
    Turn(Duration),
    /// Exactly after this time, because its last result is to be confirmed.
    Soon(Duration),
}

#[derive(Clone, Copy, Debug)]
struct EntryState {
    interval: Duration,
    /// When the entry is due; while it runs, when it was due.
    due: Instant,
    /// True from when the entry is taken until it is done. A running entry is never taken again.
    running: bool,
}

impl Schedule {
    /// A schedule without entries. Slots are counted from `origin`.
    pub(crate) fn new(origin: Instant) -> Self {
        Self {
            origin,
            entries: Vec::new(),
            queue: BinaryHeap::new(),
        }
    }

    /// Adds an entry that is first due at `due`.
    pub(crate) fn add(&mut self, interval: Duration, due: Instant) -> EntryIndex {
        let entry = self.entries.len();
        self.entries.push(EntryState {
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

    /// Takes the next entry that is due. It counts as running until [`Schedule::done`].
    pub(crate) fn take(&mut self, now: Instant) -> Option<EntryIndex> {
        self.skip_stale();
        let Reverse((due, entry)) = *self.queue.peek()?;
        if due > now {
            return None;
        }
        self.queue.pop();
        self.entries[entry].running = true;
        Some(entry)
    }

    /// Marks an entry as done. It is due again after its interval, counted from when it was due, or
    /// sooner as `next` says.
    pub(crate) fn done(&mut self, entry: EntryIndex, now: Instant, next: NextDue) {
        let EntryState { due, interval, .. } = self.entries[entry];
        let earliest = now + SHORTEST_PAUSE.min(interval);
        let regular = self.slot(interval, due + interval).max(earliest);
        let due = match next {
            NextDue::Regular => regular,
            NextDue::Turn(turn) => regular.min(self.slot(interval, now + turn).max(earliest)),
            NextDue::Soon(retry) => regular.min(now + retry),
        };
        self.set(entry, due);
    }

    /// When the slot that contains `time` begins.
    fn slot(&self, interval: Duration, time: Instant) -> Instant {
        let slots = (self.entries.len() / PER_SLOT).clamp(FEWEST_SLOTS, MOST_SLOTS) as u128;
        let slots = slots.max(interval.as_nanos().div_ceil(WIDEST_SLOT.as_nanos()));
        let since = time.saturating_duration_since(self.origin).as_nanos();
        let Some(within) = since.checked_rem(interval.as_nanos()) else {
            return time;
        };
        let number = within * slots / interval.as_nanos();
        // Rounded up, so that the first moment of a slot belongs to that slot.
        let into = within - (number * interval.as_nanos()).div_ceil(slots);
        // The difference is less than two seconds and fits into 64 bits.
        time - Duration::from_nanos(u64::try_from(into).unwrap_or_default())
    }

    /// Makes the entry due at `due` if that is earlier. A running entry is left as it is.
    pub(crate) fn hasten(&mut self, entry: EntryIndex, due: Instant) {
        let state = &self.entries[entry];
        if !state.running && state.due > due {
            self.set(entry, due);
        }
    }

    /// Makes the entry due at `due`, even if that is later. A running entry is left as it is.
    pub(crate) fn postpone(&mut self, entry: EntryIndex, due: Instant) {
        if !self.entries[entry].running {
            self.set(entry, due);
        }
    }

    /// True from when the entry is taken until it is done.
    pub(crate) fn is_running(&self, entry: EntryIndex) -> bool {
        self.entries[entry].running
    }

    /// When the entry is due; while it runs, when it was due.
    pub(crate) fn due(&self, entry: EntryIndex) -> Instant {
        self.entries[entry].due
    }

    fn set(&mut self, entry: EntryIndex, due: Instant) {
        let state = &mut self.entries[entry];
        (state.due, state.running) = (due, false);
        self.queue.push(Reverse((due, entry)));
    }

    fn skip_stale(&mut self) {
        while let Some(Reverse((due, entry))) = self.queue.peek() {
            let state = &self.entries[*entry];
            if !state.running && state.due == *due {
                break;
            }
            self.queue.pop();
        }
    }
}

/// The turn of a path: how far into its interval a source is checked. It is always the same for a
/// path and evenly spread over many paths, so that a thousand sources are not checked in the same
/// second.
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
        let mut schedule = Schedule::new(start);
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
        schedule.done(a, start + 2 * SECOND, NextDue::Regular);
        assert_eq!(
            schedule.next_due(),
            Some(start + 10 * SECOND),
            "counted from when it was due"
        );
    }

    #[test]
    fn what_is_late_is_asked_soon_and_once() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start);
        let a = schedule.add(10 * SECOND, start);
        schedule.take(start);
        let late = start + 35 * SECOND;
        schedule.done(a, late, NextDue::Regular);
        assert_eq!(schedule.next_due(), Some(late + SHORTEST_PAUSE));
        assert_eq!(schedule.take(late + SHORTEST_PAUSE), Some(a));
        assert_eq!(schedule.take(late + SHORTEST_PAUSE), None);
    }

    #[test]
    fn doubt_and_people_bring_it_forward() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start);
        let a = schedule.add(60 * SECOND, start);
        schedule.take(start);
        schedule.hasten(a, start);
        assert!(schedule.is_running(a), "what is running is not asked twice");
        schedule.done(a, start + SECOND, NextDue::Soon(5 * SECOND));
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
    fn entries_of_one_slot_come_due_together_and_no_later_than_their_turn() {
        let start = Instant::now();
        let millis = Duration::from_millis;
        let check = |turn: u64, interval: Duration, expected: u64| {
            let mut schedule = Schedule::new(start);
            let a = schedule.add(interval, start);
            schedule.take(start);
            // Results of the first round arrive in the middle of a slot.
            schedule.done(a, start + millis(70), NextDue::Turn(millis(turn)));
            assert_eq!(schedule.due(a) - start, millis(expected), "{turn} ms");
            schedule.take(schedule.due(a));
            schedule.done(a, schedule.due(a) + millis(20), NextDue::Regular);
            let again = interval + millis(expected);
            assert_eq!(schedule.due(a) - start, again, "{turn} ms, the next");
        };
        // The tolerance: a fifteenth of the interval, and at most two seconds.
        check(5_100, 30 * SECOND, 4_000);
        check(5_929, 30 * SECOND, 4_000);
        check(5_931, 30 * SECOND, 6_000);
        check(29_990, 30 * SECOND, 30_000);
        check(5_100, 6 * SECOND, 4_800);
        check(5_130, 6 * SECOND, 5_200);
        check(123_456, 600 * SECOND, 122_000);
    }

    #[test]
    fn many_entries_have_narrower_slots() {
        let start = Instant::now();
        let check = |entries: usize, expected: u128| {
            let mut schedule = Schedule::new(start);
            for _ in 0..entries {
                schedule.add(30 * SECOND, start);
            }
            schedule.take(start);
            schedule.done(0, start, NextDue::Turn(Duration::from_millis(5_990)));
            let due = schedule.due(0) - start;
            assert_eq!(due.as_millis(), expected, "{entries}");
        };
        check(1, 4_000);
        check(1_000, 4_000);
        check(2_000, 5_806);
        check(3_840, 5_500);
        check(10_000, 5_750);
        check(100_000, 5_750);
    }

    #[test]
    fn what_was_confirmed_goes_back_to_a_slot() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start);
        let a = schedule.add(30 * SECOND, start);
        schedule.take(start);
        let answered = start + Duration::from_millis(1_234);
        schedule.done(a, answered, NextDue::Soon(5 * SECOND));
        let confirmed = answered + 5 * SECOND;
        assert_eq!(schedule.due(a), confirmed, "to the point");
        schedule.take(confirmed);
        schedule.done(a, confirmed, NextDue::Regular);
        assert_eq!(schedule.due(a), start + 36 * SECOND);
    }

    #[test]
    fn turns_stay_where_they_are() {
        let start = Instant::now();
        for interval in [7, 10, 30, 45_500].map(Duration::from_millis) {
            let mut schedule = Schedule::new(start);
            let a = schedule.add(interval, start);
            schedule.take(start);
            schedule.done(a, start, NextDue::Turn(interval.mul_f64(0.4567)));
            let first = schedule.due(a);
            for round in 1..100 {
                schedule.take(schedule.due(a));
                schedule.done(a, schedule.due(a), NextDue::Regular);
                assert_eq!(schedule.due(a), first + round * interval, "{interval:?}");
            }
        }
    }

    #[test]
    fn an_interval_too_short_for_slots_has_none() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start);
        let a = schedule.add(Duration::from_nanos(59), start);
        schedule.take(start);
        schedule.done(a, start, NextDue::Regular);
        assert_eq!(schedule.due(a), start + Duration::from_nanos(59));
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
