//! The bounds for one input: memory, counted at every allocation, and processor time, which a busy
//! machine does not stretch.

use std::alloc::System;
use std::time::Duration;

use cap::Cap;
use rustix::time::{ClockId, clock_gettime};

use crate::FuzzTarget;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// The processor time that an input may take whatever its length.
const BASE: Duration = Duration::from_millis(250);
/// The processor time for each byte: some hundred times that of an optimised parser, because these
/// are not optimised. A parser whose time grows with the square of the length exceeds it
/// nevertheless.
const EACH: Duration = Duration::from_micros(2);

/// Runs the target with `input`. Returns the share of the allowed time that it took, and panics if
/// that is all of it. The process is aborted at an allocation beyond the bound.
pub fn run(target: &FuzzTarget, input: &[u8]) -> f64 {
    let most = (target.spare + target.factor * input.len()).min(target.ceiling);
    let before = now();
    MEMORY
        .set_limit(MEMORY.allocated() + most)
        .expect("a limit above what is allocated");
    (target.run)(input);
    lift();
    let took = now().saturating_sub(before);
    let allowed = BASE + EACH * u32::try_from(input.len()).unwrap_or(u32::MAX);
    assert!(
        took <= allowed,
        "{}: {} bytes took {took:?} of processor time, more than {allowed:?}",
        target.name,
        input.len()
    );
    took.as_secs_f64() / allowed.as_secs_f64()
}

/// Lifts the bounds when a panic starts, because printing it takes memory.
pub fn lift_on_panic() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        lift();
        hook(info);
    }));
}

fn lift() {
    MEMORY.set_limit(usize::MAX).expect("no limit is above all");
}

/// The processor time of this thread.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
