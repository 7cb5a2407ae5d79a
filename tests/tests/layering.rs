//! Who may know whom, as `cargo metadata` tells it: between our crates dependencies run one way,
//! and each room alone speaks its protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// Our crates, and which of ours each may name in `[dependencies]`: all others it may not.
const LAYERS: [(&str, &[&str], &str); 11] = [
    (
        "up-core",
        &[],
        "the vocabulary: everybody speaks it, so it knows nobody",
    ),
    (
        "up-wire",
        &["up-core"],
        "shapes only; who fills them is the shell's affair",
    ),
    (
        "up-source",
        &["up-core"],
        "asks, and knows nothing of who wants to hear the answer",
    ),
    (
        "up-history",
        &["up-core"],
        "keeps samples, wherever they come from",
    ),
    (
        "up-sink",
        &["up-core", "up-history", "up-source"],
        "tells; of up-source only how a secret is named, which is tested below",
    ),
    (
        "up-config",
        &["up-core", "up-source", "up-history", "up-sink"],
        "reads the configuration of sources and sinks, each kept beside its component",
    ),
    (
        "up-engine",
        &["up-core", "up-source", "up-history", "up-sink", "up-config"],
        "moves everything, so it knows everything but the shells",
    ),
    (
        "up-cli",
        &["up-core", "up-history", "up-sink", "up-config", "up-engine"],
        "a shell: what is asked and how is none of its business",
    ),
    (
        "up-tray",
        &[
            "up-core",
            "up-history",
            "up-sink",
            "up-config",
            "up-engine",
            "up-wire",
        ],
        "a shell: the only one with a panel on its wire",
    ),
    (
        "xtask",
        &[],
        "builds Up from outside, and has to compile where nothing else does yet",
    ),
    (
        "up-tests",
        &[
            "up-core",
            "up-source",
            "up-history",
            "up-sink",
            "up-config",
            "up-engine",
            "up-wire",
        ],
        "may look into every library; it starts the shells as programs",
    ),
];

/// Packages that only some of ours may name in `[dependencies]`.
const SPEAKERS: [(&[&str], &[&str], &str); 6] = [
    (
        &["reqwest", "snmp2", "rustls-platform-verifier"],
        &["up-source"],
        "one room speaks to the watched world, with its deadlines and bounds",
    ),
    (
        &["rusqlite", "mongodb"],
        &["up-history"],
        "both stores answer through one trait, so nobody else needs to know either",
    ),
    (
        &["toml", "toml_parser", "toml_edit", "toml_datetime"],
        &["up-config"],
        "up.toml is read in one place, which gives every error its line",
    ),
    (
        &["clap", "clap_complete", "clap_mangen"],
        &["up-cli"],
        "one command line, in one place",
    ),
    (
        &[
            "tauri",
            "tauri-build",
            "tauri-plugin-single-instance",
            "ksni",
            "notify-rust",
        ],
        &["up-tray"],
        "the desktop is the shell's",
    ),
    (
        &["up-cli", "up-tray", "xtask", "up-tests"],
        &[],
        "programs are not libraries",
    ),
];

/// May name everything: what tests use is in nothing that people run.
const AT_LIBERTY: [&str; 2] = ["up-tests", "xtask"];

/// What must be nowhere beneath a package, however far down, on any platform. A name ending in `*`
/// stands for all names with that beginning.
const ABSENT: [(&[&str], &[&str], &str); 2] = [
    (
        &["up-core"],
        &[
            "tokio*", "futures*", "async-*", "mio", "reqwest", "hyper*", "rustix", "libc",
        ],
        "core is pure: it never waits and never asks the system",
    ),
    (
        &[
            "up-core",
            "up-wire",
            "up-source",
            "up-history",
            "up-sink",
            "up-config",
            "up-engine",
            "up-cli",
        ],
        &[
            "tauri*",
            "wry",
            "tao",
            "gtk*",
            "gdk*",
            "glib*",
            "gio*",
            "webkit2gtk*",
            "ksni",
            "tray-icon",
            "muda",
            "notify-rust",
            "objc2-app-kit",
            "webview2-com*",
        ],
        "`up` runs on servers, and links no GUI library",
    ),
];

/// up-core's whole world. A crate more is a decision, so it is one line here.
const CORE_NAMES: [&str; 1] = ["serde"];

/// What up-sink may take from up-source: the way a secret is named in up.toml.
const SINK_TAKES: [&str; 1] = ["SecretRef"];

#[test]
fn our_crates_depend_one_way() {
    let workspace = Workspace::read();
    let known: BTreeSet<_> = LAYERS.iter().map(|(name, ..)| *name).collect();
    let ours: BTreeSet<_> = workspace.named.keys().map(String::as_str).collect();
    assert_eq!(
        ours, known,
        "every crate has its layer in the table above, and no other"
    );
    for (name, allowed, reason) in LAYERS {
        for dependency in &workspace.named[name] {
            assert!(
                !ours.contains(dependency.as_str()) || allowed.contains(&dependency.as_str()),
                "{name} must not depend on {dependency}: {reason}"
            );
        }
    }
}

#[test]
fn each_protocol_has_one_speaker() {
    let workspace = Workspace::read();
    for (packages, speakers, reason) in SPEAKERS {
        for (name, named) in &workspace.named {
            let free = speakers.contains(&name.as_str()) || AT_LIBERTY.contains(&name.as_str());
            for package in packages {
                assert!(
                    free || !named.contains(*package),
                    "{name} must not depend on {package}: {reason}"
                );
            }
        }
    }
}

#[test]
fn nothing_unwanted_comes_in_from_below() {
    let workspace = Workspace::read();
    for (names, absent, reason) in ABSENT {
        for name in names {
            for (package, way) in workspace.beneath(name) {
                let unwanted = absent.iter().any(|pattern| fits(pattern, &package));
                assert!(
                    !unwanted,
                    "{name} must not reach {package} ({way}): {reason}"
                );
            }
        }
    }
}

#[test]
fn core_names_only_what_it_was_given() {
    let named = &Workspace::read().named["up-core"];
    let known: BTreeSet<_> = CORE_NAMES.map(str::to_owned).into();
    assert_eq!(*named, known, "core is pure, and stays small");
}

#[test]
fn sinks_take_only_secrets_from_sources() {
    let source = root().join("src-tauri/crates/up-sink/src");
    for file in rust_files(&source) {
        let text = std::fs::read_to_string(&file).expect("a source file");
        for taken in taken_from(&text, "up_source") {
            assert!(
                SINK_TAKES.contains(&taken.as_str()),
                "{} takes up_source::{taken}: a sink tells, it does not ask",
                file.display()
            );
        }
    }
}

#[test]
fn what_a_text_takes_from_a_crate() {
    let check = |text: &str, expected: &[&str]| {
        assert_eq!(taken_from(text, "up_source"), expected, "{text}");
    };
    check("use up_source::SecretRef;", &["SecretRef"]);
    check(
        "use up_source::{Asked, SecretRef};",
        &["Asked", "SecretRef"],
    );
    check("use up_source::secret::SecretRef;", &["SecretRef"]);
    check(
        "fn f(s: &up_source::Source) -> up_source::Asked {}",
        &["Source", "Asked"],
    );
    check("use up_source::*;", &["*"]);
    check("use up_source;", &["*"]);
    check(
        "//! Speaks of [`up_source_types`].\nuse up_core::Sample;",
        &[],
    );
}

/// What of the whole graph the tests ask for.
struct Workspace {
    metadata: Metadata,
    /// Each of our packages, with all that it names in `[dependencies]` and
    /// `[build-dependencies]`, on whatever platform.
    named: BTreeMap<String, BTreeSet<String>>,
}

impl Workspace {
    fn read() -> Self {
        let metadata = MetadataCommand::new()
            .manifest_path(root().join("Cargo.toml"))
            .other_options(vec!["--locked".into()])
            .exec()
            .expect("cargo metadata, which may have to download other platforms' crates");
        let named = metadata.workspace_packages().into_iter().map(|package| {
            let built = package.dependencies.iter();
            let built = built.filter(|d| d.kind != DependencyKind::Development);
            (
                package.name.to_string(),
                built.map(|d| d.name.clone()).collect(),
            )
        });
        Self {
            named: named.collect(),
            metadata,
        }
    }

    /// Every package beneath one of ours, through normal dependencies, with one way to it.
    fn beneath(&self, name: &str) -> BTreeMap<String, String> {
        let resolve = self
            .metadata
            .resolve
            .as_ref()
            .expect("the graph is resolved");
        let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|n| (&n.id, n)).collect();
        let start = self
            .metadata
            .workspace_packages()
            .into_iter()
            .find(|p| p.name == name);
        let start = &start.expect("it is one of ours").id;
        let mut ways: BTreeMap<&PackageId, String> = [(start, name.to_owned())].into();
        let mut next = vec![start];
        while let Some(id) = next.pop() {
            for dependency in &nodes[id].deps {
                let normal = dependency
                    .dep_kinds
                    .iter()
                    .any(|k| k.kind == DependencyKind::Normal);
                if !normal || ways.contains_key(&dependency.pkg) {
                    continue;
                }
                let way = format!("{} → {}", ways[id], self.name(&dependency.pkg));
                ways.insert(&dependency.pkg, way);
                next.push(&dependency.pkg);
            }
        }
        ways.remove(start);
        ways.into_iter()
            .map(|(id, way)| (self.name(id), way))
            .collect()
    }

    fn name(&self, id: &PackageId) -> String {
        self.metadata[id].name.to_string()
    }
}

fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let root = Path::new(&package).parent().map(Path::to_path_buf);
    root.expect("the tests lie one folder below the top")
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The types that `text` takes from a crate; `*` where it takes everything. Types are what begins
/// with a capital letter: that leaves out the modules on the way, and macros and functions, of
/// which up-source has none worth taking.
fn taken_from(text: &str, name: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut taken = Vec::new();
    for (at, _) in text.match_indices(name) {
        let rest = &text[at + name.len()..];
        if text[..at].ends_with(is_word) || rest.starts_with(is_word) {
            continue;
        }
        let Some(path) = rest.strip_prefix("::") else {
            taken.push("*".to_owned());
            continue;
        };
        let part_of_path = |c: char| is_word(c) || c == ':';
        let path = match path.split_once('{') {
            Some((before, group)) if before.chars().all(part_of_path) => {
                group.split('}').next().unwrap_or_default()
            }
            _ => path
                .split(|c| !part_of_path(c) && c != '*')
                .next()
                .unwrap_or_default(),
        };
        let words = path.split(|c| !is_word(c) && c != '*');
        let types = words.filter(|word| word.starts_with(|c: char| c.is_uppercase() || c == '*'));
        taken.extend(types.map(str::to_owned));
    }
    taken
}
