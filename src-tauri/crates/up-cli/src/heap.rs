//! The program's allocator, which ends the program when its memory exceeds a bound.

use std::alloc::System;

use cap::Cap;

use crate::failure::CommandFailure;

/// The bounded allocator. It ends a program that runs away before the machine suffers from it.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// Sets the bound to that of the environment, else to that of the machine.
pub(crate) fn bound_memory() -> Result<(), CommandFailure> {
    let bound = up_engine::memory::bound().map_err(CommandFailure::Usage)?;
    HEAP.set_limit(bound)
        .map_err(|()| CommandFailure::Memory("this memory limit is too low to start".into()))
}

/// The bound, in bytes.
pub(crate) fn limit() -> usize {
    HEAP.limit()
}

/// The bytes that are allocated.
pub(crate) fn allocated() -> usize {
    HEAP.allocated()
}
