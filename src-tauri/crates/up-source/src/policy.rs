//! The key `policy`: how the status of a tree follows from those of its sources.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use up_core::fold::Policy;

/// How the status of a tree follows from those of its sources. Sources that are unknown or held do
/// not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKey {
    /// The mean of their statuses; each counts by its `weight`.
    Mean,
    /// The lowest of their statuses.
    Worst,
    /// The highest of their statuses.
    Best,
    /// Up if at least this number of them are up; below that, the number of those that are up
    /// divided by this number. At least 1, at most the number of sources: `{ at_least = 2 }`.
    AtLeast(NonZeroU32),
}

impl From<PolicyKey> for Policy {
    fn from(policy: PolicyKey) -> Self {
        match policy {
            PolicyKey::Mean => Self::Mean,
            PolicyKey::Worst => Self::Worst,
            PolicyKey::Best => Self::Best,
            PolicyKey::AtLeast(number) => Self::AtLeast(number.get()),
        }
    }
}
