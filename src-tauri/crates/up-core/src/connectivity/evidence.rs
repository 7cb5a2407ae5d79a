//! Evidence that this machine's network was there: the times at which checks began that got
//! through, or that references answered. A check that timed out may have failed because the network
//! was away for a few seconds when it began. By the time it fails, the references answer again.
//!
//! Room: the times alone. The watch decides what they mean for a failure.

use std::collections::VecDeque;
use std::time::Duration;

/// Times closer together than this are kept as one.
const STEP: Duration = Duration::from_millis(200);
/// How long times are kept.
const KEPT: Duration = Duration::from_mins(2);
/// The network was there at any moment between two times that are at most this far apart.
const APART: Duration = Duration::from_secs(6);
/// A failure faster than this is no timeout. The time when the references answered is then close
/// enough.
const QUICK: Duration = Duration::from_secs(1);
/// A check that got through but took longer than this may have waited for the network.
const SLOW: Duration = Duration::from_secs(2);

/// The times when the network was there, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    times: VecDeque<Duration>,
}

impl Evidence {
    /// Records that a check or a reference got through.
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

    /// Compares whether a check from `began` to `failed` is covered by the times that got through,
    /// all in seconds.
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
