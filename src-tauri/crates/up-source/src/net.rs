//! What every source that opens a connection needs: names to addresses, streams that no peer can
//! keep busy, TLS, and what a
//! failed system call means.
//!
//! Room: addresses, streams and `io::Error`s. No protocol above TLS is spoken here.

pub(crate) mod dial;
pub(crate) mod fault;
pub(crate) mod names;
pub(crate) mod stagger;
pub(crate) mod stream;
pub(crate) mod tls;
