//! What all sources that open a connection share: name resolution, connected streams that no peer
//! can use to block a thread, TLS, and the meaning of failed system calls.
//!
//! Room: addresses, streams and `io::Error`s. No protocol above TLS is spoken here.

pub(crate) mod dial;
pub(crate) mod fault;
pub(crate) mod names;
pub(crate) mod stagger;
pub(crate) mod stream;
pub(crate) mod tls;
