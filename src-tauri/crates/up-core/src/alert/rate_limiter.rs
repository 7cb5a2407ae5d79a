//! The rate limit: the largest number of notices a minute.

use std::collections::VecDeque;
use std::time::Duration;

/// The time over which notices are counted.
const MINUTE: Duration = Duration::from_mins(1);

/// When the notices of the last minute were made, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct RateLimiter {
    notices: VecDeque<Duration>,
}

impl RateLimiter {
    /// How many more notices may be made now, of `most` a minute.
    pub(super) fn left(&mut self, most: usize, now: Duration) -> usize {
        while self
            .notices
            .front()
            .is_some_and(|date| *date + MINUTE <= now)
        {
            self.notices.pop_front();
        }
        most.saturating_sub(self.notices.len())
    }

    /// Records a notice.
    pub(super) fn record(&mut self, now: Duration) {
        self.notices.push_back(now);
    }

    /// When the notices that count were made.
    pub(super) fn times(&self) -> impl Iterator<Item = Duration> {
        self.notices.iter().copied()
    }

    /// Restores the times of earlier notices, in any order.
    pub(super) fn restore(&mut self, times: impl Iterator<Item = Duration>) {
        self.notices.extend(times);
        self.notices.make_contiguous().sort_unstable();
    }

    /// When the next notice may be made.
    pub(super) fn next(&self, now: Duration) -> Duration {
        self.notices.front().map_or(now, |date| *date + MINUTE)
    }
}
