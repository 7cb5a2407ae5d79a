//! A sample and whose it is: the row that leaves the watch for the history and the sinks.

use std::sync::Arc;

use crate::outline::Kind;
use crate::sample::Sample;

/// A sample and whose it is: what history keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The source's path, `/Root/Child`.
    pub path: Arc<str>,
    /// What kind of source it is.
    pub kind: Kind,
    /// The sample.
    pub sample: Sample,
}
