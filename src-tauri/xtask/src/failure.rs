//! What can go wrong in a task, in words that say what to do.

use std::path::PathBuf;
use std::time::Duration;

/// Why a task ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskFailure {
    /// The command line was not understood.
    #[error("{0}")]
    Usage(String),
    /// A program is not there, or may not be started.
    #[error("cannot start `{command}`: {error}")]
    Start {
        /// As it would be typed.
        command: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// A program ended and was not content.
    #[error("`{command}` failed: {status}")]
    Ended {
        /// As it would be typed.
        command: String,
        /// Its exit status, in words.
        status: std::process::ExitStatus,
    },
    /// A program took too long, and was killed with its children.
    #[error("`{command}` was stopped after {} s", limit.as_secs())]
    Late {
        /// As it would be typed.
        command: String,
        /// How long it was given.
        limit: Duration,
    },
    /// Something is needed that this task cannot install.
    #[error("{0}")]
    Missing(String),
    /// It could not be found out, through no fault of the tree: told plainly, and no failure.
    #[error("{0}")]
    Unchecked(String),
    /// A file could not be read, written or removed.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Some steps failed; the summary above has said which.
    #[error("{failed} of {all} steps failed")]
    Steps {
        /// How many failed.
        failed: usize,
        /// How many were begun.
        all: usize,
    },
}

impl TaskFailure {
    /// For `map_err`: the same for any error about `path`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, error }
    }
}
