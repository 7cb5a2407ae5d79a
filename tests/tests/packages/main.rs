//! The packages that `cargo xtask package` writes: what is in them, what they need, their
//! installation, upgrade and removal in a system of their own, and how their services and the desktop
//! application run there.

#![cfg(target_os = "linux")]

mod container;
mod contents;
mod debian;
mod desktop;
mod rpm;
mod units;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use up_tests::up::program;

/// The version of the workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// A version before it.
const BEFORE: &str = "0.0.9~before";

/// The program that builds packages: `UP_XTASK`, or where this workspace builds it.
fn xtask() -> PathBuf {
    let named = std::env::var_os("UP_XTASK").map(PathBuf::from);
    named.unwrap_or_else(|| program().with_file_name("xtask"))
}

/// The desktop application: `UP_TRAY_BIN`, or where this workspace builds it.
fn tray() -> PathBuf {
    let named = std::env::var_os("UP_TRAY_BIN").map(PathBuf::from);
    named.unwrap_or_else(|| program().with_file_name("up-tray"))
}

/// Writes the packages of the tests' programs as this version into this folder.
fn build(folder: &Path, version: &str, umask: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/xtask");
    let mut package = Command::new("sh");
    package
        .args(["-c", "umask \"$0\" && exec \"$@\"", umask])
        .arg(xtask())
        .env("CARGO_MANIFEST_DIR", source.canonicalize().expect("xtask"))
        .env_remove("SOURCE_DATE_EPOCH")
        .args(["package", "--profile", "dev", "--version", version, "--out"])
        .arg(folder)
        .arg("--up")
        .arg(program())
        .arg("--tray")
        .arg(tray());
    output(&mut package);
}

/// The packages of this version, which are built once.
fn packages() -> &'static Path {
    static PACKAGES: OnceLock<PathBuf> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let folder = work("packages");
        build(&folder, VERSION, "022");
        folder
    })
}

/// The packages of the version before.
fn packages_before() -> &'static Path {
    static PACKAGES: OnceLock<PathBuf> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let folder = work("packages-before");
        build(&folder, BEFORE, "022");
        folder
    })
}

/// An empty folder that lasts until the next run.
fn work(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the last run's can be removed");
    }
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The package in that folder whose file name begins and ends so.
fn find(folder: &Path, start: &str, end: &str) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("a folder of packages");
    let mut paths = entries.map(|entry| entry.expect("an entry").path());
    let found = paths.find(|path| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        name.starts_with(start) && name.ends_with(end)
    });
    found.unwrap_or_else(|| panic!("no {start}…{end} in {}", folder.display()))
}

/// Runs a program, which must succeed.
fn output(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let text = String::from_utf8_lossy(&stdout).into_owned();
    let error = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{command:?}: {status}\n{text}\n{error}");
    text
}

/// The files of a `.deb`, unpacked.
fn unpacked(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let deb = find(packages(), &format!("{name}_"), ".deb");
    output(
        Command::new("dpkg-deb")
            .arg("-x")
            .arg(deb)
            .arg(folder.path()),
    );
    folder
}
