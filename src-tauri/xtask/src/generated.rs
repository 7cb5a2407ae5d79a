//! The files that are written from types: config/up.schema.json, config/REFERENCE.md and
//! ui/src/wire/bindings. The tests of the crates that own those types compare them, and write them
//! when told to.

use std::time::Duration;

use crate::command::{self, cargo};
use crate::failure::TaskFailure;
use crate::rust::BUILD_LIMIT;

/// Set, it makes those tests write what they would compare.
const WRITE: &str = "UP_CODEGEN";

/// The crates whose tests own a generated file.
const OWNERS: [&str; 4] = ["--package", "up-wire", "--package", "up-config"];

/// Every generated file is what its types say now.
pub(crate) fn check(limit: Duration) -> Result<(), TaskFailure> {
    command::run(cargo().args(["test", "--locked"]).args(OWNERS), limit)
}

/// Writes them all.
pub(crate) fn write(arguments: &[String]) -> Result<(), TaskFailure> {
    if let Some(extra) = arguments.first() {
        return Err(TaskFailure::Usage(format!(
            "codegen takes no arguments, not `{extra}`"
        )));
    }
    command::run(
        cargo().arg("test").args(OWNERS).env(WRITE, "1"),
        BUILD_LIMIT,
    )
}
