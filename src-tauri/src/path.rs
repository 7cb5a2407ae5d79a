//! Checks of the source paths that the panel sends, and the error for one that is not configured.
//! This module does not use the state of sources.

use up_core::path::MAX_NAME;

/// The longest path that is looked up, in bytes: more than in any tree that a person would open.
pub(crate) const MAX_PATH: usize = 200 * (MAX_NAME + 1);

/// The error for a path that is not configured.
pub(crate) fn no_such(path: &str) -> String {
    format!(
        "{} is not in the configuration (any more).",
        up_core::cause::one_line(path, 200)
    )
}

/// An error unless `path` can be the path of a source.
pub(crate) fn check_path(path: &str) -> Result<(), String> {
    if up_core::path::is_path(path) && path.len() <= MAX_PATH {
        Ok(())
    } else {
        Err("That is no path of a source.".into())
    }
}
