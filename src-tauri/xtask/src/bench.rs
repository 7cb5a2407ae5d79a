//! `cargo xtask bench`: what Up costs, measured beside what others cost in the same run.

use crate::failure::Failure;

/// Runs the benchmarks named, or all of them.
pub(crate) fn run(names: &[String]) -> Result<(), Failure> {
    let wanted = if names.is_empty() {
        "any".to_owned()
    } else {
        names.join(", ")
    };
    Err(Failure::Usage(format!(
        "there are no benchmarks yet, so not {wanted} either"
    )))
}
