//! What ends a command early, and with which exit status.

use std::process::ExitCode;

/// Why a command ended without doing its work. Each is told on stderr, and ends with status 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandFailure {
    /// up.toml is wrong.
    #[error("{0}")]
    Config(#[from] up_config::ConfigError),
    /// There is nothing to explain.
    #[error("{0}")]
    Explain(#[from] up_config::ExplainError),
    /// There is no up.toml.
    #[error(
        "no configuration: looked for {looked_at}\nhelp: `up init` writes a commented one to start from"
    )]
    NoConfig {
        /// The places, for a person.
        looked_at: String,
    },
    /// A store could not be opened, read or written.
    #[error("{0}")]
    Store(#[from] up_history::StoreError),
    /// What people asked for could not be read or kept.
    #[error("{0}")]
    Keep(#[from] up_engine::controls::KeepError),
    /// The system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was attempted, on what.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is not enough memory to go on.
    #[error("{0}")]
    Memory(String),
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
}

impl CommandFailure {
    /// Wraps what the system said.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// 0 of what is wholly up, 1 of anything else.
pub(crate) fn status(all_up: bool) -> ExitCode {
    ExitCode::from(u8::from(!all_up))
}
