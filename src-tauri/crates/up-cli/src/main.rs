//! `up`: the command line. A thin shell around the engine: reads arguments, prints, exits.

mod args;
mod check;
mod failure;
mod history;
mod json;
mod note;
mod record;
mod time;
mod watch;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use up_config::{Located, Plan};

use args::{Cli, ColorWhen, Command};
use failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(failure) => {
            // A closed stderr leaves the exit status to tell it.
            let _ = writeln!(io::stderr(), "{failure}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    match &cli.command {
        None => runtime()?.block_on(check::check(cli)),
        Some(Command::Watch) => runtime()?.block_on(watch::watch(cli)),
        Some(Command::Note { text }) => runtime()?.block_on(note::note(cli, text)),
        Some(Command::History(args)) => runtime()?.block_on(history::history(cli, args)),
        Some(Command::Validate) => validate(cli),
        Some(Command::Init { file }) => init(file),
        Some(Command::Schema) => print(&up_config::schema()),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "up", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Some(Command::Man) => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command())
                .render(&mut page)
                .map_err(Failure::io("the man page"))?;
            print(&String::from_utf8_lossy(&page))
        }
    }
}

/// One thread: a check waits far more than it computes, and one thread wakes cheaper than two.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::io("the runtime could not start"))
}

/// The configuration file in use.
fn config_file(cli: &Cli) -> Result<PathBuf, Failure> {
    match up_config::locate(cli.config.as_deref()) {
        Located::File(file) => Ok(file),
        Located::Nowhere { looked_at } => {
            let places: Vec<_> = looked_at.iter().map(|p| p.display().to_string()).collect();
            Err(Failure::NoConfig {
                looked_at: places.join(", "),
            })
        }
    }
}

/// Reads the configuration; its warnings go to stderr.
fn plan(file: &Path) -> Result<Plan, Failure> {
    let plan = up_config::load(file)?;
    for warning in &plan.warnings {
        let _ = writeln!(io::stderr(), "{warning}");
    }
    Ok(plan)
}

fn validate(cli: &Cli) -> Result<ExitCode, Failure> {
    let plan = plan(&config_file(cli)?)?;
    let count = plan.probes.len();
    print(&format!(
        "ok: {count} source{}\n",
        if count == 1 { "" } else { "s" }
    ))
}

fn init(file: &Path) -> Result<ExitCode, Failure> {
    let write = || {
        let mut new = std::fs::File::create_new(file)?;
        new.write_all(up_config::starter().as_bytes())
    };
    match write() {
        Ok(()) => print(&format!(
            "wrote {}: `up -v` checks what it names\n",
            file.display()
        )),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = file.display();
            Err(Failure::Usage(format!(
                "{file} is already there, and is left as it is"
            )))
        }
        Err(error) => Err(Failure::io(format!(
            "{} could not be written",
            file.display()
        ))(error)),
    }
}

/// Prints a text whole. A reader who closes the pipe has had enough.
fn print(text: &str) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::io("standard output")(error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Whether standard output is coloured.
fn colour(when: ColorWhen) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            !refused && io::stdout().is_terminal()
        }
    }
}
