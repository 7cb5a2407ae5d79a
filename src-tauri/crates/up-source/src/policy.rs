//! How up.toml says what a tree's status is made of; the core folds by it.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use up_core::fold::Policy;

/// A tree's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKey {
    /// The mean of the sources' statuses, by their weights.
    Mean,
    /// The lowest of them.
    Worst,
    /// The highest of them.
    Best,
    /// Up when at least so many of them are wholly up; below that, the share that is.
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
