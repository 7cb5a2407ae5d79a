//! `cargo xtask test`: runs all tests on a bare machine without asking anything.

use std::time::Duration;

use crate::failure::TaskFailure;
use crate::needs::{self, BUILD, PACKAGE, TEST};
use crate::rust::{self, BUILD_LIMIT, Programs};
use crate::steps::TaskSteps;
use crate::{deny, mongod, panel};

/// The time limit of everything together. A bare machine with two cores needs about half of it.
const BOUND: Duration = Duration::from_mins(58);

/// Runs all tests and checks. With filters, runs only the Rust tests whose names contain one of
/// them. `hostile` and `packages` as the first argument stand for suites.
pub(crate) fn run(filters: &[String]) -> Result<(), TaskFailure> {
    let task = |(first, filters): (&'_ String, &'_ [String])| match first.as_str() {
        "hostile" => Some(suites(
            "cargo xtask test hostile",
            "hostile far sides",
            "hostile_*",
            filters,
        )),
        "packages" => Some(suites(
            "cargo xtask test packages",
            "packages",
            "packages",
            filters,
        )),
        _ => None,
    };
    if let Some(done) = filters.split_first().and_then(task) {
        return done;
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

/// Runs the end-to-end suite alone.
pub(crate) fn end_to_end(filters: &[String]) -> Result<(), TaskFailure> {
    suites("cargo xtask e2e", "end-to-end tests", "e2e*", filters)
}

/// Runs the suites of the harness whose names match `names`, and prepares what they need.
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

/// Installs what is needed, and builds the panel, without which the shell does not compile.
fn prepare(steps: &mut TaskSteps) -> Option<()> {
    steps.take("packages of the system", Duration::from_mins(20), |limit| {
        needs::ensure(&[BUILD, TEST, PACKAGE, mongod::needs()], limit)?;
        needs::ensure_toolchains(limit)
    })?;
    // Without mongod, the suites that need it fail and say so. All others go on.
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

/// Runs the quick steps first, and those that compile something for themselves last. The tests of
/// the workspace include the comparison of the generated files.
fn everything(steps: &mut TaskSteps) {
    steps.take("format", Duration::from_mins(5), rust::fmt);
    steps.take(
        "panel: lint and types",
        Duration::from_mins(10),
        panel::check,
    );
    steps.take("panel: tests", Duration::from_mins(10), panel::test);
    steps.take(
        "panel: in a browser",
        Duration::from_mins(4),
        panel::test_in_browser,
    );
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
