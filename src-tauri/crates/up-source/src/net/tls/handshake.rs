//! What a TLS handshake tells: the server's certificate, and how far both sides came.
//!
//! rustls calls the verifier and the resolver of client certificates in the task of the check. Both
//! note what they see in a record of that task. A connection that an earlier check left open has no
//! handshake, so that nothing is noted.

use std::cell::RefCell;
use std::time::Instant;

use super::certificate::Certificate;

tokio::task_local! {
    /// The record of the handshake that this task is in.
    static RECORD: RefCell<Handshake>;
}

/// The facts of one handshake.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handshake {
    /// When the handshake began: TCP, and any tunnel, stood by then.
    pub began: Option<Instant>,
    /// The server's certificate.
    pub certificate: Option<Certificate>,
    /// How many certificates the server showed beside its own.
    pub others: usize,
    /// The server's certificate was accepted.
    pub accepted: bool,
    /// The server proved that it has the certificate's key.
    pub proven: bool,
    /// Whether the server asked for a client certificate.
    pub client: ClientCertificate,
    /// What of a certificate that the chain needs Up cannot verify, as in "certificate …".
    pub unsupported: Option<String>,
}

/// What became of the client certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClientCertificate {
    /// The server did not ask for one.
    #[default]
    Unasked,
    /// The server asked, and none was shown.
    Missing,
    /// The server asked, and was shown ours.
    Shown,
}

/// Runs `check` with a record of its own.
pub(crate) async fn recorded<F: Future>(check: F) -> F::Output {
    RECORD.scope(RefCell::default(), check).await
}

/// Notes something in this task's record, if it has one.
pub(crate) fn note(change: impl FnOnce(&mut Handshake)) {
    // Outside a recorded check nobody reads what a handshake tells.
    let _ = RECORD.try_with(|record| change(&mut record.borrow_mut()));
}

/// Takes this task's record, and leaves an empty one in its place.
pub(crate) fn take() -> Handshake {
    RECORD.try_with(RefCell::take).unwrap_or_default()
}

/// Copies this task's record.
pub(crate) fn peek() -> Handshake {
    RECORD
        .try_with(|record| record.borrow().clone())
        .unwrap_or_default()
}
