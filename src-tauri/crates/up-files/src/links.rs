//! Follows a path link by link, as the system does, and returns every name on the way.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The largest number of links in one path. A path with more counts as a cycle, as on Linux
/// (`path_resolution(7)`).
const MOST_LINKS: usize = 40;

/// One name that was looked up while a path was followed.
#[derive(Debug)]
pub struct LinkStep {
    /// The folder in which the name was looked up. Its own path contains no links.
    pub folder: PathBuf,
    /// The folder joined with the name.
    pub entry: PathBuf,
    /// The metadata of the entry itself, which may be a link; `None` when there is no entry, which
    /// ends the path.
    pub metadata: Option<Metadata>,
}

impl LinkStep {
    /// True if the entry is a symbolic link.
    pub fn is_link(&self) -> bool {
        let metadata = self.metadata.as_ref();
        metadata.is_some_and(|metadata| metadata.file_type().is_symlink())
    }
}

/// Returns every name that the system looks up when it opens `path`, in order. If the path leads
/// nowhere, the last step is the missing name.
pub fn follow(path: &Path) -> io::Result<Vec<LinkStep>> {
    let path = std::path::absolute(path)?;
    let mut rest: VecDeque<OsString> = VecDeque::new();
    let mut folder = PathBuf::new();
    let mut steps = Vec::new();
    let mut links = 0;
    enter(&path, &mut folder, &mut rest);
    while let Some(name) = rest.pop_front() {
        if name == ".." {
            folder.pop();
            continue;
        }
        let entry = folder.join(&name);
        let found = std::fs::symlink_metadata(&entry);
        let step = LinkStep {
            folder: folder.clone(),
            entry: entry.clone(),
            metadata: found.as_ref().ok().cloned(),
        };
        let is_link = step.is_link();
        steps.push(step);
        match found {
            Ok(_) if is_link => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(io::Error::other("its links form a cycle"));
                }
                enter(&std::fs::read_link(&entry)?, &mut folder, &mut rest);
            }
            Ok(_) => folder = entry,
            Err(_) => break,
        }
    }
    Ok(steps)
}

/// Puts the names of `path` before the remaining ones. An absolute path continues from the root.
fn enter(path: &Path, folder: &mut PathBuf, rest: &mut VecDeque<OsString>) {
    for component in path.components().rev() {
        match component {
            Component::Normal(name) => rest.push_front(name.to_owned()),
            Component::ParentDir => rest.push_front("..".into()),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => {
                let root = path
                    .components()
                    .take_while(|part| matches!(part, Component::Prefix(_) | Component::RootDir));
                *folder = root.collect();
                break;
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_way_is_the_systems_own() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let at = folder.path().canonicalize().expect("it is there");
        for made in ["releases/1", "etc"] {
            std::fs::create_dir_all(at.join(made)).expect("a folder");
        }
        std::fs::write(at.join("releases/1/up.toml"), "").expect("a file");
        symlink("releases/1", at.join("current")).expect("a link");
        symlink("../current", at.join("etc/gen")).expect("a link");
        symlink("gen/up.toml", at.join("etc/up.toml")).expect("a link");
        symlink(at.join("etc/up.toml"), at.join("absolute")).expect("a link");
        symlink("cycle", at.join("cycle")).expect("a link");
        let check = |path: &str, expected: &[&str]| {
            let steps = follow(&at.join(path)).expect("it can be followed");
            let entries: Vec<_> = steps.iter().map(|step| step.entry.clone()).collect();
            let depth = at.components().count() - 1;
            let mut from_here = entries
                .iter()
                .filter_map(|entry| entry.strip_prefix(&at).ok());
            let from_here: Vec<_> = from_here
                .by_ref()
                .map(|entry| entry.display().to_string())
                .filter(|entry| !entry.is_empty())
                .collect();
            assert_eq!(from_here, expected, "{path}");
            assert!(entries.len() > depth, "the folders above are on the way");
            if let Ok(end) = at.join(path).canonicalize() {
                assert_eq!(entries.last(), Some(&end), "{path}");
            }
        };
        check("etc", &["etc"]);
        check(
            "etc/up.toml",
            &[
                "etc",
                "etc/up.toml",
                "etc/gen",
                "current",
                "releases",
                "releases/1",
                "releases/1/up.toml",
            ],
        );
        check(
            "absolute",
            &[
                "absolute",
                "etc",
                "etc/up.toml",
                "etc/gen",
                "current",
                "releases",
                "releases/1",
                "releases/1/up.toml",
            ],
        );
        check("etc/../releases/./1", &["etc", "releases", "releases/1"]);
        check("none/at/all", &["none"]);
        assert!(follow(&at.join("cycle")).is_err(), "a cycle ends");
    }
}
