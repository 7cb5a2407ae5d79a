//! The rate limit: the largest number of notices a minute.

use std::collections::VecDeque;
use std::time::Duration;

/// The time over which notices are counted.
const MINUTE: Duration = Duration::from_mins(1);

/// When the notices of the last minute were made, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct RateLimiter {
    told: VecDeque<Duration>,
}

impl RateLimiter {
    /// How many more notices may be made now, of `most` a minute.
    pub(super) fn left(&mut self, most: usize, now: Duration) -> usize {
        while self.told.front().is_some_and(|told| *told + MINUTE <= now) {
            self.told.pop_front();
        }
        most.saturating_sub(self.told.len())
    }

    /// Records a notice.
    pub(super) fn told(&mut self, now: Duration) {
        self.told.push_back(now);
    }

    /// When the notices that count were made.
    pub(super) fn times(&self) -> impl Iterator<Item = Duration> {
        self.told.iter().copied()
    }

    /// Restores the times of earlier notices, in any order.
    pub(super) fn restore(&mut self, told: impl Iterator<Item = Duration>) {
        self.told.extend(told);
        self.told.make_contiguous().sort_unstable();
    }

    /// When the next notice may be made.
    pub(super) fn next(&self, now: Duration) -> Duration {
        self.told.front().map_or(now, |told| *told + MINUTE)
    }
}
