//! Whether a text has a match, block by block as it comes, and nothing twice.

use regex_automata::Input;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{NFA, WhichCaptures};

use super::DecodedText;
use super::pace::Pace;
use super::pattern::Pattern;
use super::threads::Threads;

/// The memory in which the lazy DFA keeps its states, in bytes; when it is full they are made anew.
const CACHE: usize = 1 << 20;

/// So many bytes go through states that are known before the clock is looked at.
const STRIDE: usize = 4096;

/// A search that is under way. A clone goes on by itself from where it is.
#[derive(Clone, Debug)]
pub(crate) struct Search(SearchEngine);

#[derive(Clone, Debug)]
enum SearchEngine {
    /// A DFA whose states are made when they are first needed. Its step takes a nanosecond, or as
    /// long as the expression is large where the state is new.
    Lazy(Box<Lazy>),
    /// Where Unicode's idea of a word counts, which no DFA can tell.
    Threads(Box<Threads>),
    /// There can be no match.
    Nothing,
}

#[derive(Clone, Debug)]
struct Lazy {
    dfa: DFA,
    cache: Cache,
    /// None when no match can follow.
    state: Option<LazyStateID>,
}

impl Search {
    /// A search for a match of `pattern`.
    pub(super) fn of(pattern: &Pattern) -> Self {
        // It compiled with its groups when it was read, and takes less without.
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

    /// Whether a whole text has a match. The search begins anew with it.
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

    /// Reads on. True when there is a match, whatever follows.
    pub(crate) async fn feed(&mut self, block: &[u8], pace: &mut Pace) -> bool {
        match &mut self.0 {
            SearchEngine::Nothing => false,
            SearchEngine::Threads(threads) => threads.feed(block, pace).await,
            SearchEngine::Lazy(lazy) => lazy.feed(block, pace).await,
        }
    }

    /// Whether there is a match, when the text ends here.
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
                // It is new, or the search ends here.
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
