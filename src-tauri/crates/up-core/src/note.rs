//! A note: a person's remark with a date.

use serde::Serialize;

use crate::line::one_line;
use crate::sample::Timestamp;

/// A person's remark with a date.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Note {
    message: String,
    /// When the note was made, Unix seconds.
    pub date: Timestamp,
}

impl Note {
    /// The longest message, in bytes.
    pub const MAX_MESSAGE: usize = 2_000;

    /// A note. Its message becomes one bounded line.
    pub fn new(message: impl AsRef<str>, date: Timestamp) -> Self {
        Self {
            message: one_line(message.as_ref(), Self::MAX_MESSAGE),
            date,
        }
    }

    /// The message of the note.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The message of the note, without copying it.
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
