//! Writes to standard output.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use crate::args::ColorWhen;
use crate::failure::CommandFailure;

/// Prints a text. It is no failure if the reader closes the pipe.
pub(crate) fn print(text: &str) -> Result<ExitCode, CommandFailure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandFailure::io("standard output")(error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// True if the output has colours.
pub(crate) fn colour(when: ColorWhen) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            !refused && io::stdout().is_terminal()
        }
    }
}
