//! The simulation of an NFA (Pike's virtual machine): slower than a DFA, but it knows Unicode's word
//! boundaries and what groups matched. regex-automata has one as well, which cannot be paused.

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::primitives::StateID;

use super::pace::Pace;

/// The bytes around a place that an assertion may look at: a character on each side.
const AROUND: usize = 4;

/// So many steps go before the clock is looked at.
const STRIDE: usize = 1000;

/// Where the match and its first group begin and end, as far as that is known.
pub(super) type Groups = [Option<usize>; 4];

/// A simulation that is under way. A clone goes on by itself from where it is.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    nfa: NFA,
    /// Those that are at the next byte, and those beyond it, the most wanted first.
    now: Set,
    next: Set,
    /// What assertions may look at, and what is not read yet.
    window: Vec<u8>,
    /// The place of the next byte in `window`, and of `window` in the text.
    at: usize,
    before: usize,
    found: Option<Groups>,
    stack: Vec<Frame>,
    steps: usize,
}

/// States, each once, in order.
#[derive(Clone, Debug, Default)]
struct Set {
    states: Vec<StateID>,
    /// For each state of the NFA where it would stand in `states`.
    places: Vec<u32>,
    /// For each state of the NFA its groups; empty where they are not wanted.
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

    /// False when it was there before.
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
    /// One that says whether there is a match.
    pub(super) fn of(nfa: NFA) -> Self {
        Self::new(nfa, false)
    }

    /// One that says where the first match and its first group are.
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

    /// Begins anew.
    pub(super) fn begin(&mut self) {
        self.now.states.clear();
        self.next.states.clear();
        self.window.clear();
        (self.at, self.before, self.found) = (0, 0, None);
    }

    /// Reads on. True when the match is known, whatever follows.
    pub(super) async fn feed(&mut self, block: &[u8], pace: &mut Pace) -> bool {
        self.window.extend_from_slice(block);
        // A step looks behind its byte.
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

    /// Reads what is left, the text ending there. True when there is a match.
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

    async fn breathe(&mut self, pace: &mut Pace) {
        if self.steps > STRIDE {
            self.steps = 0;
            pace.breathe().await;
        }
    }

    /// Takes every state over the next byte, or over the end. True when no more is to be found.
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
                    // Those after it are wanted less.
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
        // Without groups, any match will do.
        self.found.is_some() && (self.now.states.is_empty() || self.now.groups.is_empty())
    }

    /// Puts `state`, and all that is reached from it without a byte, into `set`.
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
