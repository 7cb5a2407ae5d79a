//! Paths of sources as the panel names them: whether one can be a path, and what is said of one
//! that is not configured. Nothing of a source's state enters here.

use up_core::path::MAX_NAME;

/// The longest path that is looked for, in bytes: more than any tree that a person would open.
pub(crate) const MAX_PATH: usize = 200 * (MAX_NAME + 1);

/// What is said of a path that is not configured.
pub(crate) fn no_such(path: &str) -> String {
    format!(
        "{} is not in the configuration (any more).",
        up_core::cause::one_line(path, 200)
    )
}

/// Refuses what cannot be a source's path.
pub(crate) fn check_path(path: &str) -> Result<(), String> {
    if up_core::path::is_path(path) && path.len() <= MAX_PATH {
        Ok(())
    } else {
        Err("That is no path of a source.".into())
    }
}
