//! Ways in for the fuzz targets (tests/fuzz), behind the feature `fuzzing`, which no program turns
//! on: each takes a peer's bytes to the parser that meets them. The parsers themselves stay private.

pub use crate::command::fuzzing::command;
pub use crate::dns::fuzzing::dns;
pub use crate::expect::fuzzing::{FuzzedConditions, StatusReader, pointer};
pub use crate::http::fuzzing::{headers, redirects, urls};
pub use crate::statuspage::fuzzing::{LARGEST_PAGE, statuspage};
pub use crate::tcp::fuzzing::tcp;
pub use crate::tls::fuzzing::{certificate, starttls};

/// What SNMP agents answer.
pub mod snmp {
    pub use crate::snmp::fuzzing::{Community, ENGINE, REQUEST_ID, sealed, v3, value};
}
