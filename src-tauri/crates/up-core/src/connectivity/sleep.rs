//! Times in which nothing is judged: sleep of the machine, from the system's report that it goes to
//! sleep, or a clock that shows it, to the end of a quiet time after waking; and the time after the
//! person logged in.

use std::time::Duration;

/// How long nothing is judged after waking: links, leases and resolvers come back one by one.
pub(super) const QUIET: Duration = Duration::from_secs(30);
/// How long nothing is judged after the person logged in: a desktop starts its network, its VPN and
/// its local services beside Up.
const LOGIN: Duration = Duration::from_mins(1);
/// A shorter sleep changes nothing: checks that were under way go on.
const NAP: Duration = Duration::from_secs(2);
/// If the machine is still awake this long after a report that it goes to sleep, the sleep was
/// called off.
const CALLED_OFF: Duration = Duration::from_mins(1);

/// Whether the machine sleeps or has just woken up. Times are by the steady clock, which stands
/// still during sleep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SleepState {
    #[default]
    Awake,
    /// The system reported at this time that it goes to sleep.
    Going(Duration),
    /// The machine is awake again, or the person logged in. Nothing is judged until this time.
    Quiet(Duration),
}

impl SleepState {
    /// Records that the system goes to sleep.
    pub(super) fn asleep(&mut self, now: Duration) {
        *self = Self::Going(now);
    }

    /// Records that the system woke up, after sleeping for `slept` where that is known. Returns
    /// true when it was more than a nap.
    pub(super) fn awake(&mut self, now: Duration, slept: Option<Duration>) -> bool {
        let was_going = matches!(self, Self::Going(_));
        let counts = was_going || slept.is_none_or(|slept| slept >= NAP);
        if counts {
            self.be_quiet_until(now + QUIET);
        }
        counts
    }

    /// Records that the person logged in.
    pub(super) fn logged_in(&mut self, now: Duration) {
        self.be_quiet_until(now + LOGIN);
    }

    /// A longer quiet time that began before goes on.
    fn be_quiet_until(&mut self, end: Duration) {
        *self = match *self {
            Self::Quiet(longer) if longer > end => Self::Quiet(longer),
            _ => Self::Quiet(end),
        };
    }

    /// True while nothing is judged.
    pub(super) fn is_quiet(self) -> bool {
        self != Self::Awake
    }

    /// When the state ends by itself.
    pub(super) fn due(self) -> Option<Duration> {
        match self {
            Self::Awake => None,
            Self::Going(since) => Some(since + CALLED_OFF),
            Self::Quiet(until) => Some(until),
        }
    }

    /// Returns true once, when the quiet time is over.
    pub(super) fn tick(&mut self, now: Duration) -> bool {
        match *self {
            Self::Quiet(until) if now >= until => {
                *self = Self::Awake;
                true
            }
            Self::Going(since) if now >= since + CALLED_OFF => {
                self.awake(now, None);
                false
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_login_is_followed_by_a_longer_quiet() {
        let mut sleep = SleepState::default();
        sleep.logged_in(at(0));
        assert!(sleep.awake(at(5), Some(at(3))), "a short sleep");
        assert_eq!(sleep.due(), Some(at(60)), "does not end it sooner");
        assert!(!sleep.tick(at(59)));
        assert!(sleep.tick(at(60)));
        assert!(!sleep.is_quiet());
    }

    #[test]
    fn waking_is_followed_by_quiet() {
        let mut sleep = SleepState::default();
        sleep.asleep(at(10));
        assert!(sleep.is_quiet());
        assert!(sleep.awake(at(11), Some(at(0))), "the system said so");
        assert_eq!(sleep.due(), Some(at(41)));
        assert!(!sleep.tick(at(40)));
        assert!(sleep.tick(at(41)));
        assert!(!sleep.is_quiet());
        assert!(!sleep.tick(at(42)), "once");
    }

    #[test]
    fn a_gap_between_the_clocks_is_sleep_and_a_nap_is_none() {
        let mut sleep = SleepState::default();
        assert!(!sleep.awake(at(5), Some(at(1))));
        assert!(!sleep.is_quiet());
        assert!(sleep.awake(at(5), Some(at(3_600))));
        assert!(sleep.is_quiet());
    }

    #[test]
    fn sleep_that_never_came_ends_in_quiet() {
        let mut sleep = SleepState::default();
        sleep.asleep(at(0));
        assert!(!sleep.tick(at(59)));
        assert!(!sleep.tick(at(60)));
        assert!(sleep.is_quiet());
        assert!(sleep.tick(at(90)));
    }
}
