//! `up-fuzz`: lists the targets, runs one on a file, and runs the smoke test of one in a process
//! that may die of it.

use std::path::Path;
use std::process::ExitCode;

use up_fuzz::{FuzzTarget, bounds, smoke};

const USAGE: &str = "up-fuzz list | smoke TARGET [TRACE] | replay TARGET FILE";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let find = |name: &str| -> Option<&'static FuzzTarget> {
        let found = up_fuzz::find(name);
        if found.is_none() {
            eprintln!("there is no target `{name}`");
        }
        found
    };
    let done = match arguments.as_slice() {
        ["list"] => {
            up_fuzz::all().for_each(|target| println!("{}", target.name));
            true
        }
        ["smoke", name, trace @ ..] if trace.len() < 2 => {
            find(name).is_some_and(|target| smoke::run_apart(target, trace.first().map(Path::new)))
        }
        ["replay", name, file] => find(name).is_some_and(|target| replay(target, file)),
        _ => {
            eprintln!("{USAGE}");
            false
        }
    };
    if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn replay(target: &FuzzTarget, file: &str) -> bool {
    match std::fs::read(file) {
        Ok(input) => {
            bounds::lift_on_panic();
            (target.run)(&[]);
            bounds::run(target, &input);
            true
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            false
        }
    }
}
