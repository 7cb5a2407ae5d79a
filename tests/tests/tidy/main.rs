//! Rules that no compiler checks: the files of the top level, the first line of each module, the
//! uniqueness of type names, the length of files, and no marks of unfinished work.

mod recipe;
mod type_names;
mod wording;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The files of the top level, except hidden ones.
const TOP: [&str; 10] = [
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "config",
    "icons",
    "src-tauri",
    "tests",
    "ui",
];

/// The largest number of lines of a file. Longer files hold more than one concern.
const MOST_LINES: usize = 400;

/// The kinds of files that this holds for: what people write by hand.
const WRITTEN: [&str; 4] = ["rs", "ts", "svelte", "css"];

/// Files that codegen writes.
const GENERATED: [&str; 1] = ["ui/src/wire/bindings/"];

/// Kinds of files that are not read as text.
const BINARY: [&str; 8] = ["png", "jpeg", "ico", "icns", "woff2", "gz", "der", "db"];

#[test]
fn the_top_level_is_what_it_says() {
    let mut there = BTreeSet::new();
    for entry in std::fs::read_dir(root()).expect("the top folder") {
        let name = entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with('.') && !Ignored::read().covers(Path::new(&name)) {
            there.insert(name);
        }
    }
    let wanted = TOP.into_iter().map(str::to_owned).collect();
    assert_eq!(
        there, wanted,
        "a new thing at the top needs a room to go to"
    );
}

#[test]
fn every_module_opens_with_its_documentation() {
    let silent = texts(&["rs"])
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "));
    none(
        "does not open with a line of `//!`",
        silent.map(|(name, _)| name),
    );
}

#[test]
fn no_file_is_too_long_to_read() {
    let written = texts(&WRITTEN).into_iter();
    let written = written.filter(|(name, _)| !GENERATED.iter().any(|made| name.starts_with(made)));
    let long = written.filter_map(|(name, text)| {
        let lines = text.lines().count();
        (lines > MOST_LINES).then(|| format!("{name} ({lines} lines)"))
    });
    none(
        &format!("has over {MOST_LINES} lines: split it by concern"),
        long,
    );
}

#[test]
fn nothing_is_left_for_later() {
    // In two halves, so that this file does not contain them.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]].map(|halves| halves.concat());
    let marked = lines_where(|line| {
        let mut words = line.split(|c: char| !c.is_alphanumeric());
        words.any(|word| marks.iter().any(|mark| mark == word))
    });
    none("is left for later: do it now, or open an issue", marked);
}

#[test]
fn no_machine_is_mentioned() {
    let folders = [["/wo", "rk/"], ["/ro", "ot/"]].map(|halves| halves.concat());
    let mentions = lines_where(|line| folders.iter().any(|folder| starts_a_path(line, folder)));
    none("speaks of a folder on some machine", mentions);
}

/// Calls that create a file or folder.
const MAKERS: [&str; 9] = [
    "File::create",
    "File::options",
    "OpenOptions",
    "fs::write",
    "fs::copy",
    "create_dir",
    "DirBuilder",
    "UnixListener::bind",
    "NamedTempFile",
];

/// The places where files are created: one crate, for their owner only. Build tools, and pictures
/// of tests, are no part of the programs.
const WORKSHOPS: [&str; 3] = [
    "src-tauri/crates/up-files/",
    "src-tauri/xtask/",
    "src-tauri/src/tray/icon/sheet.rs",
];

#[test]
fn files_are_made_in_one_place() {
    let mut made = Vec::new();
    for (name, text) in texts(&["rs"]) {
        let is_program = name.starts_with("src-tauri/") && !name.contains("/tests");
        if !is_program || WORKSHOPS.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        // The tests are at the end of a file.
        let program = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = program.lines().zip(1..);
        let makes = |line: &str| MAKERS.iter().any(|maker| line.contains(maker));
        made.extend(
            lines
                .filter(|(line, _)| makes(line))
                .map(|(_, number)| format!("{name}:{number}")),
        );
    }
    none(
        "makes a file: up_files::private does, for its owner only",
        made,
    );
}

#[test]
fn advisories_are_ignored_for_a_crate_that_is_here_and_with_a_reason() {
    let text = std::fs::read_to_string(root().join(".deny.toml")).expect("a .deny.toml");
    let deny: toml::Table = text.parse().expect("TOML");
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("a Cargo.lock");
    let ignored = deny["advisories"]["ignore"].as_array().expect("a list");
    assert!(!ignored.is_empty(), "else this test can go");
    let wrong = ignored.iter().filter(|entry| {
        let text = |key: &str| entry.get(key).and_then(toml::Value::as_str);
        let (Some(id), Some(reason)) = (text("id"), text("reason")) else {
            return true;
        };
        let (name, why) = reason.split_once(": ").unwrap_or_default();
        let is_here = lock
            .lines()
            .any(|line| line == format!("name = \"{name}\""));
        !id.starts_with("RUSTSEC-") || !is_here || why.len() < 20
    });
    none(
        "is an ignored advisory without a crate of Cargo.lock and a reason",
        wrong.map(toml::Value::to_string),
    );
}

#[test]
fn a_path_starts_where_no_other_goes_on() {
    let check = |line: &str, expected: bool| {
        assert_eq!(starts_a_path(line, "/mnt/"), expected, "{line}");
    };
    check("cd /mnt/up", true);
    check("\"/mnt/up\"", true);
    check("file:///mnt/up", true);
    check("https://example.com/mnt/up", false);
    check("the folder/mnt/is fine", false);
    check("", false);
}

#[test]
fn what_is_ignored_is_as_git_has_it() {
    let ignored = Ignored(
        ["/target", "node_modules", "*.log", "/ui/dist"]
            .map(str::to_owned)
            .into(),
    );
    let check = |path: &str, expected: bool| {
        assert_eq!(ignored.covers(Path::new(path)), expected, "{path}");
    };
    check("target", true);
    check("ui/target", false);
    check("ui/node_modules", true);
    check("ui/dist", true);
    check("ui/src/dist", false);
    check("build.log", true);
    check("src-tauri/src/log.rs", false);
}

#[test]
fn the_version_is_written_once() {
    let version = env!("CARGO_PKG_VERSION");
    let lines = [
        format!("version = \"{version}\""),
        format!("\"version\": \"{version}\","),
    ];
    let mut places = Vec::new();
    for (name, text) in texts(&["toml", "json"]) {
        let states = text
            .lines()
            .any(|line| lines.iter().any(|own| line.trim() == own));
        if states && !name.ends_with("package-lock.json") {
            places.push(name);
        }
    }
    assert_eq!(places, ["Cargo.toml"]);
    let changes = root().join("config/packaging/CHANGELOG.md");
    let changes = std::fs::read_to_string(changes).expect("the changes");
    let newest = changes.lines().find_map(|line| line.strip_prefix("## "));
    assert_eq!(newest, Some(version), "the newest heading of CHANGELOG.md");
}

#[test]
fn the_workflows_run_what_is_run_here() {
    let workflow = |name: &str| {
        let path = root().join(".github/workflows").join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    };
    let (ci, release) = (workflow("ci.yml"), workflow("release.yml"));
    for part in ["bash .ci/run", "macos-", "windows-", "contents: read"] {
        assert!(ci.contains(part), "ci.yml lacks `{part}`");
    }
    for part in [
        "SHA256SUMS",
        "macos-",
        "windows-",
        "--locked",
        "xtask package",
        "xtask manifests",
        "attest-build-provenance",
    ] {
        assert!(release.contains(part), "release.yml lacks `{part}`");
    }
    let pinned = workflow_actions(&ci).chain(workflow_actions(&release));
    let loose = pinned.filter(|action| {
        action
            .split_once('@')
            .is_none_or(|(_, at)| !at.contains('.'))
    });
    none(
        "is an action without an exact version",
        loose.map(str::to_owned),
    );
}

fn workflow_actions(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "))
}

fn none(fault: &str, offenders: impl IntoIterator<Item = String>) {
    let offenders: Vec<_> = offenders.into_iter().collect();
    assert!(
        offenders.is_empty(),
        "{fault}:\n  {}",
        offenders.join("\n  ")
    );
}

/// `FILE:LINE` of every line, in any text, for which `is_so` is true.
fn lines_where(is_so: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in texts(&[]) {
        let numbered = text.lines().zip(1..).filter(|(line, _)| is_so(line));
        found.extend(numbered.map(|(_, number)| format!("{name}:{number}")));
    }
    found
}

/// The files of this repository with one of these extensions, or all that are text, with their
/// paths from the top.
fn texts(extensions: &[&str]) -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(Path::new(""), &Ignored::read(), &mut files);
    let mut texts = Vec::new();
    for file in files {
        let extension = file.extension().unwrap_or_default().to_string_lossy();
        if BINARY.contains(&&*extension) {
            continue;
        }
        if extensions.is_empty() || extensions.contains(&&*extension) {
            let text = std::fs::read_to_string(root().join(&file));
            let text = text.unwrap_or_else(|e| panic!("{} is no text: {e}", file.display()));
            texts.push((file.to_string_lossy().into_owned(), text));
        }
    }
    assert!(
        !texts.is_empty(),
        "there are files with {extensions:?}, or nothing was tested"
    );
    texts
}

fn collect(folder: &Path, ignored: &Ignored, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(root().join(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = folder.join(entry.file_name());
        if ignored.covers(&path) || entry.file_name() == ".git" {
            continue;
        }
        if entry.file_type().expect("a type").is_dir() {
            collect(&path, ignored, files);
        } else {
            files.push(path);
        }
    }
}

/// The patterns of `.gitignore`, of the few kinds that ours has. They are read here and not with
/// git, so that the tests also run in a copy without a repository.
struct Ignored(Vec<String>);

impl Ignored {
    fn read() -> Self {
        let text = std::fs::read_to_string(root().join(".gitignore")).expect("a .gitignore");
        let patterns = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(
            patterns
                .map(|line| line.trim_end_matches('/').to_owned())
                .collect(),
        )
    }

    fn covers(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.0.iter().any(|pattern| {
            if let Some(anchored) = pattern.strip_prefix('/') {
                path == Path::new(anchored)
            } else if let Some(end) = pattern.strip_prefix('*') {
                name.ends_with(end)
            } else {
                *name == **pattern
            }
        })
    }
}

fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~}".contains(c))
    })
}

fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let root = Path::new(&package).parent().map(Path::to_path_buf);
    root.expect("the tests lie one folder below the top")
}
