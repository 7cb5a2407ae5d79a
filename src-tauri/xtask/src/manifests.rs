//! `cargo xtask manifests`: fills in the manifests for Homebrew, winget and Flatpak with the version
//! and the checksums of a release's artefacts, and writes the notes of the release.
//!
//! A manifest has `@VERSION@`, and `@SHA256 FILE@` for the checksum of an artefact.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::command;
use crate::failure::TaskFailure;

/// The time limit of a checksum.
const LIMIT: Duration = Duration::from_mins(1);
const FOLDERS: [&str; 3] = ["homebrew", "winget", "flatpak"];

/// Writes the manifests into `manifests` in the folder of the artefacts, and `NOTES.md` beside it.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskFailure> {
    let [artefacts] = arguments else {
        let why = "manifests wants the folder that has the artefacts of a release";
        return Err(TaskFailure::Usage(why.into()));
    };
    let artefacts = Path::new(artefacts);
    let version = env!("CARGO_PKG_VERSION");
    let packaging = crate::root().join("config/packaging");
    let sum = |file: &str| checksum(&artefacts.join(file));
    for folder in FOLDERS {
        for manifest in files(&packaging.join(folder))? {
            let text = fs::read_to_string(&manifest).map_err(TaskFailure::file(&manifest))?;
            let name = manifest.file_name().unwrap_or_default();
            let out = artefacts.join("manifests").join(folder).join(name);
            write(&out, &filled(&text, version, &sum)?)?;
            say!("{}", out.display());
        }
    }
    let changes = packaging.join("CHANGELOG.md");
    let text = fs::read_to_string(&changes).map_err(TaskFailure::file(&changes))?;
    let notes = section(&text, version).ok_or_else(|| {
        TaskFailure::Missing(format!("{} says nothing of {version}", changes.display()))
    })?;
    write(&artefacts.join("NOTES.md"), notes)
}

/// The text with its version and its checksums.
fn filled(
    text: &str,
    version: &str,
    sum: &impl Fn(&str) -> Result<String, TaskFailure>,
) -> Result<String, TaskFailure> {
    let text = text.replace("@VERSION@", version);
    let mut done = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("@SHA256 ") {
        let (file, after) = after.split_once('@').ok_or_else(|| {
            TaskFailure::Missing("a manifest has a `@SHA256 ` without its end".into())
        })?;
        done.push_str(before);
        done.push_str(&sum(file)?);
        rest = after;
    }
    done.push_str(rest);
    Ok(done)
}

/// What the changes say of a version, without its heading.
fn section<'a>(changes: &'a str, version: &str) -> Option<&'a str> {
    let (_, after) = changes.split_once(&format!("\n## {version}\n"))?;
    let end = after.find("\n## ").unwrap_or(after.len());
    Some(after[..end].trim())
}

fn checksum(file: &Path) -> Result<String, TaskFailure> {
    // Started only for a file that exists, because its own words for that are hidden here.
    fs::metadata(file).map_err(TaskFailure::file(file))?;
    let mut sum = command::program("sha256sum");
    let absolute = std::path::absolute(file).map_err(TaskFailure::file(file))?;
    let line = command::read(sum.arg("--").arg(absolute), LIMIT)?;
    Ok(line.chars().take(64).collect())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, TaskFailure> {
    let entries = fs::read_dir(folder).map_err(TaskFailure::file(folder))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

fn write(file: &Path, text: &str) -> Result<(), TaskFailure> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(TaskFailure::file(folder))?;
    fs::write(file, text).map_err(TaskFailure::file(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in() {
        let sum = |file: &str| Ok(format!("sum of {file}"));
        let check = |text: &str, expected: &str| {
            assert_eq!(filled(text, "1.2", &sum).expect("it is whole"), expected);
        };
        check("plain", "plain");
        check("v@VERSION@ @VERSION@", "v1.2 1.2");
        check("a @SHA256 x-@VERSION@.gz@ b", "a sum of x-1.2.gz b");
        check("@SHA256 x@@SHA256 y@", "sum of xsum of y");
        assert!(filled("@SHA256 x", "1.2", &sum).is_err());
    }

    #[test]
    fn a_version_has_its_notes() {
        let changes = "# Changes\n\n## 2.0\n\nNew.\n\n### Added\n\n- a\n\n## 1.0\n\nOld.\n";
        assert_eq!(section(changes, "2.0"), Some("New.\n\n### Added\n\n- a"));
        assert_eq!(section(changes, "1.0"), Some("Old."));
        assert_eq!(section(changes, "1"), None);
    }

    #[test]
    fn the_manifests_of_this_version_are_whole() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let version = env!("CARGO_PKG_VERSION");
        let artefacts = [
            format!("up-{version}-linux-x86_64.tar.gz"),
            format!("up-tray-{version}-linux-x86_64.tar.gz"),
            format!("Up_{version}_aarch64.dmg"),
            format!("Up_{version}_x64_en-US.msi"),
        ];
        let arguments = [folder.path().display().to_string()];
        let missing = run(&arguments).expect_err("no artefact is there");
        assert!(matches!(missing, TaskFailure::File { .. }), "{missing}");
        for name in &artefacts {
            fs::write(folder.path().join(name), name).expect("an artefact");
        }
        run(&arguments).expect("all artefacts are there");
        let mut whole = 0;
        for part in FOLDERS {
            for file in files(&folder.path().join("manifests").join(part)).expect("manifests") {
                let text = fs::read_to_string(&file).expect("a manifest");
                assert!(text.contains(version), "{}", file.display());
                assert!(
                    !text.contains("@SHA256") && !text.contains("@VERSION"),
                    "{text}"
                );
                whole += 1;
            }
        }
        assert_eq!(whole, 6);
        assert!(folder.path().join("NOTES.md").exists());
    }
}
