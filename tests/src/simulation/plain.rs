//! The plain rules of other monitors: failures in a row are an outage, successes in a row end it,
//! and each is one notice.

use fastrand::Rng;

use super::score::ScoredNotice;
use super::sources::SOURCES;
use super::truth::{SimulatedAnswer, Truth};

/// How many results in a row are believed.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The failures that make an outage.
    pub down: u32,
    /// The successes that end it.
    pub up: u32,
}

/// The notices that a rule sends in a world.
pub fn told(truth: &Truth, rule: Rule, seed: u64) -> Vec<ScoredNotice> {
    let mut all = Vec::new();
    for source in 0..SOURCES {
        let mut rng = Rng::with_seed(seed.wrapping_add(source as u64));
        let interval = truth.sources[source].interval;
        let (mut failures, mut successes, mut is_down) = (0, 0, false);
        let mut at = rng.f64() * interval;
        while at < truth.shape.end() {
            let (answer, took) = truth.check(source, at, rng.f64());
            if answer == SimulatedAnswer::Up {
                (failures, successes) = (0, successes + 1);
            } else {
                (failures, successes) = (failures + 1, 0);
            }
            if is_down && successes >= rule.up {
                is_down = false;
                all.push(ScoredNotice {
                    at: at + took,
                    bubble: all.len() as u64,
                    down: Vec::new(),
                    up: vec![source],
                    replaces: Vec::new(),
                });
            } else if !is_down && failures >= rule.down {
                is_down = true;
                all.push(ScoredNotice {
                    at: at + took,
                    bubble: all.len() as u64,
                    down: vec![source],
                    up: Vec::new(),
                    replaces: Vec::new(),
                });
            }
            at += interval.max(took);
        }
    }
    all
}
