//! Whether anybody but the user and root could have put a file where it stands.
//!
//! The file is opened first. Its way is then looked up name by name: a folder that only the user
//! and root can change, and a link that belongs to one of them, cannot be turned by anyone else
//! while that goes on. So a way of nothing but such that ends at the very file that was opened is
//! the way by which it was opened.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::geteuid;

use crate::links;
use crate::refused::Refused;

/// Write permission of the group and of all others.
const OTHERS_WRITE: u32 = 0o022;
/// In a folder with this bit, only an entry's owner may replace it.
const STICKY: u32 = 0o1000;

/// Says who else could change what stands at `path`, which was opened and has that metadata.
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
        // A folder on the way may be anybody's: it leads to one that is checked.
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

/// Refuses a folder of somebody else's, or one in which others may write.
pub(crate) fn ours_alone(path: &Path, metadata: &Metadata) -> Result<(), Refused> {
    ours(path, metadata)?;
    if metadata.mode() & OTHERS_WRITE != 0 {
        return Err(Refused::Writable(path.to_owned()));
    }
    Ok(())
}
