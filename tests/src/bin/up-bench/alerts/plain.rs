//! The plain rules that others have: so many failures in a row, so many successes, a bubble each.

use fastrand::Rng;

use super::score::Told;
use super::truth::{Answer, END, SOURCES, Truth};
use super::{INTERVAL, SEED};

/// How many in a row are believed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub down: u32,
    pub up: u32,
}

pub(crate) fn told(truth: &Truth, rule: Rule) -> Vec<Told> {
    let mut all = Vec::new();
    for source in 0..SOURCES {
        let mut rng = Rng::with_seed(SEED + source as u64);
        let (mut failures, mut successes, mut is_down) = (0, 0, false);
        let mut at = rng.f64() * INTERVAL;
        while at < END {
            let (answer, took) = truth.ask(source, at, rng.f64());
            if answer == Answer::Up {
                (failures, successes) = (0, successes + 1);
            } else {
                (failures, successes) = (failures + 1, 0);
            }
            if is_down && successes >= rule.up {
                is_down = false;
            } else if !is_down && failures >= rule.down {
                is_down = true;
                all.push(Told {
                    at: at + took,
                    bubble: all.len() as u64,
                    down: vec![source],
                });
            }
            at += INTERVAL;
        }
    }
    all
}
