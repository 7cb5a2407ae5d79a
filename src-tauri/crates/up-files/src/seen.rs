//! The state in which a file was last seen, to find out later whether it has changed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::identity::FileIdentity;
use crate::read::{Content, ReadError};

/// The state in which a file was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// The absolute path of the file.
    pub path: PathBuf,
    /// The identity of the file; `None` when it could not be read.
    pub identity: Option<FileIdentity>,
    /// A hash of the file's bytes; `None` when it could not be read, or was empty.
    pub content: Option<u64>,
}

impl SeenFile {
    /// A file of which nothing is known yet.
    pub fn never(path: &Path) -> Self {
        Self {
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            identity: None,
            content: None,
        }
    }

    /// The state of a file that was just read, or could not be read.
    pub fn read(path: &Path, read: Result<&Content, &ReadError>) -> Self {
        let never = Self::never(path);
        match read {
            Ok(content) => Self {
                identity: Some(content.identity()),
                content: hash(&content.bytes),
                ..never
            },
            // Looking at the file again could block. The file watch does that on a thread of its
            // own.
            Err(_) => never,
        }
    }
}

fn hash(bytes: &[u8]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    (!bytes.is_empty()).then(|| hasher.finish())
}
