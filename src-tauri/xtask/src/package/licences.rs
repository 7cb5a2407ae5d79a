//! The licences of what is compiled into a program: all crates that it depends on, and for the
//! desktop application the packages of npm in its panel.

mod standard;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::LIMIT;
use super::contents::{PackageKind, TRAY};
use crate::command::{self, cargo};
use crate::failure::TaskFailure;

/// The packages of npm that are compiled into the panel, besides those of `dependencies`.
const COMPILED_IN: &str = "svelte";

/// A library of others.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Library {
    name: String,
    version: String,
    licence: String,
    authors: Vec<String>,
    folder: PathBuf,
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl Library {
    /// Who wrote it, for the list of libraries.
    fn by(&self) -> String {
        if self.authors.is_empty() {
            return String::new();
        }
        format!(", by {}", self.authors.join(", "))
    }

    /// Whose copyright it is, as far as its package says.
    fn owners(&self) -> String {
        if self.authors.is_empty() {
            return format!("the authors of {}", self.name);
        }
        self.authors.join(", ")
    }
}

/// All licences as one text. A text that several libraries share is there once.
pub(crate) fn third_party(kind: &PackageKind) -> Result<String, TaskFailure> {
    let mut libraries = crates(kind.krate)?;
    if kind.name == TRAY.name {
        libraries.extend(npm()?);
    }
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut without = Vec::new();
    let mut out = format!(
        "{} contains these libraries. The texts of their licences are below.\n\n",
        kind.name
    );
    out.push_str("standard library of Rust: MIT OR Apache-2.0\n");
    for library in &libraries {
        let _ = writeln!(out, "{library}: {}{}", library.licence, library.by());
        let own = texts_in(&library.folder)?;
        if own.is_empty() {
            without.push(library);
        }
        for text in own {
            texts.entry(text).or_default().push(library.to_string());
        }
    }
    for library in without {
        let text = standard::text_of(
            &library.licence,
            &library.owners(),
            &texts.keys().map(String::as_str),
        );
        let text = text.ok_or_else(|| {
            TaskFailure::Missing(format!(
                "{library} has no text of its licence ({}), and no other library has that text; \
                 package/licences/standard.rs knows how such a text begins and ends",
                library.licence
            ))
        })?;
        texts.entry(text).or_default().push(library.to_string());
    }
    let mut texts: Vec<_> = texts.into_iter().collect();
    texts.sort_by(|(_, one), (_, other)| one.cmp(other));
    for (text, of) in texts {
        let line = "-".repeat(79);
        let _ = write!(out, "\n{line}\n{}\n\n{text}\n", of.join(", "));
    }
    Ok(out)
}

/// The crates that this crate of ours depends on on this system, without those that only build it.
fn crates(krate: &str) -> Result<BTreeSet<Library>, TaskFailure> {
    let mut metadata = cargo();
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    metadata.args([
        "metadata",
        "--locked",
        "--format-version=1",
        "--filter-platform",
        &target,
    ]);
    let metadata: Value = parsed(&command::read(&mut metadata, LIMIT)?)?;
    let packages = metadata["packages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let nodes = metadata["resolve"]["nodes"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let nodes: BTreeMap<&str, &Value> = nodes
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let own = packages.iter().find(|package| package["name"] == krate);
    let mut todo: Vec<&str> = own.and_then(|own| own["id"].as_str()).into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        let deps = nodes.get(id).and_then(|node| node["deps"].as_array());
        for dep in deps.into_iter().flatten() {
            let kinds = dep["dep_kinds"].as_array();
            // A crate that is compiled in has no kind; others are for tests or the build.
            if kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null())) {
                todo.extend(dep["pkg"].as_str());
            }
        }
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let library = |package: &Value| {
        let authors = package["authors"].as_array().into_iter().flatten();
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        Library {
            name: text(&package["name"]),
            version: text(&package["version"]),
            licence: text(&package["license"]),
            authors: authors
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            folder: manifest.parent().map(Path::to_path_buf).unwrap_or_default(),
        }
    };
    // A package without a source is one of ours.
    let others = packages.iter().filter(|package| {
        !package["source"].is_null() && package["id"].as_str().is_some_and(|id| seen.contains(id))
    });
    Ok(others.map(library).collect())
}

/// The packages of npm that are compiled into the panel.
fn npm() -> Result<BTreeSet<Library>, TaskFailure> {
    let ui = crate::root().join("ui");
    let lock = ui.join("package-lock.json");
    let lock: Value = parsed(&fs::read_to_string(&lock).map_err(TaskFailure::file(lock))?)?;
    let own = lock["packages"][""]["dependencies"].as_object();
    let own = own.into_iter().flat_map(|own| own.keys().cloned());
    let mut todo: Vec<String> = own.chain([COMPILED_IN.to_owned()]).collect();
    let mut libraries = BTreeSet::new();
    let mut seen = BTreeSet::new();
    while let Some(name) = todo.pop() {
        let package = &lock["packages"][format!("node_modules/{name}")];
        if package.is_null() || !seen.insert(name.clone()) {
            continue;
        }
        let deps = package["dependencies"].as_object();
        todo.extend(deps.into_iter().flat_map(|deps| deps.keys().cloned()));
        let folder = ui.join("node_modules").join(&name);
        libraries.insert(Library {
            version: package["version"].as_str().unwrap_or_default().to_owned(),
            licence: package["license"].as_str().unwrap_or_default().to_owned(),
            authors: author(&folder)?.into_iter().collect(),
            folder,
            name,
        });
    }
    Ok(libraries)
}

/// The author that a package of npm names: a text, or an object with a name.
fn author(folder: &Path) -> Result<Option<String>, TaskFailure> {
    let manifest = folder.join("package.json");
    let manifest = fs::read_to_string(&manifest).map_err(TaskFailure::file(manifest))?;
    let author = &parsed(&manifest)?["author"];
    let name = author.as_str().or_else(|| author["name"].as_str());
    Ok(name.map(str::to_owned))
}

/// The texts of the licences in the folder of a library.
fn texts_in(folder: &Path) -> Result<BTreeSet<String>, TaskFailure> {
    const NAMES: [&str; 6] = [
        "licen",
        "copying",
        "copyright",
        "notice",
        "unlicense",
        "authors",
    ];
    let mut texts = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(TaskFailure::file(folder))? {
        let path = entry.map_err(TaskFailure::file(folder))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        if !NAMES.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        if path.is_dir() {
            texts.extend(all_in(&path)?);
        } else {
            texts.insert(text(&path)?);
        }
    }
    Ok(texts)
}

fn all_in(folder: &Path) -> Result<BTreeSet<String>, TaskFailure> {
    let mut texts = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(TaskFailure::file(folder))? {
        let path = entry.map_err(TaskFailure::file(folder))?.path();
        if path.is_file() {
            texts.insert(text(&path)?);
        }
    }
    Ok(texts)
}

fn text(path: &Path) -> Result<String, TaskFailure> {
    let bytes = fs::read(path).map_err(TaskFailure::file(path))?;
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    Ok(text.trim().to_owned())
}

fn parsed(text: &str) -> Result<Value, TaskFailure> {
    serde_json::from_str(text).map_err(|error| TaskFailure::Missing(error.to_string()))
}
