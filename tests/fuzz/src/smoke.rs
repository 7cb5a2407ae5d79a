//! A short run, the same each time: the seeds, the shapes grown long, and some hundred mutations.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::mutate::{Xorshift, mutated};
use crate::{FuzzTarget, bounds};

/// Shapes grow to this many bytes here.
const MOST_BYTES: usize = 128 << 10;
/// So many mutations at the most,
const MUTATIONS: usize = 500;
/// and none after this time: a machine may be slow.
const TIME: Duration = Duration::from_millis(700);

/// The smallest stack that a parser is run on.
const STACK: usize = 1 << 20;

/// Runs a target. With `trace` each input is written there first, so that it is known whatever
/// becomes of the process.
pub fn run(target: &'static FuzzTarget, trace: Option<&Path>) {
    bounds::lift_on_panic();
    let inputs = target.inputs(MOST_BYTES);
    let (mut given, mut most) = (0, 0.0_f64);
    let mut give = |input: &[u8]| {
        if let Some(trace) = trace {
            std::fs::write(trace, input).expect("a trace can be written");
        }
        most = most.max(bounds::run(target, input));
        given += 1;
    };
    // What a target makes once (keys, patterns) is no part of any bound.
    (target.run)(&[]);
    for input in &inputs {
        give(input);
    }
    let began = Instant::now();
    let mut random = Xorshift::new(0x5eed);
    for _ in 0..MUTATIONS {
        give(&mutated(&inputs, target.words, &mut random));
        if began.elapsed() > TIME {
            break;
        }
    }
    let share = most * 100.0;
    println!(
        "{}: {given} inputs, each within {share:.0} % of its time",
        target.name
    );
}

/// The same on a thread with as small a stack as any that Up has; false when it panicked.
pub fn run_apart(target: &'static FuzzTarget, trace: Option<&Path>) -> bool {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let running = thread.spawn_scoped(scope, || run(target, trace));
        running.expect("a thread can be started").join().is_ok()
    })
}
