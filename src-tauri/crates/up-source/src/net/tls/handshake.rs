//! The record of a TLS handshake: the server's certificate, and how far the handshake came.
//!
//! rustls calls the certificate verifier and the resolver of client certificates within the task of
//! the check. Both note what they see in a record that belongs to that task. A check that reuses an
//! open connection makes no handshake, so that its record stays empty.

use std::cell::RefCell;
use std::time::Instant;

use super::certificate::Certificate;

tokio::task_local! {
    /// The record of the handshake in this task.
    static RECORD: RefCell<Handshake>;
}

/// The facts of one handshake.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handshake {
    /// When the handshake began. TCP, and any tunnel, were connected by then.
    pub began: Option<Instant>,
    /// The certificate of the server.
    pub certificate: Option<Certificate>,
    /// The number of certificates that the server sent besides its own.
    pub others: usize,
    /// True if the certificate of the server was accepted.
    pub accepted: bool,
    /// True if the server proved that it has the private key of its certificate.
    pub proven: bool,
    /// Whether the server requested a client certificate, and what it was sent.
    pub client: ClientCertificate,
    /// Why Up cannot verify one of the other certificates of the chain, if so (see
    /// [`super::algorithms::unsupported`]).
    pub unsupported: Option<String>,
}

/// What became of the client certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClientCertificate {
    /// The server did not request one.
    #[default]
    Unasked,
    /// The server requested one, and none was sent.
    Missing,
    /// The server requested one, and ours was sent.
    Shown,
}

/// Runs `check` with a handshake record of its own.
pub(crate) async fn recorded<F: Future>(check: F) -> F::Output {
    RECORD.scope(RefCell::default(), check).await
}

/// Changes the record of this task, if it has one.
pub(crate) fn note(change: impl FnOnce(&mut Handshake)) {
    // Outside of `recorded`, nobody reads the record.
    let _ = RECORD.try_with(|record| change(&mut record.borrow_mut()));
}

/// Returns the record of this task, and leaves an empty one in its place.
pub(crate) fn take() -> Handshake {
    RECORD.try_with(RefCell::take).unwrap_or_default()
}

/// Returns a copy of the record of this task.
pub(crate) fn peek() -> Handshake {
    RECORD
        .try_with(|record| record.borrow().clone())
        .unwrap_or_default()
}
