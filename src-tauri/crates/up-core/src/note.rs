//! A person's remark with a date: the original's annotation.

use serde::Serialize;

use crate::line::one_line;
use crate::sample::Timestamp;

/// A remark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Note {
    message: String,
    /// When.
    pub date: Timestamp,
}

impl Note {
    /// The longest message kept, in bytes.
    pub const MAX_MESSAGE: usize = 2_000;

    /// A remark, whoever made it: its message is made one line and bounded.
    pub fn new(message: impl AsRef<str>, date: Timestamp) -> Self {
        Self {
            message: one_line(message.as_ref(), Self::MAX_MESSAGE),
            date,
        }
    }

    /// What was said.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same, to be kept.
    pub fn into_message(self) -> String {
        self.message
    }
}
