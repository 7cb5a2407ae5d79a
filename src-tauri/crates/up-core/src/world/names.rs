//! Limits how many names one source may bring in. Each name that a source reports for itself or a
//! component becomes a path, which the history stores. A peer that reports other names in each
//! answer would otherwise fill the disk.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

use crate::component::MAX_COMPONENTS;
use crate::sample::Timestamp;

/// The number of names that are accepted, and how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allowance {
    /// How many new names are accepted at once.
    pub at_once: usize,
    /// How many more names are accepted each day. What is not used is saved up to `at_once`.
    pub a_day: usize,
    /// How many accepted names are remembered, the newest. They may return at any time.
    remembered: usize,
}

/// The limit for the names that a source reports for itself.
pub const OWN_NAMES: Allowance = Allowance {
    at_once: 20,
    a_day: 10,
    remembered: 100,
};

/// The limit for the names of a source's components, together with those of their groups.
pub const COMPONENT_NAMES: Allowance = Allowance {
    at_once: MAX_COMPONENTS,
    a_day: 100,
    remembered: 4 * MAX_COMPONENTS,
};

const DAY: f64 = 86_400.0;

/// The accepted names of one source.
#[derive(Clone, Debug)]
pub(super) struct SourceNames {
    allowance: Allowance,
    /// The hash of each remembered name.
    known: HashSet<u64>,
    /// The same hashes, the oldest first.
    order: VecDeque<u64>,
    hasher: RandomState,
    /// How many new names are accepted at the time `at`.
    left: f64,
    /// When `left` was computed.
    at: Timestamp,
}

impl SourceNames {
    /// No names yet.
    pub(super) fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            known: HashSet::new(),
            order: VecDeque::new(),
            hasher: RandomState::new(),
            left: allowance.at_once as f64,
            at: Timestamp::NEG_INFINITY,
        }
    }

    /// Accepts a name at `now` if it is remembered or a new one is allowed.
    pub(super) fn admit(&mut self, name: &str, now: Timestamp) -> bool {
        let name = self.hasher.hash_one(name);
        if self.known.contains(&name) {
            return true;
        }
        self.refill(now);
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        self.known.insert(name);
        self.order.push_back(name);
        if self.order.len() > self.allowance.remembered
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    /// Adds what the passed time allows. A clock that was set back adds nothing.
    fn refill(&mut self, now: Timestamp) {
        let passed = now - self.at;
        self.at = now;
        if passed > 0.0 {
            let more = passed / DAY * self.allowance.a_day as f64;
            self.left = (self.left + more).min(self.allowance.at_once as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Allowance = Allowance {
        at_once: 3,
        a_day: 2,
        remembered: 4,
    };

    /// Compares which of these names are accepted, each at its time in days.
    fn check(asked: &[(&str, f64)], expected: &str) {
        let mut names = SourceNames::new(FEW);
        let admitted = asked.iter().map(|(name, day)| {
            let admitted = names.admit(name, 1e9 + day * DAY);
            if admitted { '+' } else { '-' }
        });
        assert_eq!(admitted.collect::<String>(), expected, "{asked:?}");
    }

    #[test]
    fn new_names_come_as_fast_as_allowed() {
        let now = |name| (name, 0.0);
        check(&[now("a"), now("b"), now("c"), now("d"), now("a")], "+++-+");
        let later = [("d", 0.4), ("d", 0.6), ("e", 0.6), ("e", 1.2)];
        check(
            &[&[now("a"), now("b"), now("c")], &later[..]].concat(),
            "+++-+-+",
        );
        // No more is saved than `at_once`.
        let long = [
            ("a", 0.0),
            ("b", 900.0),
            ("c", 900.0),
            ("d", 900.0),
            ("e", 900.0),
        ];
        check(&long, "++++-");
    }

    #[test]
    fn known_names_come_back_while_they_are_remembered() {
        let days = |name, day| (name, day);
        let asked = [
            days("a", 0.0),
            days("b", 10.0),
            days("a", 10.0),
            days("c", 20.0),
            days("d", 30.0),
            days("a", 30.0),
            days("e", 40.0),
            days("f", 40.0),
            days("g", 40.0),
            // The newest four are d, e, f and g.
            days("a", 40.0),
            days("d", 40.0),
            days("g", 40.0),
        ];
        check(&asked, "+++++++++-++");
    }

    #[test]
    fn a_clock_that_is_set_gives_nothing_away() {
        let spent = [("a", 0.0), ("b", 0.0), ("c", 0.0)];
        let back = [("d", -100.0), ("d", -99.8), ("e", -99.5)];
        check(&[&spent[..], &back].concat(), "+++--+");
    }
}
