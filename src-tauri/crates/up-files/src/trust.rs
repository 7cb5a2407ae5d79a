//! Checks whether anybody but the user and root could have put a file where it is.
//!
//! The file is opened first. Then every name of its path is looked up. Nobody else can change a
//! folder that only the user and root may write, or a link that belongs to one of them, while this
//! goes on. If the path consists only of such names and ends at the very file that was opened, it
//! is the path by which the file was opened.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::geteuid;

use crate::links;
use crate::refused::Refused;

/// The write permission of the group and of all others.
const OTHERS_WRITE: u32 = 0o022;
/// In a folder with this bit, only an entry's owner may replace it.
const STICKY: u32 = 0o1000;

/// Checks who else could change the file at `path`. `opened` is the metadata of the file that was
/// opened there.
pub(crate) fn distrust(path: &Path, opened: &Metadata) -> Result<(), Refused> {
    let replaced = || Refused::Replaced(path.to_owned());
    let steps = links::follow(path).map_err(|_| replaced())?;
    for (number, step) in steps.iter().enumerate() {
        let Some(metadata) = &step.metadata else {
            return Err(replaced());
        };
        let folder = std::fs::symlink_metadata(&step.folder).map_err(|_| replaced())?;
        if folder.mode() & OTHERS_WRITE != 0 && folder.mode() & STICKY == 0 {
            return Err(Refused::Writable(step.folder.clone()));
        }
        // A folder in the middle of the path may belong to anybody: what it leads to is checked.
        if step.is_link() || number + 1 == steps.len() {
            ours(&step.folder, &folder)?;
            ours(&step.entry, metadata)?;
        }
    }
    let last = steps.last().and_then(|step| step.metadata.as_ref());
    let same = |last: &Metadata| (last.dev(), last.ino()) == (opened.dev(), opened.ino());
    if !last.is_some_and(same) {
        return Err(replaced());
    }
    if opened.mode() & OTHERS_WRITE != 0 {
        return Err(Refused::Writable(path.to_owned()));
    }
    Ok(())
}

/// Refuses what belongs to somebody other than the user and root.
pub(crate) fn ours(path: &Path, metadata: &Metadata) -> Result<(), Refused> {
    let owner = metadata.uid();
    if owner == 0 || owner == geteuid().as_raw() {
        Ok(())
    } else {
        Err(Refused::Belongs(path.to_owned(), owner))
    }
}

/// Refuses a folder that belongs to somebody else, or in which others may write.
pub(crate) fn ours_alone(path: &Path, metadata: &Metadata) -> Result<(), Refused> {
    ours(path, metadata)?;
    if metadata.mode() & OTHERS_WRITE != 0 {
        return Err(Refused::Writable(path.to_owned()));
    }
    Ok(())
}
