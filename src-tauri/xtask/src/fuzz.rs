//! `cargo xtask fuzz`: runs every parser of foreign input under libFuzzer, which is guided by the
//! code that an input reaches. Stable Rust can do this, because the instrumentation is an LLVM
//! pass.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::command::{self, cargo};
use crate::failure::TaskFailure;
use crate::needs::{self, BUILD, FUZZ};
use crate::rust::{self, BUILD_LIMIT};
use crate::steps::TaskSteps;

/// The compiler flags for libFuzzer: a counter at each edge, and both operands of comparisons.
const INSTRUMENTED: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    // Keeps comparisons separate, so that libFuzzer sees each byte that it guesses.
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "--cfg=fuzzing",
];

/// The time of all targets together, if `--seconds` is not given.
const SECONDS: u64 = 60;

/// How much longer a target may take than its share, for its grown inputs and its last one.
const SLACK: Duration = Duration::from_mins(5);

/// libFuzzer stops at an input that takes this many seconds. The bounds of the targets are far
/// below.
const ENDLESS: &str = "-timeout=60";

/// Builds the targets and runs those named, or all of them.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskFailure> {
    let (names, seconds) = read(arguments)?;
    if cfg!(target_os = "linux") {
        needs::ensure(&[BUILD, FUZZ], Duration::from_mins(20))?;
    }
    let program = build()?;
    let known = command::read(&mut Command::new(&program), Duration::from_mins(1))?;
    let known: Vec<&str> = known.lines().collect();
    if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(TaskFailure::Usage(format!(
            "there is no fuzz target `{name}`; there are {}",
            known.join(", ")
        )));
    }
    let chosen: Vec<&str> = known
        .into_iter()
        .filter(|known| names.is_empty() || names.iter().any(|name| name == known))
        .collect();
    let share = (seconds / chosen.len().max(1) as u64).max(1);
    let mut steps = TaskSteps::new("cargo xtask fuzz", Duration::from_hours(24));
    for name in chosen {
        steps.take(name, Duration::from_secs(share) + SLACK, |limit| {
            target(&program, name, share, limit)
        });
    }
    steps.close()
}

/// Parses the arguments: the names of targets, and the seconds.
fn read(arguments: &[String]) -> Result<(Vec<String>, u64), TaskFailure> {
    let (mut names, mut seconds) = (Vec::new(), SECONDS);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--seconds" {
            let number = arguments.next().and_then(|number| number.parse().ok());
            seconds = number.filter(|number| *number > 0).ok_or_else(|| {
                TaskFailure::Usage("--seconds needs a number, as in `--seconds 600`".into())
            })?;
        } else if argument.starts_with('-') {
            return Err(TaskFailure::Usage(format!(
                "fuzz knows names of targets and --seconds N, not `{argument}`"
            )));
        } else {
            names.push(argument.clone());
        }
    }
    Ok((names, seconds))
}

/// Builds the targets with instrumentation. `--target` names this machine, so that cargo does not
/// instrument build scripts and keeps the artifacts apart from others.
fn build() -> Result<PathBuf, TaskFailure> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = command::read(Command::new(rustc).arg("-vV"), Duration::from_mins(1))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| TaskFailure::Missing("rustc does not say its host".into()))?;
    let flags = format!(
        "CARGO_TARGET_{}_RUSTFLAGS",
        host.replace('-', "_").to_uppercase()
    );
    let mut build = cargo();
    build
        .args(["build", "--locked", "--package", "up-fuzz"])
        .args(["--features", "guided", "--bin", "up-fuzz-guided"])
        .args(["--target", host])
        .env(flags, INSTRUMENTED.join(" "))
        .env_remove("RUSTFLAGS")
        // Overflow checks stay on, while an input takes a fifth of the time.
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    command::run(&mut build, BUILD_LIMIT)?;
    let messages = command::read(
        build.args(["--quiet", "--message-format=json"]),
        BUILD_LIMIT,
    )?;
    rust::executable(&messages, "up-fuzz-guided").ok_or_else(|| {
        TaskFailure::Missing("cargo has built up-fuzz-guided and does not say where it is".into())
    })
}

/// Runs one target. Its corpus is kept beside the build, and the next run starts from it.
fn target(program: &Path, name: &str, seconds: u64, limit: Duration) -> Result<(), TaskFailure> {
    let folder = program.with_file_name("fuzz").join(name);
    let [learnt, seeds, faults] = ["learnt", "seeds", "faults"].map(|part| folder.join(part));
    for folder in [&learnt, &seeds, &faults] {
        std::fs::create_dir_all(folder).map_err(TaskFailure::file(folder))?;
    }
    let mut run = Command::new(program);
    run.arg(format!("-max_total_time={seconds}"))
        .arg(format!("-dict={}", seeds.with_extension("words").display()))
        .arg(format!("-artifact_prefix={}/", faults.display()))
        .args(["-max_len=16384", "-rss_limit_mb=4096", ENDLESS])
        .args(["-print_final_stats=1", "-verbosity=0"])
        .args([&learnt, &seeds])
        .env("UP_FUZZ_TARGET", name)
        .env("UP_FUZZ_SEEDS", &seeds);
    let inputs = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&inputs);
    let ran = command::run_watched(&mut run, limit, move |line| {
        let number = line.strip_prefix("stat::number_of_executed_units:");
        if let Some(number) = number.and_then(|number| number.trim().parse().ok()) {
            counted.store(number, Ordering::Relaxed);
        }
    });
    if ran.is_ok() {
        say!("{name}: {} inputs", inputs.load(Ordering::Relaxed));
    } else {
        say!(
            "\nTo see it again, with the file that is named above:\n  \
             cargo run --package up-fuzz -- replay {name} FILE"
        );
    }
    ran
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_seconds_stand_in_any_order() {
        let check = |arguments: &[&str], expected: Option<(&[&str], u64)>| {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            let read = read(&arguments).ok();
            let expected = expected.map(|(names, seconds)| {
                let names = names.iter().map(ToString::to_string).collect::<Vec<_>>();
                (names, seconds)
            });
            assert_eq!(read, expected, "{arguments:?}");
        };
        check(&[], Some((&[], SECONDS)));
        check(
            &["dns", "--seconds", "5", "url"],
            Some((&["dns", "url"], 5)),
        );
        check(&["--seconds"], None);
        check(&["--seconds", "0"], None);
        check(&["--second", "5"], None);
    }
}
