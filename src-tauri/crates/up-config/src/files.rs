//! The files that one configuration names, and up.toml itself: each is read once, within bounds,
//! and remembered, so that a running Up can watch it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use up_core::cause::one_line;
use up_files::{Content, FileReader, ReadError, ReadRequest, SeenFile};
use up_source::Secret;

/// The largest file that is named in up.toml, in bytes. A bundle of certificates is one.
pub(crate) const LARGEST: u64 = 1024 * 1024;

/// How long one file may take to come.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long files that do not come may take together.
const PATIENCE_FOR_ALL: Duration = Duration::from_secs(6);

type NamedFiles = Rc<Result<Content, ReadError>>;

/// The files of one configuration, while it is read.
pub(crate) struct ConfigFiles {
    reader: FileReader,
    /// How much of the patience for all is left.
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

    /// Reads a file, and remembers that it was read. Later calls say the same of the same file.
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

    /// The secret that stands in a file: its text without a final line break.
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
            // Also while somebody writes it anew.
            return Err(format!("the secret file {shown} is empty"));
        }
        Ok(Secret::new(text))
    }

    /// Every file that was read or could not be, in that order.
    pub(crate) fn seen(&self) -> Vec<SeenFile> {
        self.seen.borrow().clone()
    }
}
