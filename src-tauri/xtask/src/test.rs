//! `cargo xtask test`: from a bare machine to a verdict, with no question asked on the way.

use std::time::Duration;

use crate::failure::TaskFailure;
use crate::needs::{self, BUILD, TEST};
use crate::rust::{self, BUILD_LIMIT, Programs};
use crate::steps::TaskSteps;
use crate::{deny, mongod, panel};

/// Everything in all. A bare machine of two cores needs about half of it.
const BOUND: Duration = Duration::from_mins(58);

/// All tests and checks; with filters, only the Rust tests whose names hold one of them. `hostile` in
/// the first place stands for the suites of hostile far sides.
pub(crate) fn run(filters: &[String]) -> Result<(), TaskFailure> {
    if let Some((first, filters)) = filters.split_first()
        && first == "hostile"
    {
        return suites(
            "cargo xtask test hostile",
            "hostile far sides",
            "hostile_*",
            filters,
        );
    }
    let mut steps = TaskSteps::new("cargo xtask test", BOUND);
    if prepare(&mut steps).is_some() {
        if filters.is_empty() {
            everything(&mut steps);
        } else if let Some(programs) = build(&mut steps) {
            let tally = steps.tally();
            steps.take("tests", Duration::from_mins(40), |limit| {
                rust::tests(filters, &programs, tally, limit)
            });
        }
    }
    steps.close()
}

/// The end-to-end suite alone.
pub(crate) fn end_to_end(filters: &[String]) -> Result<(), TaskFailure> {
    suites("cargo xtask e2e", "end-to-end tests", "e2e*", filters)
}

/// The suites of the harness whose names are like `names`, and what they need.
fn suites(
    task: &'static str,
    step: &'static str,
    names: &'static str,
    filters: &[String],
) -> Result<(), TaskFailure> {
    let mut steps = TaskSteps::new(task, BOUND);
    let ready = prepare(&mut steps);
    if let Some(programs) = ready.and_then(|()| build(&mut steps)) {
        let tally = steps.tally();
        steps.take(step, Duration::from_mins(30), |limit| {
            rust::suites(names, filters, &programs, tally, limit)
        });
    }
    steps.close()
}

/// What is needed, and the panel, without which the shell does not compile.
fn prepare(steps: &mut TaskSteps) -> Option<()> {
    steps.take("packages of the system", Duration::from_mins(20), |limit| {
        needs::ensure(&[BUILD, TEST, mongod::needs()], limit)?;
        needs::ensure_toolchains(limit)
    })?;
    // Without it the suites that need it fail and say so; all others go on.
    steps.take("mongod", Duration::from_mins(15), mongod::ensure);
    steps.take(
        "packages of the panel",
        Duration::from_mins(10),
        panel::ensure_packages,
    )?;
    steps.take("panel", Duration::from_mins(10), panel::build)
}

fn build(steps: &mut TaskSteps) -> Option<Programs> {
    steps.take("programs", BUILD_LIMIT, rust::programs)
}

/// The quick first, and what has to be compiled for its own sake last. The workspace's tests hold
/// the comparison of the generated files.
fn everything(steps: &mut TaskSteps) {
    steps.take("format", Duration::from_mins(5), rust::fmt);
    steps.take(
        "panel: lint and types",
        Duration::from_mins(10),
        panel::check,
    );
    steps.take("panel: tests", Duration::from_mins(10), panel::test);
    if let Some(programs) = build(steps) {
        let tally = steps.tally();
        steps.take("tests", Duration::from_mins(40), |limit| {
            rust::tests(&[], &programs, tally, limit)
        });
    }
    steps.take("lints", BUILD_LIMIT, rust::clippy);
    steps.take("documentation", BUILD_LIMIT, rust::docs);
    steps.take("dependencies", BUILD_LIMIT, deny::tree);
    steps.take("advisories", BUILD_LIMIT, deny::advisories);
}
