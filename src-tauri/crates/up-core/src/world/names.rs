//! How many names one source may bring in. Each name that a source gives itself or a part of it
//! becomes a path, which the history keeps: a peer that says other names at each answer would fill
//! the disk.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

use crate::component::MAX_TWIGS;
use crate::sample::Timestamp;

/// How many names, and how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allowance {
    /// So many new ones at once.
    pub at_once: usize,
    /// So many more a day, none of which are saved beyond `at_once`.
    pub a_day: usize,
    /// So many known ones are remembered, the newest: these may come back at any time.
    remembered: usize,
}

/// The names that a source gives itself.
pub const OWN_NAMES: Allowance = Allowance {
    at_once: 20,
    a_day: 10,
    remembered: 100,
};

/// The names of a source's parts, with those of the groups in which they stand.
pub const PART_NAMES: Allowance = Allowance {
    at_once: MAX_TWIGS,
    a_day: 100,
    remembered: 4 * MAX_TWIGS,
};

const DAY: f64 = 86_400.0;

/// The names of one source by now.
#[derive(Clone, Debug)]
pub(super) struct SourceNames {
    allowance: Allowance,
    /// By a hash each, since nothing else is asked of them.
    known: HashSet<u64>,
    /// The same, the oldest first.
    order: VecDeque<u64>,
    hasher: RandomState,
    /// So many new ones may come.
    left: f64,
    /// As of this time.
    at: Timestamp,
}

impl SourceNames {
    /// None yet.
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

    /// Takes a name at that time, if it is known or there is room for a new one.
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

    /// Adds what the time that has passed allows. A clock that was set back adds nothing.
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

    /// Which of these names are admitted, each at its time in days.
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
        // Nothing is saved beyond what may come at once.
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
