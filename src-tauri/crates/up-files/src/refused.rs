//! Why a file or folder is not used although it could be read: somebody else could change it.

use std::path::PathBuf;

/// The reason why somebody other than the user and root could replace a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// This file, link or folder belongs to another user. The number is the user's id.
    Belongs(PathBuf, u32),
    /// This file or folder may be written by others.
    Writable(PathBuf),
    /// While the file was opened, another one was put at this path.
    Replaced(PathBuf),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Belongs(path, user) => write!(
                f,
                "{} belongs to another user (number {user}), who could change it at any time",
                path.display()
            ),
            Self::Writable(path) => write!(
                f,
                "{} may be written by other users than its owner: `chmod go-w` takes that right \
                 away",
                path.display()
            ),
            Self::Replaced(path) => {
                write!(f, "{} was replaced while it was opened", path.display())
            }
        }
    }
}
