//! Waits for conditions, with a time limit and without fixed sleeps.

use std::fmt::Display;
use std::time::{Duration, Instant};

use crate::daemon::PATIENCE;

const PAUSE: Duration = Duration::from_millis(50);

/// Polls until `look` returns something. Fails the test if that takes too long.
pub async fn eventually<T>(what: impl Display, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "in {PATIENCE:?} it did not come to this: {what}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}

/// Polls until the value equals `expected`. Fails the test with the last value.
pub async fn becomes<T: PartialEq + std::fmt::Debug>(
    what: impl Display,
    expected: &T,
    mut look: impl AsyncFnMut() -> T,
) {
    let start = Instant::now();
    loop {
        let seen = look().await;
        if seen == *expected {
            return;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "{what}: after {PATIENCE:?} it is {seen:?}, and not {expected:?}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}
