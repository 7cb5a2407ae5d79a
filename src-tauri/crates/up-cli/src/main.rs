//! The program `up`: the command line. It reads the arguments, lets the engine work, and prints.

mod agents;
mod alerts;
mod alive;
mod args;
mod check;
mod config;
mod control;
mod failure;
mod heap;
mod history;
mod json;
mod note;
mod output;
mod record;
mod service;
mod signals;
mod time;
mod validate;
mod watch;
mod why;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, CliCommand};
use failure::CommandFailure;
use output::print;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match begin(&cli).and_then(|()| run(&cli)) {
        Ok(code) => code,
        Err(failure) => {
            // If stderr is closed, only the exit status reports the failure.
            let _ = writeln!(io::stderr(), "{failure}");
            ExitCode::from(2)
        }
    }
}

fn begin(cli: &Cli) -> Result<(), CommandFailure> {
    heap::bound_memory()?;
    up_engine::logging::start(cli.log_file.as_deref()).map_err(CommandFailure::Usage)
}

fn run(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    match &cli.command {
        None => block_on(check::check(cli)),
        Some(CliCommand::Watch { check: false }) => block_on(watch::watch(cli)),
        Some(CliCommand::Watch { check: true }) => block_on(alive::check(cli)),
        Some(CliCommand::Note(args)) => block_on(note::note(cli, args)),
        Some(CliCommand::Snooze(args)) => {
            control_command(cli, args.control(up_engine::clock::now())?)
        }
        Some(CliCommand::Ack(args)) => control_command(cli, args.control()),
        Some(CliCommand::Pause(args)) => control_command(cli, args.pause()),
        Some(CliCommand::Resume(args)) => control_command(cli, args.resume()),
        Some(CliCommand::Mute(args)) => {
            control_command(cli, args.control(up_engine::clock::now())?)
        }
        Some(CliCommand::Unmute) => control_command(cli, up_core::Control::Unmute),
        Some(CliCommand::Controls) => control::list(cli),
        Some(CliCommand::Alerts(args)) => alerts::list(cli, args),
        Some(CliCommand::Agents) => block_on(agents::list(cli)),
        Some(CliCommand::History(args)) => block_on(history::history(cli, args)),
        Some(CliCommand::Why { path }) => block_on(why::why(cli, path)),
        Some(CliCommand::Validate { explain }) => validate::validate(cli, explain.as_deref()),
        Some(CliCommand::Init { file }) => init(file),
        Some(CliCommand::Schema) => print(&up_config::schema()),
        Some(CliCommand::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "up", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Some(CliCommand::Man {
            folder: Some(folder),
        }) => {
            clap_mangen::generate_to(Cli::command(), folder)
                .map_err(CommandFailure::io(folder.display().to_string()))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(CliCommand::Man { folder: None }) => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command())
                .render(&mut page)
                .map_err(CommandFailure::io("the man page"))?;
            print(&String::from_utf8_lossy(&page))
        }
    }
}

fn control_command(cli: &Cli, control: up_core::Control) -> Result<ExitCode, CommandFailure> {
    block_on(control::apply(cli, control))
}

/// Runs a command to its end on one thread. Checks wait far more than they compute, and waking one
/// thread costs less than waking two.
fn block_on<T>(
    command: impl Future<Output = Result<T, CommandFailure>>,
) -> Result<T, CommandFailure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CommandFailure::io("the runtime could not start"))?;
    let done = runtime.block_on(command);
    // A hanging name look-up cannot be cancelled, and is not waited for.
    runtime.shutdown_background();
    done
}

fn init(file: &Path) -> Result<ExitCode, CommandFailure> {
    let write = || {
        if let Some(folder) = file.parent() {
            up_files::private::folder(folder)?;
        }
        let mut new = up_files::private::new_file(file)?;
        new.write_all(up_config::starter().as_bytes())
    };
    match write() {
        Ok(()) => print(&format!(
            "wrote {}: `up -v` checks its sources\n",
            file.display()
        )),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = file.display();
            Err(CommandFailure::Usage(format!(
                "{file} exists already, and was not changed"
            )))
        }
        Err(error) => Err(CommandFailure::io(format!(
            "{} could not be written",
            file.display()
        ))(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hanging_thread_does_not_delay_the_end() {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (begun, beginning) = tokio::sync::oneshot::channel();
        let command = async {
            // Like a name look-up: on a thread that cannot be cancelled.
            tokio::task::spawn_blocking(move || {
                begun.send(()).expect("the command waits for it");
                // Ends when the sender is dropped, below.
                let _ = held.recv();
            });
            beginning.await.expect("it has begun");
            Ok(7)
        };
        assert_eq!(block_on(command).expect("it is done"), 7);
        drop(release);
    }
}
