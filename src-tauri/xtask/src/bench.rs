//! `cargo xtask bench`: measures what Up costs, beside what other programs cost in the same run.

use std::time::Duration;

use crate::failure::TaskFailure;
use crate::needs::{self, BUILD, TEST};
use crate::rust;
use crate::{command, panel};

/// The time limit of a release build on two slow cores.
const BUILD_LIMIT: Duration = Duration::from_hours(1);
const MEASURE_LIMIT: Duration = Duration::from_hours(2);

/// The benchmarks that need neither program.
const ALONE: &[&str] = &["alerts", "fleet", "fleet-load", "history-mongo"];

/// Builds the programs and the benchmark, and runs the benchmarks named, or all of them.
pub(crate) fn run(names: &[String]) -> Result<(), TaskFailure> {
    if cfg!(target_os = "linux") {
        needs::ensure(&[BUILD, TEST], Duration::from_mins(20))?;
    }
    if names == ["panel"] {
        // It needs a browser, and neither program.
        needs::ensure_node()?;
        panel::ensure_packages(Duration::from_mins(10))?;
        return panel::measure(MEASURE_LIMIT);
    }
    if (names.first()).is_some_and(|name| ALONE.contains(&&**name)) && is_alone(names) {
        let bench = rust::program("up-tests", "up-bench", true, BUILD_LIMIT)?;
        let mut bench = command::program(bench);
        bench.args(names);
        return command::run(&mut bench, MEASURE_LIMIT);
    }
    if names.first().is_some_and(|name| name == "history") && is_alone(names) {
        // It needs no desktop.
        let up = rust::program("up-cli", "up", true, BUILD_LIMIT)?;
        let bench = rust::program("up-tests", "up-bench", true, BUILD_LIMIT)?;
        let mut bench = command::program(bench);
        bench.args(names).env("UP_BIN", up);
        return command::run(&mut bench, MEASURE_LIMIT);
    }
    needs::ensure_node()?;
    panel::ensure_packages(Duration::from_mins(10))?;
    panel::build(Duration::from_mins(10))?;
    let up = rust::program("up-cli", "up", true, BUILD_LIMIT)?;
    let tray = rust::tray(true, BUILD_LIMIT)?;
    let bench = rust::program("up-tests", "up-bench", true, BUILD_LIMIT)?;
    let mut bench = command::program(bench);
    bench.args(names).env("UP_BIN", up).env("UP_TRAY_BIN", tray);
    command::run(&mut bench, MEASURE_LIMIT)
}

/// True if the arguments name one benchmark alone, with its options.
fn is_alone(names: &[String]) -> bool {
    let options = names[1..].chunks(2);
    options
        .into_iter()
        .all(|option| option[0].starts_with("--"))
}
