//! Notes of a test that passes although this machine cannot show a part of what it tests.

use std::io::Write;

/// Prints a note to standard error itself, which no test runner captures.
pub fn aloud(text: &str) {
    // A closed standard error has no reader.
    let _ = writeln!(std::io::stderr(), "note: {text}");
}
