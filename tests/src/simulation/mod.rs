//! A made-up world with true outages and with all that looks like one, watched by the very watch
//! that the engine drives, and by the plain rules of others. Nothing waits and nothing is asked: a
//! seed's days pass in seconds, and pass the same way each time.

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

/// What most sources are asked within, in seconds.
pub const INTERVAL: f64 = 30.0;
/// An outage that can be seen for so long without a break must be told: an interval, two tries that
/// time out after 10 s each, the pause between them, and 10 s to gather what falls with it; and half
/// as much again. Longer for sources that are asked more rarely, or believed later.
pub const BOUND: f64 = 100.0;

/// What a simulated world is like.
#[derive(Clone, Debug)]
pub struct Shape {
    /// How many days pass.
    pub days: usize,
    /// What it has beside the plain outages and troubles.
    pub kinds: Vec<WorldKind>,
}

impl Shape {
    /// True when the world has this kind.
    pub fn has(&self, kind: WorldKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Chance for one kind, so that each can be switched without changing the others.
    pub fn rng(&self, seed: u64, kind: WorldKind) -> Rng {
        Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(1 + kind as u64))
    }
}

/// How well Up tells what happens in the world of a seed.
pub fn score(shape: &Shape, seed: u64) -> Score {
    let truth = Truth::new(shape, seed);
    Score::of(&truth, &watching::told(&truth, seed))
}

/// The same for a plain rule.
pub fn score_of_rule(shape: &Shape, seed: u64, rule: plain::Rule) -> Score {
    let truth = Truth::new(shape, seed);
    Score::of(&truth, &plain::told(&truth, rule, seed))
}
