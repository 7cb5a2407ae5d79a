//! The failures that end a command early, and the exit status.

use std::process::ExitCode;

/// Why a command failed. The failure is printed on stderr, and the exit status is 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandFailure {
    /// The configuration has mistakes.
    #[error("{0}")]
    Config(#[from] up_config::ConfigError),
    /// The source cannot be explained.
    #[error("{0}")]
    Explain(#[from] up_config::ExplainError),
    /// There is no configuration file.
    #[error(
        "there is no configuration file: looked for {looked_at}\nhelp: `up init {start}` \
         writes a commented one to start from"
    )]
    NoConfig {
        /// The places of the search, for a person.
        looked_at: String,
        /// Where to write one, as an argument of a shell: a place of the search that is the same in
        /// every folder.
        start: String,
    },
    /// A store could not be opened, read or written.
    #[error("{0}")]
    Store(#[from] up_history::StoreError),
    /// A file could not be imported.
    #[error("{0}")]
    Import(#[from] up_history::import::ImportError),
    /// A MongoDB could not be imported.
    #[error("{0}")]
    DatabaseImport(#[from] up_history::mongo::DatabaseImportError),
    /// The controls could not be read or stored.
    #[error("{0}")]
    Keep(#[from] up_engine::controls::KeepError),
    /// An operation of the system failed.
    #[error("{what}: {source}")]
    Io {
        /// What failed.
        what: String,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The memory limit is reached.
    #[error("{0}")]
    Memory(String),
    /// The process at the socket refused. Its words stand behind ours, so that they are not taken
    /// for a line that Up wrote.
    #[error("the running Up refused: {0}")]
    Refused(String),
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
}

impl CommandFailure {
    /// Wraps the error of an answer that cannot be written as JSON.
    #[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
    pub(crate) fn json(error: serde_json::Error) -> Self {
        Self::Usage(format!("the history has no JSON form: {error}"))
    }

    /// Wraps an error of the system.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// The exit status of a check: 0 if everything is up, else 1.
pub(crate) fn status(all_up: bool) -> ExitCode {
    ExitCode::from(u8::from(!all_up))
}
