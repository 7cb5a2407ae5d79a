//! The only place that reads the wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use up_core::Timestamp;

/// The current time in Unix seconds.
pub fn now() -> Timestamp {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
