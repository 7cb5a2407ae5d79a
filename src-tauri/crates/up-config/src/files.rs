//! Reads up.toml and the files that it names. Each file is read once, within bounds of size and
//! time, and remembered, so that a running Up can watch it for changes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use up_core::cause::one_line;
use up_files::{Content, FileReader, ReadError, ReadRequest, SeenFile};
use up_source::Secret;

/// The largest file that up.toml may name, in bytes; a bundle of certificates, for example.
pub(crate) const LARGEST: u64 = 1024 * 1024;

/// The time limit for reading one file.
const PATIENCE: Duration = Duration::from_secs(3);
/// The time limit for all files together that exceed their own limit.
const PATIENCE_FOR_ALL: Duration = Duration::from_secs(6);

type NamedFiles = Rc<Result<Content, ReadError>>;

/// The files of one configuration while it is read.
pub(crate) struct ConfigFiles {
    reader: FileReader,
    /// What is left of [`PATIENCE_FOR_ALL`].
    left: Cell<Duration>,
    known: RefCell<HashMap<PathBuf, NamedFiles>>,
    seen: RefCell<Vec<SeenFile>>,
}

impl ConfigFiles {
    pub(crate) fn new(reader: FileReader) -> Self {
        Self {
            reader,
            left: Cell::new(PATIENCE_FOR_ALL),
            known: RefCell::default(),
            seen: RefCell::default(),
        }
    }

    /// Reads a file and remembers it. Later calls return the same result for the same file.
    pub(crate) fn read(&self, path: &Path, largest: u64, trusted: bool) -> NamedFiles {
        if let Some(known) = self.known.borrow().get(path) {
            return Rc::clone(known);
        }
        let patience = PATIENCE.min(self.left.get());
        let read = self.reader.read(
            path,
            ReadRequest {
                largest,
                patience,
                trusted,
            },
        );
        if matches!(read, Err(ReadError::Late(_))) {
            self.left.set(self.left.get().saturating_sub(patience));
        }
        let seen = SeenFile::read(path, read.as_ref());
        self.seen.borrow_mut().push(seen);
        let read = Rc::new(read);
        let mut known = self.known.borrow_mut();
        known.insert(path.to_owned(), Rc::clone(&read));
        read
    }

    /// Reads a secret from a file: its text without a final line break.
    pub(crate) fn secret(&self, path: &Path) -> Result<Secret, String> {
        let shown = one_line(&path.display().to_string(), 300);
        let read = self.read(path, LARGEST, false);
        let bytes = match &*read {
            Ok(content) => &content.bytes,
            Err(ReadError::Large(_)) => {
                let most = LARGEST / (1024 * 1024);
                return Err(format!("the secret file {shown} is larger than {most} MiB"));
            }
            Err(error) => return Err(format!("the secret file {shown} cannot be read: {error}")),
        };
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(format!("the secret file {shown} is not UTF-8"));
        };
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            // A file may also be empty for a moment while it is rewritten.
            return Err(format!("the secret file {shown} is empty"));
        }
        Ok(Secret::new(text))
    }

    /// Every file that was read or could not be read, in order of the attempts.
    pub(crate) fn seen(&self) -> Vec<SeenFile> {
        self.seen.borrow().clone()
    }
}
