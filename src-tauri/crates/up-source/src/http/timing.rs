//! When each part of an exchange took place.
//!
//! Whoever is called on the way (the resolver, the connector, the TLS verifier) notes its moment in a
//! task-local record, for names, connections and handshakes are made in the task of the check. Where
//! a connection is left from an earlier check, nothing of this takes place.

use std::cell::RefCell;
use std::time::Instant;

use up_core::Detail;

use super::certificate::Certificate;
use super::handshake::Handshake;

tokio::task_local! {
    /// The record of the exchange that this task is in.
    static RECORD: RefCell<HopTiming>;
}

/// What was noted of one hop.
#[derive(Clone, Debug, Default)]
pub(crate) struct HopTiming {
    /// The client, which may have a connection already, was asked.
    pub reusing: Option<Instant>,
    /// The resolver was asked.
    pub lookup: Option<Instant>,
    /// It answered.
    pub resolved: Option<Instant>,
    /// The connector was asked.
    pub connecting: Option<Instant>,
    /// The TLS handshake began, so TCP (and any tunnel) stood.
    pub handshake: Option<Instant>,
    /// The connection, TLS and all, stood.
    pub connected: Option<Instant>,
    /// The answer's head was there.
    pub answered: Option<Instant>,
    /// The body was there, whole or as far as it came.
    pub ended: Option<Instant>,
    /// The server's certificate.
    pub certificate: Option<Certificate>,
    /// How many certificates the server showed beside its own.
    pub others: usize,
    /// What else the TLS handshake told.
    pub tls: Handshake,
}

/// How far an exchange came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Looking the name up.
    Resolve,
    /// Opening the connection.
    Connect,
    /// In the TLS handshake.
    Tls,
    /// Waiting for the answer's head.
    FirstByte,
    /// Reading the body.
    Body,
}

/// Runs `asking` with a record of its own.
pub(crate) async fn recorded<F: Future>(asking: F) -> F::Output {
    RECORD.scope(RefCell::default(), asking).await
}

/// Notes something in this task's record, if it has one.
pub(super) fn note(change: impl FnOnce(&mut HopTiming)) {
    // Outside a recorded exchange nobody wants to know.
    let _ = RECORD.try_with(|record| change(&mut record.borrow_mut()));
}

/// This task's record so far, with an empty one in its place.
pub(crate) fn take() -> HopTiming {
    RECORD.try_with(RefCell::take).unwrap_or_default()
}

/// This task's record so far.
pub(crate) fn peek() -> HopTiming {
    RECORD
        .try_with(|record| record.borrow().clone())
        .unwrap_or_default()
}

impl HopTiming {
    /// Where the exchange stands.
    pub(super) fn phase(&self) -> Phase {
        if self.answered.is_some() {
            Phase::Body
        } else if self.connected.is_some() || self.kept().is_some() {
            Phase::FirstByte
        } else if self.handshake.is_some() {
            Phase::Tls
        } else if self.lookup.is_some() && self.resolved.is_none() {
            Phase::Resolve
        } else {
            Phase::Connect
        }
    }

    /// When a connection from an earlier check was used, if one was.
    pub(super) fn kept(&self) -> Option<Instant> {
        let is_new = self.connecting.is_some() || self.lookup.is_some();
        self.reusing.filter(|_| !is_new)
    }

    /// The parts that took place, in seconds.
    pub(super) fn parts(&self) -> Detail {
        let mut parts = Detail::new();
        let mut put = |name, from: Option<Instant>, to: Option<Instant>| {
            if let (Some(from), Some(to)) = (from, to) {
                parts.put(name, to.saturating_duration_since(from).as_secs_f64());
            }
        };
        put("resolve", self.lookup, self.resolved);
        put(
            "connect",
            self.resolved.or(self.connecting),
            self.handshake.or(self.connected),
        );
        put("tls", self.handshake, self.connected);
        put(
            "first_byte",
            self.connected.or_else(|| self.kept()),
            self.answered,
        );
        put("body", self.answered, self.ended);
        parts
    }
}
