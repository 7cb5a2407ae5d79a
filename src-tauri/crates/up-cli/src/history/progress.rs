//! The progress line of long work: on stderr, and only on a terminal.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// The shortest time between two changes of the line.
const TICK: Duration = Duration::from_millis(200);

/// A line that is written again and again, and removed at the end.
pub(super) struct WorkProgress {
    is_shown: bool,
    last: Option<Instant>,
}

impl WorkProgress {
    pub(super) fn new() -> Self {
        Self {
            is_shown: io::stderr().is_terminal(),
            last: None,
        }
    }

    /// Shows a text, unless the line has just changed.
    pub(super) fn show(&mut self, text: impl FnOnce() -> String) {
        if !self.is_shown || self.last.is_some_and(|last| last.elapsed() < TICK) {
            return;
        }
        self.last = Some(Instant::now());
        // If stderr is closed, there is nobody to see it.
        let _ = write!(io::stderr(), "\r{}\u{1b}[K", text());
    }
}

impl Drop for WorkProgress {
    fn drop(&mut self) {
        if self.last.is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
