//! The rate of a counter: the increase between two readings, divided by the time between them.
//! Pure.

use std::time::Duration;

/// A counter, which continues at zero after its largest number (RFC 2578, sections 7.1.6 and
/// 7.1.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counter {
    /// `Counter32`
    Short(u32),
    /// `Counter64`
    Long(u64),
}

/// A reading of a counter at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The counter.
    pub(super) counter: Counter,
    /// The agent's sysUpTime at that time: hundredths of a second since it started.
    pub(super) up_time: u32,
    /// The same time by our own clock, since an arbitrary zero.
    pub(super) at: Duration,
}

/// How far the agent's clock and ours may differ, in seconds: an answer takes some time to arrive,
/// …
const SLACK: f64 = 5.0;
/// … plus this share of the time between the readings, because clocks drift.
const DRIFT: f64 = 0.02;

/// The increase a second between two readings. `None` if the second does not continue the first:
/// because the agent was restarted, because the counter was reset, or because no time passed.
pub(super) fn per_second(before: Mark, now: Mark) -> Option<f64> {
    // sysUpTime wraps as well, after 497 days. A restart therefore shows in its advance, which then
    // differs from that of our clock.
    let seconds = f64::from(now.up_time.wrapping_sub(before.up_time)) / 100.0;
    let passed = now.at.checked_sub(before.at)?.as_secs_f64();
    if seconds <= 0.0 || (seconds - passed).abs() > SLACK + passed * DRIFT {
        return None;
    }
    let counted = match (before.counter, now.counter) {
        (Counter::Short(before), Counter::Short(now)) => f64::from(now.wrapping_sub(before)),
        // No 64-bit counter advances by half its range between two checks, so that it must have
        // been reset.
        (Counter::Long(before), Counter::Long(now)) => match now.wrapping_sub(before) {
            counted if counted > u64::MAX / 2 => return None,
            counted => counted as f64,
        },
        _ => return None,
    };
    Some(counted / seconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Counter::{Long, Short};
    use super::*;

    /// Checks the rate between two readings that are `seconds` apart by our clock.
    fn check(
        (first, first_ticks): (Counter, u32),
        (second, second_ticks): (Counter, u32),
        seconds: u64,
        expected: Option<f64>,
    ) {
        let mark = |counter, up_time, seconds| Mark {
            counter,
            up_time,
            at: Duration::from_secs(seconds),
        };
        let rate = per_second(
            mark(first, first_ticks, 1_000),
            mark(second, second_ticks, 1_000 + seconds),
        );
        let what = format!("{first:?} {first_ticks} {second:?} {second_ticks} {seconds}");
        assert_eq!(rate, expected, "{what}");
    }

    #[test]
    fn counters_go_on_and_wrap() {
        let short = |a, b| check((Short(a), 100), (Short(b), 1_100), 10, Some(5.0));
        short(0, 50);
        short(u32::MAX - 9, 40);
        let long = |a, b| check((Long(a), 100), (Long(b), 1_100), 10, Some(5.0));
        long(0, 50);
        long(u64::MAX - 9, 40);
        long(u64::from(u32::MAX), u64::from(u32::MAX) + 50);
        check((Short(7), 100), (Short(7), 1_100), 10, Some(0.0));
    }

    #[test]
    fn the_agents_own_clock_measures() {
        check((Short(0), 0), (Short(100), 1_000), 11, Some(10.0));
        check(
            (Short(0), u32::MAX - 499),
            (Short(100), 500),
            10,
            Some(10.0),
        );
        check((Short(0), 100), (Short(1), 100), 0, None);
    }

    #[test]
    fn after_a_restart_there_is_no_rate() {
        check((Short(900), 500_000), (Short(10), 1_000), 30, None);
        check((Long(900), 500_000), (Long(10), 1_000), 30, None);
        // The agent restarted, and has been up longer than at the first reading.
        check((Short(900), 1_000), (Short(10), 2_000), 60, None);
        // Only the counter was reset.
        check((Long(900), 1_000), (Long(10), 4_000), 30, None);
        // Another device answers.
        check((Short(900), 1_000), (Short(910), 90_000_000), 30, None);
        check((Short(900), 1_000), (Long(910), 4_000), 30, None);
    }

    proptest! {
        #[test]
        fn a_rate_is_a_number_and_not_negative(
            counters in any::<(u64, u64)>(), ticks in any::<(u32, u32)>(),
            at in (0_u64..1 << 40, 0_u64..1 << 40), long in any::<bool>(),
        ) {
            let mark = |counter: u64, up_time, at| Mark {
                counter: if long { Long(counter) } else { Short(counter as u32) },
                up_time,
                at: Duration::from_millis(at),
            };
            let rate = per_second(mark(counters.0, ticks.0, at.0), mark(counters.1, ticks.1, at.1));
            prop_assert!(rate.is_none_or(|rate| rate.is_finite() && rate >= 0.0));
        }

        /// A counter that wraps has the same rate as one that does not.
        #[test]
        fn a_wrap_does_not_show(
            from in any::<(u64, u32)>(), counted in any::<u32>(), seconds in 1_u32..1_000_000,
            long in any::<bool>(),
        ) {
            let counters = if long {
                (Long(from.0), Long(from.0.wrapping_add(counted.into())))
            } else {
                (Short(from.0 as u32), Short((from.0 as u32).wrapping_add(counted)))
            };
            let ticks = (from.1, from.1.wrapping_add(seconds * 100));
            let rate = f64::from(counted) / f64::from(seconds);
            check((counters.0, ticks.0), (counters.1, ticks.1), seconds.into(), Some(rate));
        }
    }
}
