//! A file as it was last seen, to tell later whether it has changed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::identity::FileIdentity;
use crate::read::{Content, ReadError};

/// A file as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// Where it stands: an absolute path.
    pub path: PathBuf,
    /// Its identity; `None` when it could not be read.
    pub identity: Option<FileIdentity>,
    /// A hash of its bytes; `None` when it could not be read, or was empty.
    pub content: Option<u64>,
}

impl SeenFile {
    /// A file of which nothing is known.
    pub fn never(path: &Path) -> Self {
        Self {
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            identity: None,
            content: None,
        }
    }

    /// A file as it was just read, or as it could not be.
    pub fn read(path: &Path, read: Result<&Content, &ReadError>) -> Self {
        let never = Self::never(path);
        match read {
            Ok(content) => Self {
                identity: Some(content.identity()),
                content: hash(&content.bytes),
                ..never
            },
            // To look at it again could hang; whoever watches it does.
            Err(_) => never,
        }
    }
}

fn hash(bytes: &[u8]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    (!bytes.is_empty()).then(|| hasher.finish())
}
