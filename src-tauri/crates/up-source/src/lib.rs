//! The source types that Up can check. Each type is one module, which holds its configuration (the
//! field docs are the reference manual) and its check.
//!
//! This crate does all communication with the watched systems. It does not schedule, judge, store
//! or notify, and it reads no file of ours: secrets come in through [`Secrets`].

pub mod command;
pub mod dns;
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

pub use net::tls::TlsClients;
pub use policy::PolicyKey;
pub use registry::{Configure, KINDS, Shared, SourceConfig};
pub use secret::{PlainSecrets, Secret, SecretRef, Secrets};

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use up_core::CheckResult;
use up_core::connectivity::{Proof, Reach};

/// A configured source that can be checked.
pub trait Source: Send + Sync + std::fmt::Debug {
    /// Checks the source once. The result is there by `probe.deadline`; the cause of a timeout says
    /// how far the check came.
    ///
    /// The future may be dropped at any time: at shutdown, or by the engine shortly after the
    /// deadline. A dropped check leaves no task, connection or process behind.
    fn check<'a>(&'a self, probe: &'a CheckContext) -> BoxFuture<'a, CheckResult>;

    /// Where the source's traffic goes, and what an answer proves about our own network. The
    /// default is that nothing is known.
    fn reach(&self) -> Reach {
        Reach::Unknown
    }
}

/// The limits of one check.
#[derive(Clone, Copy, Debug)]
pub struct CheckContext {
    /// When the check must have a result.
    pub deadline: Instant,
    /// The time from the start of the check to `deadline`, for the text of a timeout.
    pub timeout: std::time::Duration,
}

impl CheckContext {
    /// The limits of a check that starts now.
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
    /// The name of the node when the configuration gives none.
    pub default_name: String,
    /// What the source checks, as text for a person: a URL without secrets, `host:port`.
    pub target: String,
    /// True when an answer may contain a better name than `default_name`: a status page's own
    /// title.
    pub names_itself: bool,
}

/// An error in a source's configuration that its types do not already forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigProblem {
    /// The key with the error, as written in up.toml. It is empty when the table as a whole is
    /// wrong.
    pub key: &'static str,
    /// The error, as text for a person.
    pub message: String,
    /// How to correct it, as text for a person.
    pub help: Option<String>,
}

impl ConfigProblem {
    /// An error in the key `key`, without help.
    pub fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self {
            key,
            message: message.into(),
            help: None,
        }
    }

    /// This error with a text that says how to correct it.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}
