//! `up watch --check`: whether `up watch` runs with this configuration and data directory, and whether
//! its engine answers. It is for the health check of a container or of a supervisor.

use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use up_core::Note;
use up_core::line::one_line;
use up_engine::socket::{Ask, ControlReply, KeptState, ask_or_fail};
use up_history::state::Owner;

use crate::args::Cli;
use crate::config::config_file;
use crate::failure::{CommandFailure, status};
use crate::output::print;

/// Asks the engine that listens in the data directory, and prints one sentence: on standard output if
/// it is the one that is meant, else on standard error.
pub(crate) async fn check(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    let owner = Owner::new("watch", config_file(cli)?.path());
    let data = up_config::data_dir();
    let found = found(&ask_or_fail(&data, &Ask::Alive).await, &owner, &data);
    match found {
        Ok(sentence) => print(&format!("{sentence}\n")),
        Err(sentence) => {
            // If stderr is closed, only the exit status reports it.
            let _ = writeln!(io::stderr(), "{sentence}");
            Ok(status(false))
        }
    }
}

/// What the answer means, as a sentence.
fn found(answer: &io::Result<ControlReply>, owner: &Owner, data: &Path) -> Result<String, String> {
    let (config, data) = (owner.config.display(), data.display());
    let kept = match answer {
        Ok(ControlReply::Alive { kept }) => kept.as_ref(),
        Ok(ControlReply::Refused { why }) => {
            let why = one_line(why, Note::MAX_MESSAGE);
            return Err(format!(
                "the Up over {data} does not say that it lives: {why}"
            ));
        }
        Ok(_) => return Err(format!("the Up over {data} gave no answer to the question")),
        Err(error) if is_absent(error.kind()) => {
            return Err(format!("no Up is running with the data directory {data}"));
        }
        Err(error) => {
            return Err(format!(
                "the Up over {data} does not answer, so that its engine may be stuck: {error}"
            ));
        }
    };
    match kept {
        Some(KeptState {
            program,
            config: of,
            ..
        }) if program == owner.program && Path::new(of) == owner.config => {
            Ok(format!("up watch lives, with {config}"))
        }
        Some(KeptState {
            program,
            config: of,
            ..
        }) => {
            let (program, of) = (one_line(program, 100), one_line(of, Note::MAX_MESSAGE));
            Err(format!(
                "the Up over {data} that answers is not `up watch` with {config}, but {program} with \
                 {of}; give each its own UP_DATA_DIR"
            ))
        }
        None => Err(format!(
            "the Up over {data} lives, but keeps no state, so that it may be another one than `up \
             watch` with {config}"
        )),
    }
}

/// True if nobody listens at the socket.
fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use up_core::Mood;

    use super::*;

    #[test]
    fn only_the_watch_that_is_meant_is_healthy() {
        let owner = Owner {
            program: "watch",
            config: "/etc/up/up.toml".into(),
        };
        let check = |answer: io::Result<ControlReply>, expected: Result<&str, &str>| {
            let found = found(&answer, &owner, Path::new("/var/lib/up"));
            match (&found, expected) {
                (Ok(sentence), Ok(part)) | (Err(sentence), Err(part)) => {
                    assert!(sentence.contains(part), "{sentence} has {part}");
                }
                _ => panic!("{found:?}, expected {expected:?}"),
            }
        };
        let of = |program: &str, config: &str| {
            let (program, config) = (program.into(), config.into());
            let mood = Mood::Realist;
            let kept = Some(KeptState {
                program,
                config,
                mood,
            });
            Ok(ControlReply::Alive { kept })
        };
        check(of("watch", "/etc/up/up.toml"), Ok("up watch lives"));
        check(
            of("tray", "/etc/up/up.toml"),
            Err("but tray with /etc/up/up.toml"),
        );
        check(
            of("watch", "/srv/up.toml"),
            Err("but watch with /srv/up.toml"),
        );
        check(
            Ok(ControlReply::Alive { kept: None }),
            Err("keeps no state"),
        );
        check(Ok(ControlReply::Done), Err("no answer"));
        let why = "odd\nrequest".into();
        check(Ok(ControlReply::Refused { why }), Err("odd"));
        for kind in [ErrorKind::NotFound, ErrorKind::ConnectionRefused] {
            check(Err(kind.into()), Err("no Up is running"));
        }
        for kind in [
            ErrorKind::TimedOut,
            ErrorKind::UnexpectedEof,
            ErrorKind::InvalidData,
        ] {
            check(Err(kind.into()), Err("may be stuck"));
        }
    }
}
