//! The source types: everything that Up can check, and how. One file holds one source type: its
//! configuration (the field docs are the reference manual) and its check.
//!
//! Room: this crate talks to the watched systems. It does not schedule checks, judge results, store
//! anything or notify anyone. It reads no file of its own: secrets and certificates come through
//! [`Secrets`].

pub mod command;
pub mod dns;
mod duration;
pub mod expect;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod http;
pub mod mongo;
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
use up_history::mongo::{FleetScope, MongoStore};

/// A source: something that can be checked.
pub trait Source: Send + Sync + std::fmt::Debug {
    /// Checks the source once. The future returns by `context.deadline`; on a timeout, the cause of
    /// the result names the step that was under way. The caller may drop the future at any time (at
    /// shutdown, or shortly after the deadline), and it then leaves no task, process or connection
    /// behind.
    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult>;

    /// Where the traffic of the check goes, and what a reply proves about our own network. A source
    /// type that does not override this method is of unknown reach.
    fn reach(&self) -> Reach {
        Reach::Unknown
    }

    /// Listens to the far side for as long as it is polled, and calls `news` when a check would find
    /// something new. `None` for a source type that learns nothing between its checks. It bounds how
    /// often it calls `news`, and it may stop listening: the source is checked at its interval anyway.
    fn listen<'a>(&'a self, news: &'a (dyn Fn() + Send + Sync)) -> Option<BoxFuture<'a, ()>> {
        let _ = news;
        None
    }

    /// The MongoDB of a source that reads what other agents wrote to one, and what of it.
    fn fleet(&self) -> Option<(Arc<MongoStore>, FleetScope)> {
        None
    }
}

/// The time that one check has.
#[derive(Clone, Copy, Debug)]
pub struct CheckContext {
    /// The moment by which the check must return its result.
    pub deadline: Instant,
    /// The whole time from the start of the check to the deadline, as shown in the text of a
    /// timeout.
    pub timeout: std::time::Duration,
}

impl CheckContext {
    /// The context of a check that starts now and may take `timeout`.
    pub fn starting_now(timeout: std::time::Duration) -> Self {
        Self {
            deadline: Instant::now() + timeout,
            timeout,
        }
    }
}

/// A source that was built from its configuration and is ready to be checked.
#[derive(Clone, Debug)]
pub struct Built {
    /// The source itself.
    pub source: Arc<dyn Source>,
    /// The name of the node when the configuration gives it none.
    pub default_name: String,
    /// What is checked, as a person reads it: a URL without secrets, or `host:port`.
    pub target: String,
    /// True if the replies may carry a better name than `default_name`, as those of an SNMP device
    /// do.
    pub names_itself: bool,
}

/// Separates the message from the help in a custom error of serde.
pub const HELP: &str = "\nhelp: ";

/// An error in the configuration of a source that the types of its keys do not rule out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigProblem {
    /// The key with the error, as written in up.toml. Empty if the error concerns the whole table.
    pub key: &'static str,
    /// The key in the table of `key`, if only that one is wrong.
    pub inner: Option<&'static str>,
    /// What is wrong, as one line.
    pub message: String,
    /// How to correct it, as one line.
    pub help: Option<String>,
}

impl ConfigProblem {
    /// A problem with `key`, without a hint how to correct it.
    pub fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self {
            key,
            inner: None,
            message: message.into(),
            help: None,
        }
    }

    /// Adds a hint how to correct the problem.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// The location of the error: `key`, or `key.inner` if only the inner key is wrong.
    pub fn place(&self) -> String {
        match self.inner {
            Some(inner) => format!("{}.{inner}", self.key),
            None => self.key.to_owned(),
        }
    }
}
