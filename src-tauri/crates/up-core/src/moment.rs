//! A moment by both clocks, and how times by one become times by the other over a restart.

use std::time::Duration;

use crate::sample::Timestamp;

/// No reminder, and nothing else that is due, lies further ahead than this.
const FURTHEST: Duration = Duration::from_hours(24);

/// When something happened, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Unix seconds; may jump.
    pub wall: Timestamp,
    /// Since some fixed moment; never jumps, and stands still while the machine sleeps.
    pub steady: Duration,
}

/// A wall-clock time that was, by the steady clock. A wall clock that was set back meanwhile makes
/// it now; the steady clock has to begin far enough above zero to reach back.
pub(crate) fn past(time: Timestamp, now: Moment) -> Duration {
    let ago = Duration::try_from_secs_f64(now.wall - time).unwrap_or_default();
    now.steady.saturating_sub(ago)
}

/// A wall-clock time that is to come, by the steady clock: now at the soonest, a day ahead at the
/// latest, whatever became of the wall clock.
pub(crate) fn future(time: Timestamp, now: Moment) -> Duration {
    let left = Duration::try_from_secs_f64(time - now.wall).unwrap_or_default();
    now.steady + left.min(FURTHEST)
}

/// A time by the steady clock as one of the wall clock.
pub(crate) fn wall(steady: Duration, now: Moment) -> Timestamp {
    now.wall + steady.as_secs_f64() - now.steady.as_secs_f64()
}

/// A wall-clock time that was: what lies in the future, or is no number, is now.
pub(crate) fn clamped(time: Timestamp, now: Timestamp) -> Timestamp {
    if time.is_finite() { time.min(now) } else { now }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment {
        wall: 1_000_000.0,
        steady: Duration::from_secs(5_000),
    };

    #[test]
    fn times_survive_a_clock_that_was_set() {
        let check = |time: Timestamp, was: u64, comes: u64| {
            assert_eq!(past(time, NOW).as_secs(), was, "{time} as a past time");
            assert_eq!(
                future(time, NOW).as_secs(),
                comes,
                "{time} as a time to come"
            );
        };
        check(999_990.0, 4_990, 5_000);
        check(1_000_010.0, 5_000, 5_010);
        check(0.0, 0, 5_000);
        check(1e12, 5_000, 5_000 + 86_400);
        check(f64::NAN, 5_000, 5_000);
        check(f64::INFINITY, 5_000, 5_000);
    }
}
