//! Measures how long the machine slept: compares a clock that counts sleep with one that does not.

use std::time::Duration;

/// The shortest sleep that is reported. Smaller differences are the clocks' inaccuracy.
const SHORTEST_SLEEP: Duration = Duration::from_secs(2);

/// The difference of the two clocks, as last read.
#[derive(Debug)]
pub(super) struct Clocks {
    /// How far the clock that counts sleep is ahead.
    ahead: Duration,
}

impl Clocks {
    /// Reads both clocks for the first time.
    pub(super) fn start() -> Self {
        Self { ahead: ahead() }
    }

    /// How long the machine slept since the last call; `None` if it did not.
    pub(super) fn slept(&mut self) -> Option<Duration> {
        let ahead = ahead();
        let slept = ahead.saturating_sub(self.ahead);
        if slept < SHORTEST_SLEEP {
            return None;
        }
        self.ahead = ahead;
        Some(slept)
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn ahead() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let read = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
    let steady = read(ClockId::Monotonic);
    read(ClockId::Boottime).saturating_sub(steady)
}

/// On other systems the wall clock stands in for the clock that counts sleep. A wall clock that is
/// set forward counts as sleep, which suppresses alerts for half a minute.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn ahead() -> Duration {
    use std::sync::OnceLock;
    use std::time::{Instant, SystemTime, UNIX_EPOCH};
    static START: OnceLock<Instant> = OnceLock::new();
    let wall = SystemTime::now().duration_since(UNIX_EPOCH);
    let steady = START.get_or_init(Instant::now).elapsed();
    wall.unwrap_or_default().saturating_sub(steady)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn awake_all_the_time_is_not_slept() {
        let mut clocks = Clocks::start();
        assert_eq!(clocks.slept(), None);
    }

    #[test]
    fn a_gap_is_told_once() {
        let mut clocks = Clocks::start();
        // Makes the clocks look as if they had last been read before an hour of sleep.
        clocks.ahead = clocks.ahead.saturating_sub(Duration::from_hours(1));
        let had = clocks.ahead + SHORTEST_SLEEP <= ahead();
        assert_eq!(clocks.slept().is_some(), had);
        assert_eq!(clocks.slept(), None, "once");
    }
}
