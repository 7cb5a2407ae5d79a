//! Creates files and folders that only their owner may read or write, and never through a link that
//! somebody else put there. Up creates all its files and folders here.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Creates a folder and its missing parents for their owner only (0700). An existing folder is left
/// as it is.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Like [`folder`], for the folder that Up keeps its data in. An existing folder is refused when it
/// belongs to another user, or when others may write in it: they could replace Up's files.
pub fn data_folder(path: &Path) -> io::Result<()> {
    folder(path)?;
    #[cfg(unix)]
    {
        let metadata = std::fs::metadata(path)?;
        let checked = crate::trust::ours_alone(path, &metadata);
        checked.map_err(|refused| {
            let kind = io::ErrorKind::PermissionDenied;
            io::Error::new(kind, format!("this folder is not used: {refused}"))
        })?;
    }
    Ok(())
}

/// Creates a file (0600) that must not exist yet, and opens it for writing.
pub fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // O_EXCL: a link at this path counts as an existing file.
    options.write(true).create_new(true);
    for_owner(&mut options, 0);
    options.open(path)
}

/// Opens a file for reading and writing, and creates it (0600) when it is missing. It never follows
/// a link and never blocks. It refuses anything but a regular file, and a file of another user.
pub fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    for_owner(&mut options, no_follow());
    let file = options.open(path).map_err(|error| {
        let is_link = std::fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
        if is_link {
            io::Error::other("it is a link, which is not followed here")
        } else {
            error
        }
    })?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    #[cfg(unix)]
    crate::trust::ours(path, &metadata).map_err(|refused| {
        let kind = io::ErrorKind::PermissionDenied;
        io::Error::new(kind, refused.to_string())
    })?;
    Ok(file)
}

/// Replaces a whole file (0600): a reader finds the old bytes or the new ones. `fresh` is a path in
/// the same folder, where the new file is written first; a file that an earlier attempt left there
/// is removed. Only one program at a time may use it.
pub fn replace(path: &Path, fresh: &Path, bytes: &[u8]) -> io::Result<()> {
    remove(fresh)?;
    let mut file = new_file(fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(fresh, path)
}

/// Listens on a Unix socket at `path` (0600), replacing whatever is there. The socket is created at
/// `fresh`, in the same folder, so that nobody can connect before its mode is set.
#[cfg(unix)]
pub fn listener(path: &Path, fresh: &Path) -> io::Result<std::os::unix::net::UnixListener> {
    use std::os::unix::fs::PermissionsExt;
    remove(fresh)?;
    let listener = std::os::unix::net::UnixListener::bind(fresh)?;
    std::fs::set_permissions(fresh, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(fresh, path)?;
    Ok(listener)
}

/// Removes a file or a link, if there is one.
fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn for_owner(options: &mut OpenOptions, flags: i32) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600).custom_flags(flags);
}

#[cfg(not(unix))]
fn for_owner(_: &mut OpenOptions, _: i32) {}

#[cfg(unix)]
fn no_follow() -> i32 {
    use rustix::fs::OFlags;
    // NONBLOCK: opening a pipe would otherwise wait for its other end.
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}

#[cfg(not(unix))]
fn no_follow() -> i32 {
    0
}
