//! The errors of a task, with texts that say what to do.

use std::path::PathBuf;
use std::time::Duration;

/// Why a task ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskFailure {
    /// The command line was not understood.
    #[error("{0}")]
    Usage(String),
    /// A program does not exist, or may not be started.
    #[error("cannot start `{command}`: {error}")]
    Start {
        /// The command line, as it would be typed.
        command: String,
        /// The error of the system.
        error: std::io::Error,
    },
    /// A program ended with a failure.
    #[error("`{command}` failed: {status}")]
    Ended {
        /// The command line, as it would be typed.
        command: String,
        /// The exit status.
        status: std::process::ExitStatus,
    },
    /// A program exceeded its time limit, and was killed with its children.
    #[error("`{command}` was stopped after {} s", limit.as_secs())]
    Late {
        /// The command line, as it would be typed.
        command: String,
        /// The time limit.
        limit: Duration,
    },
    /// Something is missing that this task cannot install.
    #[error("{0}")]
    Missing(String),
    /// A check could not be made, for a reason outside the repository. It is reported, but is no
    /// failure.
    #[error("{0}")]
    Unchecked(String),
    /// A file could not be read, written or removed.
    #[error("{}: {error}", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error of the system.
        error: std::io::Error,
    },
    /// Some steps failed. The summary above names them.
    #[error("{failed} of {all} steps failed")]
    Steps {
        /// The number of steps that failed.
        failed: usize,
        /// The number of steps that were started.
        all: usize,
    },
}

impl TaskFailure {
    /// A function for `map_err` that adds `path` to an error.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, error }
    }
}
