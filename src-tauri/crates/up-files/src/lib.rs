//! Files as Up reads and creates them: read within bounds on size and time, created for their owner
//! only, followed link by link, and compared by identity.
//!
//! Room: everything that opens, creates or looks at a file of the file system. Nothing here knows
//! the meaning of a file's content.

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
