//! The entry point of the fuzz targets into the plugin output parser.

use up_core::CheckResult;

use super::child::{ChildEnd, FinishedChild};
use super::verdict;

/// The result of a plugin that exited with `code` and this output.
pub fn command(code: i32, out: &[u8], err: &[u8]) -> CheckResult {
    verdict::result(&FinishedChild {
        end: ChildEnd::Code(code),
        out: out.to_vec(),
        err: err.to_vec(),
    })
}
