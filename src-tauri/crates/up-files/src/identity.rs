//! The identity of a file: tells without reading the file whether it has changed.

use std::fs::Metadata;
use std::path::Path;

/// The identity of a file at one moment: which file it is, its size, and when it last changed. Two
/// equal identities mean that the file was not written, replaced or reached through other links
/// between the two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    file: (u64, u64),
    /// The size and the times of modification and change. They are all zero for anything but a
    /// regular file: reading a pipe changes its times.
    written: (u64, Time, Time),
    regular: bool,
}

type Time = (i64, i64);

impl FileIdentity {
    /// The identity of the file that a path leads to now; `None` when there is none.
    pub fn of(path: &Path) -> Option<Self> {
        Some(Self::from(&std::fs::metadata(path).ok()?))
    }

    /// True if both are of the same file, whatever was written to it in between.
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.file == other.file
    }

    /// True of a regular file. Pipes, devices and folders are never read a second time.
    pub fn is_regular(&self) -> bool {
        self.regular
    }
}

#[cfg(unix)]
impl From<&Metadata> for FileIdentity {
    fn from(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let regular = metadata.is_file();
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        let written = (metadata.size(), modified, changed);
        Self {
            file: (metadata.dev(), metadata.ino()),
            written: if regular { written } else { Default::default() },
            regular,
        }
    }
}

#[cfg(not(unix))]
impl From<&Metadata> for FileIdentity {
    fn from(metadata: &Metadata) -> Self {
        let time = |time: std::io::Result<std::time::SystemTime>| {
            let since = time
                .ok()
                .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            since.map_or((0, 0), |since| {
                (since.as_secs() as i64, i64::from(since.subsec_nanos()))
            })
        };
        let modified = time(metadata.modified());
        let created = time(metadata.created());
        Self {
            file: (0, 0),
            written: (metadata.len(), modified, created),
            regular: metadata.is_file(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_changes_with_the_file_and_with_nothing_else() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("file");
        assert_eq!(FileIdentity::of(&path), None);
        std::fs::write(&path, "one").expect("a file");
        let first = FileIdentity::of(&path);
        std::fs::read(&path).expect("it is read");
        assert_eq!(FileIdentity::of(&path), first, "reading changes nothing");
        std::fs::write(&path, "more than one").expect("it is written again");
        let again = FileIdentity::of(&path);
        assert_ne!(again, first);
        let is_same = |one: Option<FileIdentity>, other: Option<FileIdentity>| {
            one.zip(other)
                .is_some_and(|(one, other)| one.is_same_file(&other))
        };
        assert!(is_same(again, first), "it is the same file");
        let other = folder.path().join("other");
        std::fs::write(&other, "one").expect("a file");
        std::fs::rename(&other, &path).expect("it is replaced");
        assert_ne!(
            FileIdentity::of(&path),
            first,
            "the same text in another file"
        );
        assert!(!is_same(FileIdentity::of(&path), first));
    }
}
