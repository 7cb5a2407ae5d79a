//! A person's remark with a date: the original's annotation.

use serde::{Deserialize, Serialize};

use crate::sample::Timestamp;

/// A remark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// What was said.
    pub message: String,
    /// When.
    pub date: Timestamp,
}
