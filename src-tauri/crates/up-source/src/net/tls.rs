//! TLS for every source that needs it: HTTPS, DNS over TLS and over HTTPS, `tcp` with TLS, and
//! `type = "tls"`.
//!
//! - `client`: the options of a TLS client, and the rustls configuration that follows from them
//! - `trust`: which certificates are accepted; `own_roots`: the certificates that `ca` names
//! - `algorithms`, `p521`: the signatures and keys that can be verified
//! - `identity`: our own certificate, for servers that request one
//! - `handshake`: the record of one handshake; `certificate`: the facts of a certificate
//! - `cause`: the text for a failed handshake
//!
//! Room: no protocol above TLS is spoken here.

mod algorithms;
pub(crate) mod cause;
pub(crate) mod certificate;
mod client;
pub(crate) mod handshake;
mod identity;
mod own_roots;
mod p521;
mod trust;

pub use client::TlsClients;

pub(crate) use client::{TlsClient, TlsKeys, TlsOptions};
