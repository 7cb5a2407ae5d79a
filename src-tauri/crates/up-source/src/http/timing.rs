//! When each part of an exchange took place.
//!
//! The resolver and the connector are called in the task of the check, and note their moments in a
//! record of that task; the TLS handshake has a record of its own (`net::tls::handshake`). A connection
//! that an earlier check left open has neither.

use std::cell::RefCell;
use std::time::Instant;

use up_core::Detail;

use crate::net::tls::handshake::{self, Handshake};

tokio::task_local! {
    /// The record of the exchange that this task is in.
    static RECORD: RefCell<HopTiming>;
}

/// What was noted of one hop.
#[derive(Clone, Debug, Default)]
pub(super) struct HopTiming {
    /// The client, which may have a connection already, was asked.
    pub reusing: Option<Instant>,
    /// The resolver was asked.
    pub lookup: Option<Instant>,
    /// It answered.
    pub resolved: Option<Instant>,
    /// The connector was asked.
    pub connecting: Option<Instant>,
    /// The connection, TLS and all, stood.
    pub connected: Option<Instant>,
    /// The answer's head was there.
    pub answered: Option<Instant>,
    /// The body was there, whole or as far as it came.
    pub ended: Option<Instant>,
    /// What the TLS handshake told.
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

/// Runs `check` with a record of its own.
pub(super) async fn recorded<F: Future>(check: F) -> F::Output {
    handshake::recorded(RECORD.scope(RefCell::default(), check)).await
}

/// Notes something in this task's record, if it has one.
pub(super) fn note(change: impl FnOnce(&mut HopTiming)) {
    // Outside a recorded exchange nobody wants to know.
    let _ = RECORD.try_with(|record| change(&mut record.borrow_mut()));
}

/// Takes this task's record, and leaves an empty one in its place.
pub(super) fn take() -> HopTiming {
    let record = RECORD.try_with(RefCell::take).unwrap_or_default();
    HopTiming {
        tls: handshake::take(),
        ..record
    }
}

/// Copies this task's record.
pub(super) fn peek() -> HopTiming {
    let record = RECORD.try_with(|record| record.borrow().clone());
    HopTiming {
        tls: handshake::peek(),
        ..record.unwrap_or_default()
    }
}

impl HopTiming {
    /// Where the exchange stands.
    pub(super) fn phase(&self) -> Phase {
        if self.answered.is_some() {
            Phase::Body
        } else if self.connected.is_some() || self.kept().is_some() {
            Phase::FirstByte
        } else if self.tls.began.is_some() {
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
            self.tls.began.or(self.connected),
        );
        put("tls", self.tls.began, self.connected);
        put(
            "first_byte",
            self.connected.or_else(|| self.kept()),
            self.answered,
        );
        put("body", self.answered, self.ended);
        parts
    }
}
