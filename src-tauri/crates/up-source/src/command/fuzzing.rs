//! A way in for the fuzz targets.

use up_core::Answer;

use super::child::{End, Ended};
use super::verdict;

/// What a program's end and its output mean.
pub fn command(code: i32, out: &[u8], err: &[u8]) -> Answer {
    verdict::answer(&Ended {
        end: End::Code(code),
        out: out.to_vec(),
        err: err.to_vec(),
    })
}
