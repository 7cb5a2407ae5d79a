//! A short, deterministic run: the seeds, the grown inputs, and some hundred mutations.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::mutate::{Xorshift, mutated};
use crate::{FuzzTarget, bounds};

/// The size of grown inputs in bytes.
const MOST_BYTES: usize = 128 << 10;
/// The largest number of mutations.
const MUTATIONS: usize = 500;
/// The time after which no further mutation starts, because a machine may be slow.
const TIME: Duration = Duration::from_millis(700);

/// The stack of the thread, in bytes: the smallest on which Up runs a parser.
const STACK: usize = 1 << 20;

/// Runs a target. Each input is written to `trace` first, if given, so that it is known even if the
/// process dies.
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
    // What a target makes only once (keys, patterns) is not counted.
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

/// Runs a target on a thread with a stack as small as any of Up's. False if it panicked.
pub fn run_apart(target: &'static FuzzTarget, trace: Option<&Path>) -> bool {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let running = thread.spawn_scoped(scope, || run(target, trace));
        running.expect("a thread can be started").join().is_ok()
    })
}
