//! An NFA simulation (Pike's virtual machine). It is slower than a DFA, but handles Unicode word
//! boundaries and finds what groups matched. That of regex-automata cannot be paused.

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::primitives::StateID;

use super::pace::Pace;

/// The number of bytes on each side of a position that an assertion may look at: one character.
const AROUND: usize = 4;

/// The number of steps between two looks at the clock.
const STRIDE: usize = 1000;

/// The start and end of the match, and the start and end of its first group, in bytes.
pub(super) type Groups = [Option<usize>; 4];

/// A simulation under way. A clone continues on its own from the same place.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    nfa: NFA,
    /// The active states at the next byte, and those behind it, in the order of preference.
    now: Set,
    next: Set,
    /// The bytes that assertions may look at, and those that are not read yet.
    window: Vec<u8>,
    /// `at` is the position of the next byte in `window`; `before` is the position of `window` in
    /// the text.
    at: usize,
    before: usize,
    /// The best match so far.
    found: Option<Groups>,
    /// States to explore, and groups to restore, for [`Self::follow`].
    stack: Vec<Frame>,
    /// The steps since the last look at the clock.
    steps: usize,
}

/// A set of states that keeps their order.
#[derive(Clone, Debug, Default)]
struct Set {
    states: Vec<StateID>,
    /// The index in `states` of each state of the NFA, valid if it is in the set.
    places: Vec<u32>,
    /// The groups of each state of the NFA. Empty if groups are not wanted.
    groups: Vec<Groups>,
}

#[derive(Clone, Copy, Debug)]
enum Frame {
    Explore(StateID),
    Restore(usize, Option<usize>),
}

impl Set {
    fn new(nfa: &NFA, with_groups: bool) -> Self {
        let states = nfa.states().len();
        Self {
            states: Vec::new(),
            places: vec![0; states],
            groups: vec![Groups::default(); if with_groups { states } else { 0 }],
        }
    }

    /// Adds a state. False if it was in the set before.
    fn insert(&mut self, state: StateID) -> bool {
        let place = &mut self.places[state];
        if self.states.get(*place as usize) == Some(&state) {
            return false;
        }
        *place = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        self.states.push(state);
        true
    }
}

impl Threads {
    /// A simulation that finds out whether there is a match.
    pub(super) fn of(nfa: NFA) -> Self {
        Self::new(nfa, false)
    }

    /// A simulation that finds the first match and its first group.
    pub(super) fn with_groups(nfa: NFA) -> Self {
        Self::new(nfa, true)
    }

    fn new(nfa: NFA, with_groups: bool) -> Self {
        Self {
            now: Set::new(&nfa, with_groups),
            next: Set::new(&nfa, with_groups),
            nfa,
            window: Vec::new(),
            at: 0,
            before: 0,
            found: None,
            stack: Vec::new(),
            steps: 0,
        }
    }

    /// Restarts the simulation.
    pub(super) fn begin(&mut self) {
        self.now.states.clear();
        self.next.states.clear();
        self.window.clear();
        (self.at, self.before, self.found) = (0, 0, None);
    }

    /// Reads the next block of the text. True if the match is final, whatever follows.
    pub(super) async fn feed(&mut self, block: &[u8], pace: &mut Pace) -> bool {
        self.window.extend_from_slice(block);
        // A step looks at the character behind its byte.
        while self.at + 1 + AROUND <= self.window.len() {
            if self.step() {
                return true;
            }
            self.breathe(pace).await;
        }
        let behind = self.at.saturating_sub(AROUND);
        self.window.drain(..behind);
        self.at -= behind;
        self.before += behind;
        false
    }

    /// Reads the rest, at which the text ends. True if there is a match.
    pub(super) async fn end(&mut self, pace: &mut Pace) -> bool {
        while self.at <= self.window.len() && !self.step() {
            self.breathe(pace).await;
        }
        self.found.is_some()
    }

    /// The bounds of the match and of its first group.
    pub(super) fn groups(&self) -> Option<Groups> {
        self.found
    }

    /// Yields if the slice is over.
    async fn breathe(&mut self, pace: &mut Pace) {
        if self.steps > STRIDE {
            self.steps = 0;
            pace.breathe().await;
        }
    }

    /// Advances every state over the next byte, or over the end. True if the search is over.
    fn step(&mut self) -> bool {
        let nfa = self.nfa.clone();
        let place = self.before + self.at;
        if self.found.is_none() && (place == 0 || !nfa.is_always_start_anchored()) {
            let mut now = std::mem::take(&mut self.now);
            self.follow(
                &nfa,
                &mut now,
                nfa.start_anchored(),
                self.at,
                Groups::default(),
            );
            self.now = now;
        }
        if self.now.states.is_empty() && (self.found.is_some() || nfa.is_always_start_anchored()) {
            return true;
        }
        let byte = self.window.get(self.at).copied();
        let mut next = std::mem::take(&mut self.next);
        for index in 0..self.now.states.len() {
            let state = self.now.states[index];
            self.steps += 1;
            let groups = self.now.groups.get(state.as_usize()).copied();
            let over = match nfa.state(state) {
                State::Match { .. } => {
                    self.found = Some(groups.unwrap_or_default());
                    // The states after this one are less preferred.
                    break;
                }
                State::ByteRange { trans } => byte
                    .filter(|byte| trans.matches_byte(*byte))
                    .map(|_| trans.next),
                State::Sparse(sparse) => byte.and_then(|byte| sparse.matches_byte(byte)),
                State::Dense(dense) => byte.and_then(|byte| dense.matches_byte(byte)),
                _ => None,
            };
            if let Some(over) = over {
                self.follow(
                    &nfa,
                    &mut next,
                    over,
                    self.at + 1,
                    groups.unwrap_or_default(),
                );
            }
        }
        self.now.states.clear();
        self.next = std::mem::replace(&mut self.now, next);
        self.at += 1;
        // Without groups, any match is enough.
        self.found.is_some() && (self.now.states.is_empty() || self.now.groups.is_empty())
    }

    /// Adds `state` to `set`, and all states that are reached from it without a byte.
    fn follow(&mut self, nfa: &NFA, set: &mut Set, state: StateID, at: usize, groups: Groups) {
        let mut groups = groups;
        self.stack.push(Frame::Explore(state));
        while let Some(frame) = self.stack.pop() {
            match frame {
                Frame::Restore(slot, value) => groups[slot] = value,
                Frame::Explore(state) => self.explore(nfa, set, state, at, &mut groups),
            }
        }
    }

    fn explore(
        &mut self,
        nfa: &NFA,
        set: &mut Set,
        mut state: StateID,
        at: usize,
        groups: &mut Groups,
    ) {
        while set.insert(state) {
            self.steps += 1;
            match nfa.state(state) {
                State::Look { look, next } => {
                    if !nfa.look_matcher().matches(*look, &self.window, at) {
                        return;
                    }
                    state = *next;
                }
                State::Union { alternates } => {
                    let Some((first, others)) = alternates.split_first() else {
                        return;
                    };
                    let others = others.iter().rev().copied();
                    self.stack.extend(others.map(Frame::Explore));
                    state = *first;
                }
                State::BinaryUnion { alt1, alt2 } => {
                    self.stack.push(Frame::Explore(*alt2));
                    state = *alt1;
                }
                State::Capture { next, slot, .. } => {
                    if let Some(group) = groups.get_mut(slot.as_usize()) {
                        self.stack.push(Frame::Restore(slot.as_usize(), *group));
                        *group = Some(self.before + at);
                    }
                    state = *next;
                }
                _ => {
                    if let Some(kept) = set.groups.get_mut(state.as_usize()) {
                        *kept = *groups;
                    }
                    return;
                }
            }
        }
    }
}
