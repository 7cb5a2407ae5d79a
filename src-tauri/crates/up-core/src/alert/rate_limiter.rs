//! The storm bound: never more than so many notices a minute.

use std::collections::VecDeque;
use std::time::Duration;

/// What the bound is counted over.
const MINUTE: Duration = Duration::from_mins(1);

/// When notices of the last minute were told, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct RateLimiter {
    told: VecDeque<Duration>,
}

impl RateLimiter {
    /// How many more may be told now, of `most` a minute.
    pub(super) fn left(&mut self, most: usize, now: Duration) -> usize {
        while self.told.front().is_some_and(|told| *told + MINUTE <= now) {
            self.told.pop_front();
        }
        most.saturating_sub(self.told.len())
    }

    /// One was told.
    pub(super) fn told(&mut self, now: Duration) {
        self.told.push_back(now);
    }

    /// When those were told that count.
    pub(super) fn times(&self) -> impl Iterator<Item = Duration> {
        self.told.iter().copied()
    }

    /// These were told before, in any order.
    pub(super) fn restore(&mut self, told: impl Iterator<Item = Duration>) {
        self.told.extend(told);
        self.told.make_contiguous().sort_unstable();
    }

    /// When the next one may be told, if none may now.
    pub(super) fn next(&self, now: Duration) -> Duration {
        self.told.front().map_or(now, |told| *told + MINUTE)
    }
}
