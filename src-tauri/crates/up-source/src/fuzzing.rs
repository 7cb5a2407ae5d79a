//! Entry points of the fuzz targets (tests/fuzz). They exist only with the feature `fuzzing`, which
//! no program enables. Each passes a peer's bytes to the parser that reads them; the parsers
//! themselves stay private.

pub use crate::command::fuzzing::command;
pub use crate::dns::fuzzing::dns;
pub use crate::expect::fuzzing::{FuzzedConditions, StatusReader, pointer};
pub use crate::http::fuzzing::{headers, redirects, urls};
pub use crate::mongo::fuzzing::fleet;
pub use crate::statuspage::fuzzing::{LARGEST_PAGE, statuspage};
pub use crate::tcp::fuzzing::tcp;
pub use crate::tls::fuzzing::{certificate, starttls};

/// The parsers of SNMP agents' answers.
pub mod snmp {
    pub use crate::snmp::fuzzing::{Community, ENGINE, REQUEST_ID, sealed, v3, value};
}
