//! What every source that opens a connection needs: names to addresses, and what a failed system
//! call means.
//!
//! Room: addresses and `io::Error`s. No protocol is spoken here.

pub(crate) mod dial;
pub(crate) mod fault;
pub(crate) mod names;
