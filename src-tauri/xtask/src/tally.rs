//! Counts the tests that passed and failed, from the last line that libtest prints for each binary.

use std::sync::{Arc, Mutex, PoisonError};

/// A running count, shared with the reader of the output.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<Mutex<Counts>>);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    passed: usize,
    failed: usize,
    ignored: usize,
}

impl Tally {
    /// Counts `line` if it is such a line.
    pub(crate) fn see(&self, line: &str) {
        let Some(seen) = closing(line) else { return };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.passed += seen.passed;
        all.failed += seen.failed;
        all.ignored += seen.ignored;
    }

    /// The count as a text. `None` if no tests were run.
    pub(crate) fn words(&self) -> Option<String> {
        let all = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all == Counts::default() {
            return None;
        }
        let ignored = match all.ignored {
            0 => String::new(),
            n => format!(", {n} ignored"),
        };
        Some(format!(
            "{} passed, {} failed{ignored}",
            all.passed, all.failed
        ))
    }
}

/// Parses `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in
/// …`
fn closing(line: &str) -> Option<Counts> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut seen = Counts::default();
    for part in counts.split("; ") {
        match part.split_once(' ') {
            Some((n, "passed")) => seen.passed = n.parse().ok()?,
            Some((n, "failed")) => seen.failed = n.parse().ok()?,
            Some((n, "ignored")) => seen.ignored = n.parse().ok()?,
            _ => {}
        }
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_closing_lines_count() {
        let check = |lines: &[&str], expected: Option<&str>| {
            let tally = Tally::default();
            for line in lines {
                tally.see(line);
            }
            assert_eq!(tally.words().as_deref(), expected, "{lines:?}");
        };
        let good = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; \
                    finished in 0.02s";
        let bad = "test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered \
                   out; finished in 1.10s";
        check(&[good], Some("12 passed, 0 failed"));
        check(
            &[good, "test it ... ok", bad],
            Some("13 passed, 2 failed, 1 ignored"),
        );
        check(&["running 3 tests", "3 passed"], None);
    }
}
