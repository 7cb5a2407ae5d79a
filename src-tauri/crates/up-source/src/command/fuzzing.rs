//! A way in for the fuzz targets.

use up_core::CheckResult;

use super::child::{ChildEnd, FinishedChild};
use super::verdict;

/// What a program's end and its output mean.
pub fn command(code: i32, out: &[u8], err: &[u8]) -> CheckResult {
    verdict::answer(&FinishedChild {
        end: ChildEnd::Code(code),
        out: out.to_vec(),
        err: err.to_vec(),
    })
}
