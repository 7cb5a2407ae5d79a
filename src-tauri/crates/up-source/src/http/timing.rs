//! When each part of an exchange took place.
//!
//! The resolver and the connector run in the task of the check, and note times in a task-local
//! record. The TLS handshake has a record of its own (`net::tls::handshake`). A connection that an
//! earlier check left open adds to neither.

use std::cell::RefCell;
use std::time::Instant;

use up_core::Detail;

use crate::net::tls::handshake::{self, Handshake};

tokio::task_local! {
    /// The record of the exchange that runs in this task.
    static RECORD: RefCell<HopTiming>;
}

/// The times noted of one hop.
#[derive(Clone, Debug, Default)]
pub(super) struct HopTiming {
    /// When a kept connection was looked for; `None` without `keep_alive`.
    pub reusing: Option<Instant>,
    /// When the look-up of the name began.
    pub lookup: Option<Instant>,
    /// When the look-up ended.
    pub resolved: Option<Instant>,
    /// When the opening of a connection began.
    pub connecting: Option<Instant>,
    /// When the connection was open, including TLS.
    pub connected: Option<Instant>,
    /// When the head of the response had arrived.
    pub answered: Option<Instant>,
    /// When the reading of the body ended, whether it was whole or not.
    pub ended: Option<Instant>,
    /// The record of the TLS handshake.
    pub tls: Handshake,
}

/// The part of an exchange that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The name is being looked up.
    Resolve,
    /// The connection is being opened.
    Connect,
    /// The TLS handshake is under way.
    Tls,
    /// The head of the response is awaited.
    FirstByte,
    /// The body is being read.
    Body,
}

/// Runs `check` with a record of its own.
pub(super) async fn recorded<F: Future>(check: F) -> F::Output {
    handshake::recorded(RECORD.scope(RefCell::default(), check)).await
}

/// Changes this task's record, if it has one.
pub(super) fn note(change: impl FnOnce(&mut HopTiming)) {
    // Outside a recorded exchange there is nothing to note.
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
    /// The part of the exchange that is under way.
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

    /// When a connection of an earlier check was taken, if one was used.
    pub(super) fn kept(&self) -> Option<Instant> {
        let is_new = self.connecting.is_some() || self.lookup.is_some();
        self.reusing.filter(|_| !is_new)
    }

    /// The duration in seconds of each part that took place, by name.
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
