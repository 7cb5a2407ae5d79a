//! Searches a text for a match block by block, as it arrives, and reads no byte twice.

use regex_automata::Input;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{NFA, WhichCaptures};

use super::DecodedText;
use super::pace::Pace;
use super::pattern::Pattern;
use super::threads::Threads;

/// The memory in bytes in which the lazy DFA caches its states. When it is full, they are dropped
/// and built again.
const CACHE: usize = 1 << 20;

/// The number of bytes that pass through cached states between two looks at the clock.
const STRIDE: usize = 4096;

/// A search under way. A clone continues on its own from the same place.
#[derive(Clone, Debug)]
pub(crate) struct Search(SearchEngine);

#[derive(Clone, Debug)]
enum SearchEngine {
    /// A DFA that builds its states when they are first needed. A step takes about a nanosecond, or
    /// time in proportion to the size of the expression if its state is new.
    Lazy(Box<Lazy>),
    /// An NFA simulation, for Unicode word boundaries, which no DFA can decide.
    Threads(Box<Threads>),
    /// No match is possible.
    Nothing,
}

#[derive(Clone, Debug)]
struct Lazy {
    dfa: DFA,
    cache: Cache,
    /// `None` if no match can follow.
    state: Option<LazyStateID>,
}

impl Search {
    /// Starts a search for a match of `pattern`.
    pub(super) fn of(pattern: &Pattern) -> Self {
        // The pattern compiled with its groups when it was read, and takes less memory without.
        let Ok(nfa) = pattern.compile(WhichCaptures::None) else {
            return Self(SearchEngine::Nothing);
        };
        if nfa.look_set_any().contains_word_unicode() {
            return Self(SearchEngine::Threads(Box::new(Threads::of(nfa))));
        }
        Self(Lazy::of(nfa).map_or(SearchEngine::Nothing, |lazy| {
            SearchEngine::Lazy(Box::new(lazy))
        }))
    }

    /// True if the whole `text` has a match. Restarts the search.
    pub(crate) async fn is_in(&mut self, text: &DecodedText<'_>, pace: &mut Pace) -> bool {
        match &mut self.0 {
            SearchEngine::Nothing => return false,
            SearchEngine::Threads(threads) => threads.begin(),
            SearchEngine::Lazy(lazy) => lazy.begin(),
        }
        let mut blocks = text.blocks();
        while let Some(block) = blocks.next() {
            if self.feed(block, pace).await {
                return true;
            }
        }
        self.end(pace).await
    }

    /// Reads the next block of the text. True if there is a match, whatever follows.
    pub(crate) async fn feed(&mut self, block: &[u8], pace: &mut Pace) -> bool {
        match &mut self.0 {
            SearchEngine::Nothing => false,
            SearchEngine::Threads(threads) => threads.feed(block, pace).await,
            SearchEngine::Lazy(lazy) => lazy.feed(block, pace).await,
        }
    }

    /// True if there is a match, should the text end here.
    pub(crate) async fn end(&mut self, pace: &mut Pace) -> bool {
        match &mut self.0 {
            SearchEngine::Nothing => false,
            SearchEngine::Threads(threads) => threads.end(pace).await,
            SearchEngine::Lazy(lazy) => lazy.end(),
        }
    }
}

impl Lazy {
    fn of(nfa: NFA) -> Option<Self> {
        let config = Config::new()
            .cache_capacity(CACHE)
            .skip_cache_capacity_check(true);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let cache = dfa.create_cache();
        let mut lazy = Self {
            dfa,
            cache,
            state: None,
        };
        lazy.begin();
        Some(lazy)
    }

    fn begin(&mut self) {
        let start = Input::new("");
        self.state = self.dfa.start_state_forward(&mut self.cache, &start).ok();
    }

    async fn feed(&mut self, block: &[u8], pace: &mut Pace) -> bool {
        let Some(mut state) = self.state else {
            return false;
        };
        for bytes in block.chunks(STRIDE) {
            for &byte in bytes {
                let known = self.dfa.next_state_untagged(&self.cache, state, byte);
                if !known.is_tagged() {
                    state = known;
                    continue;
                }
                // The state is new, or the search ends here.
                match self.dfa.next_state(&mut self.cache, state, byte) {
                    Ok(next) if !next.is_tagged() => state = next,
                    Ok(next) if next.is_match() => return true,
                    _ => {
                        self.state = None;
                        return false;
                    }
                }
                pace.breathe().await;
            }
            pace.breathe().await;
        }
        self.state = Some(state);
        false
    }

    fn end(&mut self) -> bool {
        let Some(state) = self.state else {
            return false;
        };
        let end = self.dfa.next_eoi_state(&mut self.cache, state);
        end.is_ok_and(|state| state.is_match())
    }
}
