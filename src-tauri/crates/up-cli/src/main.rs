//! `up`: the command line. A thin shell around the engine: reads arguments, prints, exits.

mod alerts;
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
            // A closed stderr leaves the exit status to tell it.
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
        None => to_the_end(check::check(cli)),
        Some(CliCommand::Watch) => to_the_end(watch::watch(cli)),
        Some(CliCommand::Note { text }) => to_the_end(note::note(cli, text)),
        Some(CliCommand::Snooze(args)) => steer(cli, args.control(up_engine::clock::now())?),
        Some(CliCommand::Ack(args)) => steer(cli, args.control()),
        Some(CliCommand::Pause(args)) => steer(cli, args.pause()),
        Some(CliCommand::Resume(args)) => steer(cli, args.resume()),
        Some(CliCommand::Mute(args)) => steer(cli, args.control(up_engine::clock::now())?),
        Some(CliCommand::Unmute) => steer(cli, up_core::Control::Unmute),
        Some(CliCommand::Controls) => control::list(cli),
        Some(CliCommand::Alerts(args)) => alerts::list(cli, args),
        Some(CliCommand::History(args)) => to_the_end(history::history(cli, args)),
        Some(CliCommand::Why { path }) => to_the_end(why::why(cli, path)),
        Some(CliCommand::Validate { explain }) => validate::validate(cli, explain.as_deref()),
        Some(CliCommand::Init { file }) => init(file),
        Some(CliCommand::Schema) => print(&up_config::schema()),
        Some(CliCommand::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "up", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Some(CliCommand::Man) => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command())
                .render(&mut page)
                .map_err(CommandFailure::io("the man page"))?;
            print(&String::from_utf8_lossy(&page))
        }
    }
}

fn steer(cli: &Cli, control: up_core::Control) -> Result<ExitCode, CommandFailure> {
    to_the_end(control::steer(cli, control))
}

/// Runs a command on one thread: a check waits far more than it computes, and one thread wakes
/// cheaper than two.
fn to_the_end<T>(
    command: impl Future<Output = Result<T, CommandFailure>>,
) -> Result<T, CommandFailure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CommandFailure::io("the runtime could not start"))?;
    let done = runtime.block_on(command);
    // A look-up of a name that hangs cannot be ended, and is not waited for.
    runtime.shutdown_background();
    done
}

fn init(file: &Path) -> Result<ExitCode, CommandFailure> {
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
            Err(CommandFailure::Usage(format!(
                "{file} is already there, and is left as it is"
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
