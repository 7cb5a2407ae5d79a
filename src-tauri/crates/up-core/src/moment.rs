//! A moment by both clocks, and the conversion of times between the clocks over a restart.

use std::time::Duration;

use crate::sample::Timestamp;

/// Reminders and everything else that is due are at most this far ahead.
const FURTHEST: Duration = Duration::from_hours(24);

/// A moment by both clocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The wall clock in Unix seconds. It may jump.
    pub wall: Timestamp,
    /// The steady clock: time since some fixed moment. It never jumps, and stands still while the
    /// machine sleeps.
    pub steady: Duration,
}

/// Converts a past wall-clock time to the steady clock. A time that is in the future, because the
/// wall clock was set back, becomes `now`. The steady clock must begin far enough above zero to
/// express the past.
pub(crate) fn past(time: Timestamp, now: Moment) -> Duration {
    let ago = Duration::try_from_secs_f64(now.wall - time).unwrap_or_default();
    now.steady.saturating_sub(ago)
}

/// Converts a future wall-clock time to the steady clock: at least `now`, and at most a day ahead,
/// even if the wall clock was set.
pub(crate) fn future(time: Timestamp, now: Moment) -> Duration {
    let left = Duration::try_from_secs_f64(time - now.wall).unwrap_or_default();
    now.steady + left.min(FURTHEST)
}

/// Converts a time of the steady clock to the wall clock.
pub(crate) fn wall(steady: Duration, now: Moment) -> Timestamp {
    now.wall + steady.as_secs_f64() - now.steady.as_secs_f64()
}

/// A past wall-clock time: one in the future, or that is no number, becomes `now`.
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
