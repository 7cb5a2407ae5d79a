//! A note: a person's remark with a date, and what a person did with notes.

use serde::Serialize;

use crate::line::one_line;
use crate::path::is_at_or_below;
use crate::sample::Timestamp;

/// A person's remark with a date. Two notes with the same content are one note.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Note {
    message: String,
    /// The time that the note is about, Unix seconds.
    pub date: Timestamp,
    /// The path of the source or tree that the note is about; `None` if it is about everything.
    pub path: Option<String>,
}

impl Note {
    /// The longest message, in bytes.
    pub const MAX_MESSAGE: usize = 2_000;

    /// A note about everything. Its message becomes one bounded line.
    pub fn new(message: impl AsRef<str>, date: Timestamp) -> Self {
        Self {
            message: one_line(message.as_ref(), Self::MAX_MESSAGE),
            date,
            path: None,
        }
    }

    /// The same note about one source or tree; about everything if there is no path.
    #[must_use]
    pub fn about(self, path: Option<String>) -> Self {
        Self { path, ..self }
    }

    /// The message of the note.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The message of the note, without copying it.
    pub fn into_message(self) -> String {
        self.message
    }

    /// True if the other is this note as another store has it, which may round its date.
    pub fn is_same(&self, other: &Self) -> bool {
        self.message == other.message
            && self.path == other.path
            && (self.date - other.date).abs() < 1e-3
    }

    /// True if the history of this path shows the note: a note about everything, about the path itself,
    /// about a tree above it, or about something below it.
    pub fn concerns(&self, path: &str) -> bool {
        let about = self.path.as_deref();
        about.is_none_or(|about| is_at_or_below(about, path) || is_at_or_below(path, about))
    }
}

/// What a person did with notes: wrote one, removed one, or put one in the place of another.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteEdit {
    /// When it was done, Unix seconds.
    pub at: Timestamp,
    /// The note that is no longer there.
    pub removed: Option<Note>,
    /// The note that is there now.
    pub added: Option<Note>,
}

impl NoteEdit {
    /// A note was written.
    pub fn add(note: Note, at: Timestamp) -> Self {
        Self {
            at,
            removed: None,
            added: Some(note),
        }
    }

    /// A note was removed.
    pub fn remove(note: Note, at: Timestamp) -> Self {
        Self {
            at,
            removed: Some(note),
            added: None,
        }
    }

    /// A note was put in the place of another.
    pub fn replace(old: Note, new: Note, at: Timestamp) -> Self {
        Self {
            at,
            removed: Some(old),
            added: Some(new),
        }
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
            "a 2026-11-22 note: b",
        );
        let long = Note::new("x".repeat(1 << 20), 0.0);
        assert_eq!(long.message().len(), Note::MAX_MESSAGE);
    }

    #[test]
    fn a_note_concerns_its_source_and_what_is_above_and_below() {
        let check = |about: Option<&str>, path: &str, expected: bool| {
            let note = Note::new("n", 0.0).about(about.map(str::to_owned));
            assert_eq!(note.concerns(path), expected, "{about:?} {path}");
        };
        check(None, "/R/a", true);
        check(Some("/R/a"), "/R/a", true);
        check(Some("/R"), "/R/a/b", true);
        check(Some("/R/a/b"), "/R", true);
        check(Some("/R/a"), "/R/ab", false);
        check(Some("/R/ab"), "/R/a", false);
        check(Some("/R/a"), "/R/b", false);
    }
}
