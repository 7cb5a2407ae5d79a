//! How people are notified, for the whole tree.

use std::time::Duration;

/// Within which bounds people are notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotifyPolicy {
    /// Changes that come within so long of the first go together.
    pub group_within: Duration,
    /// Never more notices a minute; what is over goes into a summary. At least 1.
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
