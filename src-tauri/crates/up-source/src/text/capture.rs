//! Finds what the first group of a pattern matched.

use std::ops::Range;

use regex_automata::nfa::thompson::WhichCaptures;

use super::pace::Pace;
use super::pattern::Pattern;
use super::threads::Threads;

/// A search for the bounds of the first group of the first match.
#[derive(Debug)]
pub(super) struct Capture(Threads);

impl Capture {
    /// A search with `pattern`. `None` if it does not compile.
    pub(super) fn of(pattern: &Pattern) -> Option<Self> {
        let nfa = pattern.compile(WhichCaptures::All).ok()?;
        Some(Self(Threads::with_groups(nfa)))
    }

    /// Reads the next block of the text. True if the match is final, whatever follows.
    pub(super) async fn feed(&mut self, block: &[u8], pace: &mut Pace) -> bool {
        self.0.feed(block, pace).await
    }

    /// The bounds of the group in bytes, if the text ends here. Without a group, or if it took no
    /// part in the match, the bounds of the match.
    pub(super) async fn end(mut self, pace: &mut Pace) -> Option<Range<usize>> {
        self.0.end(pace).await;
        let [from, to, group_from, group_to] = self.0.groups()?;
        let group = group_from.zip(group_to).or(from.zip(to))?;
        Some(group.0..group.1)
    }
}
