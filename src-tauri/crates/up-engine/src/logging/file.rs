//! A log file of bounded size. A full file is renamed to `FILE.1`, replacing the one before.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use up_files::private;

/// How large a log file grows, in bytes. Together with the one before, twice that is on the disk.
pub(super) const LARGEST: u64 = 4 * 1024 * 1024;

/// The log file, and its size.
pub(super) struct BoundedFile {
    path: PathBuf,
    /// `None` when no new file could be created.
    file: Option<File>,
    size: u64,
    largest: u64,
}

impl BoundedFile {
    /// Opens the file (0600) and appends to it.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        Self::bounded(path, LARGEST)
    }

    fn bounded(path: PathBuf, largest: u64) -> io::Result<Self> {
        let mut file = private::file(&path)?;
        let size = file.seek(SeekFrom::End(0))?;
        Ok(Self {
            path,
            file: Some(file),
            size,
            largest,
        })
    }

    /// Renames the full file and creates a new one.
    fn turn(&mut self) -> io::Result<()> {
        self.file = None;
        let mut last = self.path.clone().into_os_string();
        last.push(".1");
        std::fs::rename(&self.path, last)?;
        let Self { file, size, .. } = Self::bounded(self.path.clone(), self.largest)?;
        (self.file, self.size) = (file, size);
        Ok(())
    }
}

impl Write for BoundedFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let is_full = self.size > 0 && self.size + line.len() as u64 > self.largest;
        if is_full && self.file.is_some() {
            self.turn()?;
        }
        let Some(file) = &mut self.file else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let written = file.write(line)?;
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_takes_the_place_of_the_one_before() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("up.log");
        let read = |name: &str| {
            let read = std::fs::read_to_string(folder.path().join(name));
            read.expect("it is there")
        };
        let mut log = BoundedFile::bounded(path.clone(), 11).expect("it can be made");
        for line in ["one\n", "two\n", "three\n", "four\n"] {
            log.write_all(line.as_bytes()).expect("it can be written");
        }
        assert_eq!(
            (read("up.log.1"), read("up.log")),
            ("one\ntwo\n".into(), "three\nfour\n".into())
        );
        drop(log);
        let mut log = BoundedFile::bounded(path, 11).expect("it is opened again");
        log.write_all(b"a line longer than all\n").expect("written");
        assert_eq!(read("up.log"), "a line longer than all\n");
        assert_eq!(read("up.log.1"), "three\nfour\n");
    }

    #[cfg(unix)]
    #[test]
    fn it_is_its_owners_only_and_follows_no_link() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (path, link) = (folder.path().join("up.log"), folder.path().join("link"));
        BoundedFile::open(path.clone()).expect("it can be made");
        let mode = std::fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        assert!(BoundedFile::open(link).is_err(), "a link is not followed");
    }
}
