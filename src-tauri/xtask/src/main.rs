//! `cargo xtask`: all tasks of this repository, including the installation of what they need. It
//! links no crate of Up.

/// Like `println!`, but goes on if nobody reads the output any more. In tests it is `println!`, so
/// that libtest captures it.
macro_rules! say {
    ($($words:tt)*) => {
        if cfg!(test) {
            println!($($words)*);
        } else {
            use std::io::Write as _;
            let _ = writeln!(std::io::stdout(), $($words)*);
        }
    };
}

mod bench;
mod check;
mod command;
mod deny;
mod failure;
mod fuzz;
mod generated;
mod manifests;
mod mongod;
mod needs;
mod package;
mod panel;
mod run;
mod rust;
mod steps;
mod tally;
mod test;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use failure::TaskFailure;

const USAGE: &str = "\
cargo xtask run [--release] [-- ARGS]   build and start up-tray with ARGS
cargo xtask test [FILTER…]              install what is missing, then every test and check
cargo xtask test hostile [FILTER…]      only the long attacks by hostile far sides
cargo xtask test packages [FILTER…]     only the packages: their contents, and their installation
cargo xtask package [--profile release|dev] [--out DIR]
                                        write .deb, .rpm and .tar.gz of up and up-tray
cargo xtask manifests DIR               fill in the manifests of package managers with the checksums
                                        of the artefacts in DIR, and write the release's notes
cargo xtask check [PART…]               all checks, or only fmt, ui, clippy, docs, generated, deny,
                                        advisories
cargo xtask e2e [FILTER…]               only the end-to-end suite
cargo xtask fuzz [TARGET…] [--seconds N]
                                        every parser, or some, for 60 seconds in all
cargo xtask codegen                     write the generated files anew
cargo xtask bench [NAME]                measure
cargo xtask bench fleet-load [--agents N] [--minutes N]
cargo xtask bench panel                 measure the panel in a browser: opening, scrolling, drawing
cargo xtask bench alerts [--seeds N] [--from SEED] [--days N] [--kinds all|none|KIND,…]
                                        what people are told in made-up days";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "xtask: {failure}");
            ExitCode::from(if matches!(failure, TaskFailure::Usage(_)) {
                2
            } else {
                1
            })
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode, TaskFailure> {
    let Some((task, rest)) = arguments.split_first() else {
        return Err(TaskFailure::Usage(format!("say what to do:\n{USAGE}")));
    };
    match task.as_str() {
        "run" => return run::run(rest),
        "test" => test::run(rest)?,
        "check" => check::run(rest)?,
        "e2e" => test::end_to_end(rest)?,
        "codegen" => generated::write(rest)?,
        "bench" => bench::run(rest)?,
        "fuzz" => fuzz::run(rest)?,
        "package" => package::run(rest)?,
        "manifests" => manifests::run(rest)?,
        "help" | "-h" | "--help" => say!("{USAGE}"),
        other => {
            return Err(TaskFailure::Usage(format!(
                "there is no task `{other}`:\n{USAGE}"
            )));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The checkout that cargo runs this program from. It is determined at run time, because two
/// checkouts may share a target directory, and then the compiled program.
fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.ancestors().nth(2).map(Path::to_path_buf);
    root.expect("xtask lies two folders below the top")
}
