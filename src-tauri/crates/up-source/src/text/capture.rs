//! What the first group of the first match is.

use std::ops::Range;

use regex_automata::nfa::thompson::WhichCaptures;

use super::pace::Pace;
use super::pattern::Pattern;
use super::threads::Threads;

/// A search for the bounds of a group.
#[derive(Debug)]
pub(super) struct Capture(Threads);

impl Capture {
    pub(super) fn of(pattern: &Pattern) -> Option<Self> {
        let nfa = pattern.compile(WhichCaptures::All).ok()?;
        Some(Self(Threads::with_groups(nfa)))
    }

    /// Reads on. True when the match is known, whatever follows.
    pub(super) async fn feed(&mut self, block: &[u8], pace: &mut Pace) -> bool {
        self.0.feed(block, pace).await
    }

    /// Where the group is in the text, which ends here.
    pub(super) async fn end(mut self, pace: &mut Pace) -> Option<Range<usize>> {
        self.0.end(pace).await;
        let [from, to, group_from, group_to] = self.0.groups()?;
        let group = group_from.zip(group_to).or(from.zip(to))?;
        Some(group.0..group.1)
    }
}
