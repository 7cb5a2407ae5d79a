//! The policy of notifications for the whole configuration.

use std::time::Duration;

/// The limits of notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotifyPolicy {
    /// Changes that come within this time of the first share a notice.
    pub group_within: Duration,
    /// The largest number of notices a minute, at least 1. What exceeds it goes into a summary.
    pub most: usize,
}

impl Default for NotifyPolicy {
    fn default() -> Self {
        Self {
            group_within: Duration::from_secs(10),
            most: 6,
        }
    }
}
