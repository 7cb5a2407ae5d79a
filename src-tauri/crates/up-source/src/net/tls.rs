//! TLS for every source that needs it: HTTP, DNS over TLS and HTTPS, and bare handshakes.
//!
//! - `client`: the options of a TLS client, and the settings that rustls makes of them
//! - `trust`: which certificates are accepted; `own_roots`: those of `ca`
//! - `algorithms`, `p521`: which signatures and keys can be verified
//! - `identity`: our own certificate, for servers that ask for one
//! - `handshake`: what a handshake noted; `certificate`: what a certificate says
//! - `cause`: why a handshake failed, for a person
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
