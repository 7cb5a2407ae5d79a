//! When our network was surely there: whenever a check that got through, or a question that a
//! reference answered, began. A check that timed out may have failed because our network was away
//! for a few seconds while it began; by the time it fails, the references answer again.
//!
//! Room: the times alone. What they mean for a failure is decided by the watch.

use std::collections::VecDeque;
use std::time::Duration;

/// Times nearer to each other than this are kept as one.
const STEP: Duration = Duration::from_millis(200);
/// What is older is forgotten.
const KEPT: Duration = Duration::from_mins(2);
/// A network that was there before and after, so far apart, was there in between.
const APART: Duration = Duration::from_secs(6);
/// What fails within this is not a timeout: whoever answered the references was there.
const QUICK: Duration = Duration::from_secs(1);
/// What got through in more than this may have waited for our network.
const SLOW: Duration = Duration::from_secs(2);

/// When the network was there, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    times: VecDeque<Duration>,
}

impl Evidence {
    /// Something got through.
    pub(super) fn add(&mut self, began: Duration, ended: Duration) {
        if ended.saturating_sub(began) > SLOW {
            return;
        }
        let at = self.times.partition_point(|time| *time < began);
        let near = |time: Option<&Duration>| time.is_some_and(|time| time.abs_diff(began) < STEP);
        if near(self.times.get(at)) || at > 0 && near(self.times.get(at - 1)) {
            return;
        }
        self.times.insert(at, began);
        let last = self.times.back().copied().unwrap_or_default();
        while self.times.front().is_some_and(|time| *time + KEPT < last) {
            self.times.pop_front();
        }
    }

    /// True when the network was there as a check began that failed at `failed`.
    pub(super) fn covers(&self, began: Duration, failed: Duration) -> bool {
        if failed.saturating_sub(began) < QUICK {
            return true;
        }
        let at = self.times.partition_point(|time| *time < began);
        let after = self.times.get(at);
        let before = at.checked_sub(1).and_then(|at| self.times.get(at));
        let (Some(before), Some(after)) = (before, after) else {
            return false;
        };
        after.saturating_sub(*before) <= APART
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A check that takes from `began` to `failed` beside what got through; all in seconds.
    fn check(times: &[f64], (began, failed): (f64, f64), expected: bool) {
        let mut evidence = Evidence::default();
        for time in times {
            let time = Duration::from_secs_f64(*time);
            evidence.add(time, time);
        }
        let [from, to] = [began, failed].map(Duration::from_secs_f64);
        assert_eq!(
            evidence.covers(from, to),
            expected,
            "{times:?} {began} {failed}"
        );
    }

    #[test]
    fn a_timeout_counts_when_the_network_was_there_before_and_after_it_began() {
        check(&[10.0, 14.0], (12.0, 22.0), true);
        check(&[14.0, 10.0], (12.0, 22.0), true);
        check(&[10.0, 17.0], (12.0, 22.0), false);
        check(&[10.0], (12.0, 22.0), false);
        check(&[14.0], (12.0, 22.0), false);
        check(&[], (12.0, 12.5), true);
    }
}
