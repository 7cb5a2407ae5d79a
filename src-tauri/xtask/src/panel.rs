//! Builds, checks and tests the panel with npm. Nothing is built that is up to date.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::command;
use crate::failure::TaskFailure;
use crate::needs::{self, CHROMIUM};

/// The folders in `ui` that are generated. All other files there, except hidden ones, are sources.
const MADE: [&str; 2] = ["dist", "node_modules"];

/// Installs the packages of the panel if they are missing, or if the lock file has changed.
pub(crate) fn ensure_packages(limit: Duration) -> Result<(), TaskFailure> {
    let ui = folder();
    // npm writes this file last, so that it marks a complete installation.
    let installed = changed(&ui.join("node_modules/.package-lock.json"));
    if installed.is_some() && changed(&ui.join("package-lock.json")) <= installed {
        say!("The panel's packages are installed.");
        return Ok(());
    }
    needs::ensure_node()?;
    say!("The panel's packages will be installed to ui/node_modules:");
    let arguments = ["ci", "--no-audit", "--no-fund", "--fetch-retries=5"];
    command::run(npm().args(arguments), limit)
}

/// Builds the panel to `ui/dist`, unless it is newer than all its sources.
pub(crate) fn build(limit: Duration) -> Result<(), TaskFailure> {
    let ui = folder();
    let built = changed(&ui.join("dist/index.html"));
    if built.is_some() && newest(&ui)? <= built {
        say!("The panel is built.");
        return Ok(());
    }
    script("build", limit)
}

/// Runs the linter and the type checker of the panel.
pub(crate) fn check(limit: Duration) -> Result<(), TaskFailure> {
    script("check", limit)
}

/// Runs the tests of the panel.
pub(crate) fn test(limit: Duration) -> Result<(), TaskFailure> {
    script("test", limit)
}

/// Tests the built panel in a real browser, with a simulated program behind it.
pub(crate) fn test_in_browser(limit: Duration) -> Result<(), TaskFailure> {
    in_browser("test:browser", limit)
}

/// Measures the built panel in a real browser, and fails if a bound is missed.
pub(crate) fn measure(limit: Duration) -> Result<(), TaskFailure> {
    in_browser("bench", limit)
}

fn in_browser(name: &str, limit: Duration) -> Result<(), TaskFailure> {
    let browser = CHROMIUM.iter().find_map(|name| command::find(name));
    let browser = browser.ok_or_else(|| TaskFailure::Missing("no Chromium was found".into()))?;
    let mut script = npm();
    script.args(["run", name]).env("UP_CHROMIUM", browser);
    command::run(&mut script, limit)
}

fn script(name: &str, limit: Duration) -> Result<(), TaskFailure> {
    command::run(npm().args(["run", name]), limit)
}

fn npm() -> Command {
    let mut npm = command::program(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(folder());
    npm
}

fn folder() -> PathBuf {
    crate::root().join("ui")
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata()
        .and_then(|metadata| metadata.modified())
        .ok()
}

/// The time of the latest change in `folder`. The times of folders count as well, because they
/// change when a file is removed.
fn newest(folder: &Path) -> Result<Option<SystemTime>, TaskFailure> {
    let mut newest = None;
    for entry in fs::read_dir(folder).map_err(TaskFailure::file(folder))? {
        let entry = entry.map_err(TaskFailure::file(folder))?;
        let path = entry.path();
        let name = entry.file_name();
        if MADE.iter().any(|made| name == *made) || name.to_string_lossy().starts_with('.') {
            continue;
        }
        newest = newest.max(changed(&path));
        if path.is_dir() {
            newest = newest.max(self::newest(&path)?);
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_no_source() {
        let ui = tempfile::tempdir().expect("a temporary directory");
        let write = |name: &str, seconds: u64| {
            let file = ui.path().join(name);
            fs::create_dir_all(file.parent().expect("it lies in a folder")).expect("a folder");
            fs::write(&file, "").expect("a file");
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let file = fs::File::options()
                .write(true)
                .open(file)
                .expect("the file again");
            file.set_modified(time).expect("its time can be set");
        };
        // A time in the future, so that it is later than those of the folders, which the test
        // cannot set.
        let future = 100_000_000_000;
        write("src/main.ts", future);
        write("dist/index.html", future + 1);
        write("node_modules/vite/index.js", future + 2);
        write(".cache/vite.json", future + 3);
        let newest = newest(ui.path()).expect("all can be read");
        assert_eq!(newest, changed(&ui.path().join("src/main.ts")));
    }
}
