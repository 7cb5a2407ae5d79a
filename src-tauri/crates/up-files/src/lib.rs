//! Files as Up reads and makes them: read with a bound on size and time, made for their owner only,
//! followed link by link, and told apart by identity.
//!
//! Room: everything that opens, creates or looks at a file of the file system. Nothing here knows
//! what stands in a file.

mod identity;
pub mod links;
pub mod private;
mod read;
mod refused;
mod seen;
#[cfg(unix)]
mod trust;

pub use identity::FileIdentity;
pub use read::{Content, FileReader, ReadError, ReadRequest};
pub use refused::Refused;
pub use seen::SeenFile;
