//! What a TLS handshake tells beside the server's certificate.

/// The facts of one handshake.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handshake {
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
