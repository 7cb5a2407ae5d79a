//! The interface of a sink type that delivers notices to another program.

use std::any::Any;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::report::Report;

/// The outcome of one attempt to deliver a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryOutcome {
    /// The notice was accepted.
    Delivered,
    /// The notice is to be delivered again after this pause.
    RetryAfter(Duration, DeliveryFailure),
    /// The notice is given up.
    GiveUp(DeliveryFailure),
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeliveryFailure {
    pub(crate) class: FailureClass,
    /// For a person. It may differ for failures of one class.
    pub(crate) why: String,
}

/// The kinds of failures. Two of one kind are one trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureClass {
    /// There was no answer.
    NoAnswer,
    /// An HTTP status refused the notice.
    Status(u16),
    /// The program failed.
    Program,
}

/// A place that notices are delivered to. The delivery queue in front of it keeps the order, repeats
/// attempts and reports the outcome.
pub(crate) trait AlertReceiver: Any + Send + Sync {
    /// The receiver, for a person and without secrets.
    fn shown(&self) -> &str;
    /// The identity of the receiver: two sinks with the same key notify the same place. The key may
    /// contain secrets and is never shown.
    fn key(&self) -> String;
    /// Delivers one notice within a bounded time. `attempts` counts the attempts before this one,
    /// `age` is the time since the first.
    fn deliver<'a>(
        &'a self,
        report: &'a Report,
        attempts: u32,
        age: Duration,
    ) -> BoxFuture<'a, DeliveryOutcome>;
}
