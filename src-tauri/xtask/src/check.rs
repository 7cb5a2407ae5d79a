//! `cargo xtask check`: all checks that need no server and no desktop.

use std::time::Duration;

use crate::failure::TaskFailure;
use crate::needs::{self, BUILD};
use crate::rust::BUILD_LIMIT;
use crate::steps::TaskSteps;
use crate::{deny, generated, panel, rust};

type Check = fn(Duration) -> Result<(), TaskFailure>;

/// The checks and their time limits, the fastest first.
const PARTS: [(&str, Duration, Check); 7] = [
    ("fmt", Duration::from_mins(5), rust::fmt),
    ("ui", Duration::from_mins(10), panel::check),
    ("clippy", BUILD_LIMIT, rust::clippy),
    ("docs", BUILD_LIMIT, rust::docs),
    ("generated", BUILD_LIMIT, generated::check),
    ("deny", BUILD_LIMIT, deny::tree),
    ("advisories", BUILD_LIMIT, deny::advisories),
];

/// Runs the checks named, or all of them.
pub(crate) fn run(names: &[String]) -> Result<(), TaskFailure> {
    for name in names {
        if !PARTS.iter().any(|(part, ..)| part == name) {
            let known = PARTS.map(|(part, ..)| part).join(", ");
            return Err(TaskFailure::Usage(format!(
                "check has no part `{name}`; it has {known}"
            )));
        }
    }
    let mut steps = TaskSteps::new("cargo xtask check", Duration::from_mins(90));
    if prepare(&mut steps).is_some() {
        for (name, most, check) in PARTS {
            if names.is_empty() || names.iter().any(|wanted| wanted == name) {
                steps.take(name, most, check);
            }
        }
    }
    steps.close()
}

/// Prepares what every task that compiles needs. `None` if that failed and no check can run.
fn prepare(steps: &mut TaskSteps) -> Option<()> {
    steps.take("what is needed", Duration::from_mins(20), |limit| {
        needs::ensure(&[BUILD], limit)?;
        needs::ensure_toolchains(limit)?;
        panel::ensure_packages(limit)
    })?;
    // The shell embeds the panel when it is compiled, so that the panel must be built first.
    steps.take("panel", Duration::from_mins(10), panel::build)
}
