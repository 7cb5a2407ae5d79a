//! Sleep: from the system's word that it goes to sleep, or a clock that counts sleep running ahead
//! of one that does not, to the end of a quiet window after waking.

use std::time::Duration;

/// After waking nothing is judged for so long: links, leases and resolvers come back one by one.
pub(super) const QUIET: Duration = Duration::from_secs(30);
/// Shorter naps than this change nothing: what was under way goes on.
const NAP: Duration = Duration::from_secs(2);
/// Said to go to sleep, and still awake so long after: it was called off.
const CALLED_OFF: Duration = Duration::from_mins(1);

/// Whether we sleep, or have just woken. Times are by the steady clock, which stands still meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SleepState {
    #[default]
    Awake,
    /// The system said that it goes to sleep, then.
    Going(Duration),
    /// Awake again, and quiet until then.
    Quiet(Duration),
}

impl SleepState {
    /// The system goes to sleep.
    pub(super) fn asleep(&mut self, now: Duration) {
        *self = Self::Going(now);
    }

    /// The system woke, after so long where that is known. True when that was more than a nap.
    pub(super) fn awake(&mut self, now: Duration, slept: Option<Duration>) -> bool {
        let was_going = matches!(self, Self::Going(_));
        let counts = was_going || slept.is_none_or(|slept| slept >= NAP);
        if counts {
            *self = Self::Quiet(now + QUIET);
        }
        counts
    }

    /// True while nothing is judged.
    pub(super) fn is_quiet(self) -> bool {
        self != Self::Awake
    }

    /// When something ends by itself.
    pub(super) fn due(self) -> Option<Duration> {
        match self {
            Self::Awake => None,
            Self::Going(since) => Some(since + CALLED_OFF),
            Self::Quiet(until) => Some(until),
        }
    }

    /// True, once, when the quiet is over.
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
