//! What a test says although it passes: that this machine cannot show a part of what it is about.

use std::io::Write;

/// Says so on standard error itself, which no test runner keeps to itself.
pub fn aloud(text: &str) {
    // A closed standard error has no reader to miss it.
    let _ = writeln!(std::io::stderr(), "note: {text}");
}
