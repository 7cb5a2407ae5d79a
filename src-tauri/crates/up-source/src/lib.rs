//! What Up can ask. One file a source type; each holds its configuration (whose field docs are the
//! reference manual) and its check.
//!
//! Room: everything that speaks to the watched world. Nothing here schedules, judges, stores or
//! tells anyone, and nothing reads a file of ours: secrets come in through [`Secrets`].

pub mod command;
pub mod dns;
mod duration;
pub mod expect;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod http;
pub mod nagios;
mod net;
pub mod ping;
mod policy;
pub mod reference;
pub mod registry;
pub mod secret;
pub mod snmp;
pub mod statuspage;
pub mod tcp;
mod text;
pub mod tls;

pub use duration::{DurationError, WrittenDuration};
pub use net::tls::TlsClients;
pub use policy::PolicyKey;
pub use registry::{Configure, KINDS, Shared, SourceConfig};
pub use secret::{PlainSecrets, Secret, SecretRef, Secrets};

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use up_core::CheckResult;
use up_core::connectivity::{Proof, Reach};

/// Anything that can be asked.
pub trait Source: Send + Sync + std::fmt::Debug {
    /// Asks, and answers by `probe.deadline` with a cause that says where it stood. The future may
    /// be dropped at any time (shutdown, or a backstop a little past the deadline) and then leaves
    /// nothing running.
    fn check<'a>(&'a self, probe: &'a CheckContext) -> BoxFuture<'a, CheckResult>;

    /// Where its traffic goes, and what an answer proves of our own network. Nobody knows, unless
    /// it says so.
    fn reach(&self) -> Reach {
        Reach::Unknown
    }
}

/// One asking.
#[derive(Clone, Copy, Debug)]
pub struct CheckContext {
    /// By when there must be an answer.
    pub deadline: Instant,
    /// The same as a span from the start, for the words of a timeout.
    pub timeout: std::time::Duration,
}

impl CheckContext {
    /// A probe that starts now.
    pub fn starting_now(timeout: std::time::Duration) -> Self {
        Self {
            deadline: Instant::now() + timeout,
            timeout,
        }
    }
}

/// A source made ready to be asked.
#[derive(Clone, Debug)]
pub struct Built {
    /// The source.
    pub source: Arc<dyn Source>,
    /// The name of a node that was given none.
    pub default_name: String,
    /// What it asks, for a person: a URL without secrets, `host:port`.
    pub target: String,
    /// True when the far side may say a better name than `default_name` in its answer.
    pub names_itself: bool,
}

/// In what a type's own check tells serde, the text that follows this is the help.
pub const HELP: &str = "\nhelp: ";

/// What is wrong with a source's configuration, beyond what its types already forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigProblem {
    /// The key that is to blame, as written in up.toml; the table as a whole when empty.
    pub key: &'static str,
    /// The key in the table of that key, where it alone is to blame.
    pub inner: Option<&'static str>,
    /// What is wrong with it.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
}

impl ConfigProblem {
    /// A problem with that key.
    pub fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self {
            key,
            inner: None,
            message: message.into(),
            help: None,
        }
    }

    /// The same, with what to do instead.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// Where it stands: the key, or `key.inner` for one in the table of that key.
    pub fn place(&self) -> String {
        match self.inner {
            Some(inner) => format!("{}.{inner}", self.key),
            None => self.key.to_owned(),
        }
    }
}
