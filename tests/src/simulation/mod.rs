//! A simulated world with true outages and with everything that looks like one. It is watched by
//! the same `Watch` that the engine drives, and by the plain rules of other monitors. Nothing waits
//! and nothing is checked in reality: the days of a seed pass in seconds, and in the same way each
//! time.

mod answering;
mod deeds;
pub mod kinds;
pub mod plain;
pub mod score;
pub mod sources;
pub mod truth;
pub mod watching;
pub mod weather;

use fastrand::Rng;

use kinds::WorldKind;
use score::Score;
use truth::Truth;

/// The interval of most sources, in seconds.
pub const INTERVAL: f64 = 30.0;
/// An outage that is visible for this many seconds without a break must be notified: an interval,
/// two attempts that time out after 10 s each, the pause between them, and 10 s of group wait, and
/// half as much again. The bound is longer for sources with longer intervals or a higher
/// `down_after`.
pub const BOUND: f64 = 100.0;

/// What a simulated world contains.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The number of days.
    pub days: usize,
    /// The kinds of trouble in addition to the plain ones.
    pub kinds: Vec<WorldKind>,
}

impl Shape {
    /// True if the world has this kind.
    pub fn has(&self, kind: WorldKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// A random generator for one kind, so that a kind can be switched without changing the others.
    pub fn rng(&self, seed: u64, kind: WorldKind) -> Rng {
        Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(1 + kind as u64))
    }
}

/// The score of Up in the world of a seed.
pub fn score(shape: &Shape, seed: u64) -> Score {
    let truth = Truth::new(shape, seed);
    Score::of(&truth, &watching::told(&truth, seed))
}

/// The score of a plain rule in the world of a seed.
pub fn score_of_rule(shape: &Shape, seed: u64, rule: plain::Rule) -> Score {
    let truth = Truth::new(shape, seed);
    Score::of(&truth, &plain::told(&truth, rule, seed))
}
