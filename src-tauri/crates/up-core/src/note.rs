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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_message_is_one_bounded_line() {
        let check = |message: &str, expected: &str| {
            assert_eq!(Note::new(message, 0.0).message(), expected);
        };
        check("deploy 42", "deploy 42");
        check(
            "a\n2026-11-22 note: b\u{1b}]0;x\u{7}",
            "a 2026-11-22 note: b ]0;x",
        );
        let long = Note::new("x".repeat(1 << 20), 0.0);
        assert_eq!(long.message().len(), Note::MAX_MESSAGE);
    }
}
