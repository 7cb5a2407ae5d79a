//! `up`: the command line. A thin shell around the engine: reads arguments, prints, exits.

mod alerts;
mod args;
mod check;
mod control;
mod failure;
mod history;
mod json;
mod note;
mod record;
mod time;
mod validate;
mod watch;
mod why;

use std::alloc::System;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use cap::Cap;
use clap::{CommandFactory, Parser};
use up_config::{ConfigFile, Located, Plan};

use args::{Cli, ColorWhen, Command};
use failure::Failure;

/// What runs away is ended by this, before the machine suffers from it.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

fn main() -> ExitCode {
    let cli = Cli::parse();
    match begin(&cli).and_then(|()| run(&cli)) {
        Ok(code) => code,
        Err(failure) => {
            // A closed stderr leaves the exit status to tell it.
            let _ = writeln!(io::stderr(), "{failure}");
            ExitCode::from(2)
        }
    }
}

fn begin(cli: &Cli) -> Result<(), Failure> {
    bound_memory()?;
    up_engine::logging::start(cli.log_file.as_deref()).map_err(Failure::Usage)
}

fn bound_memory() -> Result<(), Failure> {
    let bound = up_engine::memory::bound().map_err(Failure::Usage)?;
    HEAP.set_limit(bound)
        .map_err(|()| Failure::Memory("this bound of memory is too low to begin with".into()))
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    match &cli.command {
        None => to_the_end(check::check(cli)),
        Some(Command::Watch) => to_the_end(watch::watch(cli)),
        Some(Command::Note { text }) => to_the_end(note::note(cli, text)),
        Some(Command::Snooze(args)) => steer(cli, args.control(up_engine::clock::now())?),
        Some(Command::Ack(args)) => steer(cli, args.control()),
        Some(Command::Pause(args)) => steer(cli, args.pause()),
        Some(Command::Resume(args)) => steer(cli, args.resume()),
        Some(Command::Mute(args)) => steer(cli, args.control(up_engine::clock::now())?),
        Some(Command::Unmute) => steer(cli, up_core::Control::Unmute),
        Some(Command::Controls) => control::list(cli),
        Some(Command::Alerts(args)) => alerts::list(cli, args),
        Some(Command::History(args)) => to_the_end(history::history(cli, args)),
        Some(Command::Why { path }) => to_the_end(why::why(cli, path)),
        Some(Command::Validate { explain }) => validate::validate(cli, explain.as_deref()),
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

fn steer(cli: &Cli, control: up_core::Control) -> Result<ExitCode, Failure> {
    to_the_end(control::steer(cli, control))
}

/// Runs a command on one thread: a check waits far more than it computes, and one thread wakes
/// cheaper than two.
fn to_the_end<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::io("the runtime could not start"))?;
    let done = runtime.block_on(command);
    // A look-up of a name that hangs cannot be ended, and is not waited for.
    runtime.shutdown_background();
    done
}

/// The configuration file in use.
fn config_file(cli: &Cli) -> Result<ConfigFile, Failure> {
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
fn plan(file: &ConfigFile) -> Result<Plan, Failure> {
    let plan = up_config::load(file)?;
    warn(&plan.warnings);
    Ok(plan)
}

fn warn(warnings: &[String]) {
    for warning in warnings {
        let _ = writeln!(io::stderr(), "{warning}");
    }
}

fn init(file: &Path) -> Result<ExitCode, Failure> {
    let write = || {
        let mut new = up_files::private::new_file(file)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_does_not_delay_the_end() {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (begun, beginning) = tokio::sync::oneshot::channel();
        let command = async {
            // As a look-up does: on a thread that nobody can end.
            tokio::task::spawn_blocking(move || {
                begun.send(()).expect("the command waits for it");
                // Ends when the sender is dropped, below.
                let _ = held.recv();
            });
            beginning.await.expect("it has begun");
            Ok(7)
        };
        assert_eq!(to_the_end(command).expect("it is done"), 7);
        drop(release);
    }
}
