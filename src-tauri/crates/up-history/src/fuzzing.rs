//! Ways in for the fuzz targets (tests/fuzz), behind the feature `fuzzing`, which no program turns
//! on: what a disk or a database may hold, to the parsers that meet it.

pub use crate::embedded::fuzzing::{packed, packed_metrics, unpack, unpack_metrics};
pub use crate::mongo::fuzzing::{document, fleet};
