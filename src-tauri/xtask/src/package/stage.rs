//! The files of a package, in a folder that stands for the root of the system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::LIMIT;
use crate::command;
use crate::failure::TaskFailure;

/// The folder with the files of a package.
#[derive(Debug)]
pub(crate) struct Stage {
    root: PathBuf,
}

impl Stage {
    /// An empty folder in place of one that was left behind.
    pub(crate) fn new(root: PathBuf) -> Result<Self, TaskFailure> {
        if root.exists() {
            fs::remove_dir_all(&root).map_err(TaskFailure::file(&root))?;
        }
        let stage = Self { root };
        stage.folder(Path::new(""))?;
        Ok(stage)
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Adds a folder with those above it.
    pub(crate) fn folder(&self, name: &Path) -> Result<(), TaskFailure> {
        let mut path = self.root.clone();
        for part in Some(Path::new(""))
            .into_iter()
            .chain(name.iter().map(Path::new))
        {
            path.push(part);
            fs::create_dir_all(&path).map_err(TaskFailure::file(&path))?;
            set_mode(&path, 0o755)?;
        }
        Ok(())
    }

    /// Adds a file that everybody can read.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<(), TaskFailure> {
        let path = self.prepare(name)?;
        fs::write(&path, content).map_err(TaskFailure::file(&path))?;
        set_mode(&path, 0o644)
    }

    /// Lets everybody read a file that another program wrote.
    pub(crate) fn readable(&self, name: &str) -> Result<(), TaskFailure> {
        set_mode(&self.path(name), 0o644)
    }

    /// Adds a script that everybody can run.
    pub(crate) fn script(&self, name: &str, content: &str) -> Result<(), TaskFailure> {
        self.write(name, content)?;
        set_mode(&self.path(name), 0o755)
    }

    /// Adds a copy of a file of the repository.
    pub(crate) fn copy(&self, name: &str, source: &str) -> Result<(), TaskFailure> {
        self.write(name, super::contents::source(source)?)
    }

    /// Adds a program, without its symbols.
    pub(crate) fn program(&self, name: &str, program: &Path) -> Result<(), TaskFailure> {
        let path = self.prepare(name)?;
        let mut strip = Command::new("strip");
        strip.args(["--strip-unneeded", "--remove-section=.comment", "-o"]);
        command::run(strip.arg(&path).arg(program), LIMIT)?;
        set_mode(&path, 0o755)
    }

    /// Compresses files in place, and adds `.gz` to their names.
    pub(crate) fn gzip(&self, names: &[String]) -> Result<(), TaskFailure> {
        let mut gzip = Command::new("gzip");
        gzip.args(["-9", "-n"]).args(names);
        command::run(gzip.current_dir(&self.root), LIMIT)
    }

    /// The names of all files, in order.
    pub(crate) fn files(&self) -> Result<Vec<String>, TaskFailure> {
        let mut files = Vec::new();
        gather(&self.root, &mut files)?;
        let names = files.iter().filter_map(|file| {
            let name = file.strip_prefix(&self.root).ok()?;
            Some(name.to_str()?.to_owned())
        });
        let mut names: Vec<_> = names.collect();
        names.sort();
        Ok(names)
    }

    /// Removes the folder.
    pub(crate) fn remove(self) -> Result<(), TaskFailure> {
        fs::remove_dir_all(&self.root).map_err(TaskFailure::file(&self.root))
    }

    fn prepare(&self, name: &str) -> Result<PathBuf, TaskFailure> {
        self.folder(Path::new(name).parent().unwrap_or(Path::new("")))?;
        Ok(self.path(name))
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), TaskFailure> {
    for entry in fs::read_dir(folder).map_err(TaskFailure::file(folder))? {
        let path = entry.map_err(TaskFailure::file(folder))?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<(), TaskFailure> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(TaskFailure::file(path))
}

/// The packages are made on Linux only.
#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> Result<(), TaskFailure> {
    Ok(())
}
