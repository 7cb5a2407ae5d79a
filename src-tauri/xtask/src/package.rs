//! `cargo xtask package`: writes `.deb`, `.rpm` and `.tar.gz` of `up` and of `up-tray`. The tools of
//! Debian build them, so that dpkg-shlibdeps and rpm find out what each program links.

mod contents;
mod deb;
mod licences;
mod rpm;
mod stage;
mod tarball;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::command;
use crate::failure::TaskFailure;
use crate::needs::{self, BUILD, PACKAGE};
use crate::panel;
use crate::rust::{self, BUILD_LIMIT, Programs};
use contents::{PackageKind, TRAY, UP};

/// The time limit of one tool.
const LIMIT: Duration = Duration::from_mins(10);

/// How the packages are made.
#[derive(Debug)]
struct PackageOptions {
    /// The programs of a debug build, or of a release build.
    is_release: bool,
    /// Where the packages are written.
    out: PathBuf,
    /// The version of the packages.
    version: String,
    /// Programs that are there already.
    programs: Option<Programs>,
}

/// What all packages of one run have in common.
#[derive(Debug)]
pub(crate) struct Release {
    /// The version.
    pub(crate) version: String,
    /// The date of all files, in seconds since 1970, so that the same input gives the same bytes.
    pub(crate) epoch: String,
    /// Compress for a small file, or quickly for a test.
    pub(crate) is_small: bool,
    /// Where the packages are written.
    pub(crate) out: PathBuf,
}

/// Writes the packages, and prints their paths.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskFailure> {
    if !cfg!(target_os = "linux") {
        let why = "these packages are for Linux; .github/workflows builds those of other systems";
        return Err(TaskFailure::Missing(why.into()));
    }
    let PackageOptions {
        is_release,
        out,
        version,
        programs,
    } = read(arguments)?;
    needs::ensure(&[BUILD, PACKAGE], Duration::from_mins(20))?;
    panel::ensure_packages(LIMIT)?;
    let programs = match programs {
        Some(programs) => programs,
        None => build(is_release)?,
    };
    std::fs::create_dir_all(&out).map_err(TaskFailure::file(&out))?;
    let release = Release {
        version,
        epoch: epoch()?,
        is_small: is_release,
        out,
    };
    for kind in [&UP, &TRAY] {
        for path in packages(kind, &programs, &release)? {
            say!("{}", path.display());
        }
    }
    Ok(())
}

fn build(is_release: bool) -> Result<Programs, TaskFailure> {
    panel::build(LIMIT)?;
    Ok(Programs {
        up: rust::program("up-cli", "up", is_release, BUILD_LIMIT)?,
        tray: rust::tray(is_release, BUILD_LIMIT)?,
    })
}

/// Writes the three packages of a program.
fn packages(
    kind: &PackageKind,
    programs: &Programs,
    release: &Release,
) -> Result<[PathBuf; 3], TaskFailure> {
    let stage = contents::stage(kind, programs, release)?;
    // The tarball takes the tree as it is. The others add what their systems ask for.
    let tarball = tarball::write(kind, &stage, release)?;
    let rpm = rpm::write(kind, &stage, release)?;
    let deb = deb::write(kind, &stage, release)?;
    stage.remove()?;
    Ok([tarball, rpm, deb])
}

fn read(arguments: &[String]) -> Result<PackageOptions, TaskFailure> {
    let mut options = PackageOptions {
        is_release: true,
        out: target().join("package"),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        programs: None,
    };
    let (mut up, mut tray) = (None, None);
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let value = rest.next().ok_or_else(|| {
            TaskFailure::Usage(format!("package knows no `{option}` without a value"))
        })?;
        match (option.as_str(), value.as_str()) {
            ("--profile", "release") => options.is_release = true,
            ("--profile", "dev") => options.is_release = false,
            ("--out", folder) => options.out = absolute(folder)?,
            ("--version", version) if is_version(version) => {
                version.clone_into(&mut options.version);
            }
            ("--up", program) => up = Some(absolute(program)?),
            ("--tray", program) => tray = Some(absolute(program)?),
            _ => {
                return Err(TaskFailure::Usage(format!(
                    "package knows --profile release|dev, --out DIR, --version VERSION, and --up and \
                     --tray with a program that is built already; not `{option} {value}`"
                )));
            }
        }
    }
    options.programs = match (up, tray) {
        (None, None) => None,
        (Some(up), Some(tray)) => Some(Programs { up, tray }),
        _ => {
            let why = "--up and --tray go together";
            return Err(TaskFailure::Usage(why.into()));
        }
    };
    Ok(options)
}

/// The target folder of cargo, in which this program is.
fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.ancestors().nth(2).map(Path::to_path_buf);
    folder.unwrap_or_else(|| crate::root().join("target"))
}

fn absolute(path: &str) -> Result<PathBuf, TaskFailure> {
    std::path::absolute(path).map_err(TaskFailure::file(path))
}

/// True of a version that both dpkg and rpm take.
fn is_version(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '~' | '+');
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(is_part)
}

/// The date of the files: `$SOURCE_DATE_EPOCH`, else that of the last commit.
fn epoch() -> Result<String, TaskFailure> {
    if let Ok(given) = std::env::var("SOURCE_DATE_EPOCH") {
        return Ok(given);
    }
    let mut git = command::program("git");
    let date = command::read(git.args(["log", "-1", "--format=%ct"]), LIMIT)?;
    Ok(date.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_done() {
        let check = |words: &[&str], part: Option<&str>| {
            let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
            let failure = read(&words).err().map(|failure| failure.to_string());
            match (failure, part) {
                (None, None) => {}
                (Some(failure), Some(part)) => assert!(failure.contains(part), "{failure}"),
                other => panic!("{words:?}: {other:?}"),
            }
        };
        check(&[], None);
        check(&["--profile", "dev", "--version", "0.3.0~1"], None);
        check(&["--up", "up", "--tray", "up-tray"], None);
        check(&["--profile", "fast"], Some("not `--profile fast`"));
        check(&["--version", "0.3-1"], Some("not `--version 0.3-1`"));
        check(&["--out"], Some("no `--out` without a value"));
        check(&["--up", "up"], Some("go together"));
    }
}
