//! The beat: everything that polls does so at the same moments, once a second. Waking the process
//! up costs several times what one poll costs.

use std::sync::LazyLock;
use std::time::Duration;

use tokio::time::Instant;

/// The time between two beats.
const LENGTH: Duration = Duration::from_secs(1);

/// A beat of this process. All other beats are whole seconds away from it.
static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The last beat at or before `now`.
pub(crate) fn last(now: Instant) -> Instant {
    let since = now.saturating_duration_since(*FIRST).as_nanos() % LENGTH.as_nanos();
    // The remainder is less than a second and fits into 64 bits.
    let since = Duration::from_nanos(u64::try_from(since).unwrap_or_default());
    now.checked_sub(since).unwrap_or(now)
}

/// The next beat after `now`.
pub(crate) fn next(now: Instant) -> Instant {
    last(now) + LENGTH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn beats_are_a_second_apart_whoever_asks_when() {
        let first = next(Instant::now());
        let check = |millis, expected: Duration| {
            let now = first + Duration::from_millis(millis);
            assert_eq!(next(now), first + expected, "{millis} ms");
            assert_eq!(last(now) + LENGTH, next(now), "{millis} ms");
        };
        check(0, LENGTH);
        check(1, LENGTH);
        check(999, LENGTH);
        check(1_000, 2 * LENGTH);
        check(3_600_001, 3_601 * LENGTH);
    }
}
