//! The files that are generated from types: config/up.schema.json, config/REFERENCE.md and
//! ui/src/wire/bindings. Tests of the crates that own the types compare them, and write them if
//! told to.

use std::time::Duration;

use crate::command::{self, cargo};
use crate::failure::TaskFailure;
use crate::rust::BUILD_LIMIT;

/// The variable that makes those tests write the files.
const WRITE: &str = "UP_CODEGEN";

/// The crates whose tests own a generated file.
const OWNERS: [&str; 4] = ["--package", "up-wire", "--package", "up-config"];

/// Checks that every generated file matches its types.
pub(crate) fn check(limit: Duration) -> Result<(), TaskFailure> {
    command::run(cargo().args(["test", "--locked"]).args(OWNERS), limit)
}

/// Writes all generated files.
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
