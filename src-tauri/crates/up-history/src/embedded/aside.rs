//! What becomes of a file that cannot be used any more, or that was moved away: files are renamed
//! together with what SQLite keeps beside them, and nothing is removed that could still be read.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// What SQLite keeps beside a database: its log, and the index of the log.
const LOG: &str = "-wal";
const INDEX: &str = "-shm";

/// As many names are tried for a file that is set aside.
const NAMES: u32 = 1_000;

/// Renames a damaged file, with its log, to the first free name, and returns that.
pub(super) fn set_aside(file: &Path) -> std::io::Result<PathBuf> {
    for number in 1..=NAMES {
        let aside = file.with_extension(format!("damaged-{number}.db"));
        if is_free(&aside) && is_free(&beside(&aside, LOG)) {
            rename(&beside(file, LOG), &beside(&aside, LOG))?;
            remove(&beside(file, INDEX))?;
            rename(file, &aside)?;
            return Ok(aside);
        }
    }
    Err(Error::other("too many damaged files are there already"))
}

/// Makes room for a new file: a log that is left of one that was moved away would be taken for the
/// new one's. A log that has something in it is renamed, so that it can be put beside its file.
pub(super) fn clear_left_log(file: &Path) -> std::io::Result<()> {
    let log = beside(file, LOG);
    match fs::symlink_metadata(&log) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(left) if left.len() == 0 => remove(&log)?,
        Ok(_) => {
            let free = (1..=NAMES)
                .map(|number| file.with_extension(format!("left-{number}.db-wal")))
                .find(|name| is_free(name))
                .ok_or_else(|| Error::other("too many logs of moved files are there already"))?;
            rename(&log, &free)?;
        }
    }
    remove(&beside(file, INDEX))
}

fn beside(file: &Path, part: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(part);
    PathBuf::from(name)
}

fn is_free(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    unless_missing(fs::rename(from, to))
}

fn remove(path: &Path) -> std::io::Result<()> {
    unless_missing(fs::remove_file(path))
}

fn unless_missing(done: std::io::Result<()>) -> std::io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Holds the folder while its files get other names: another process does so after this one, and
/// looks again. On systems that lock no folder nothing is held.
pub(super) fn hold_folder(file: &Path) -> Option<fs::File> {
    let folder = fs::File::open(file.parent()?).ok()?;
    folder.lock().ok()?;
    Some(folder)
}
