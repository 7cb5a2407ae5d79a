//! The simulation of alerts on fixed seeds: no source that is up is reported as down, and every
//! long outage is notified. `cargo xtask bench alerts --seeds N` is the long run.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use up_tests::simulation::kinds::WorldKind;
use up_tests::simulation::{Shape, score};

/// Checks that the worlds of these seeds keep the bounds. `most` is the largest number of bubbles
/// for one cause.
fn check(kinds: &[WorldKind], seeds: std::ops::RangeInclusive<u64>, most: usize) {
    let shape = Shape {
        days: 4,
        kinds: kinds.to_vec(),
    };
    let next = AtomicU64::new(*seeds.start());
    let broken = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > *seeds.end() {
                        return;
                    }
                    let score = score(&shape, seed);
                    if score.wrong + score.missed > 0 || score.most > most {
                        let mut broken = broken.lock().expect("no thread panics with it");
                        broken.push((seed, score));
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().expect("no thread panics with it");
    assert!(broken.is_empty(), "{kinds:?}: {broken:#?}");
}

#[test]
fn twenty_seeds_of_the_plain_world_make_no_false_alarm() {
    check(&[], 1..=20, 1);
}

#[test]
fn the_world_with_every_kind_of_trouble_makes_no_false_alarm() {
    // In these few days a cause starts every quarter of an hour, beside other trouble at all times.
    // An outage with two simultaneous reasons may share a bubble, and leave it.
    check(&WorldKind::ALL, 1..=20, 2);
}
