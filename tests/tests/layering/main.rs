//! The layering: dependencies between our crates run in one direction, and each protocol is spoken
//! by one crate.

mod graph;
mod modules;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use graph::Workspace;
use rules::{ABSENT, AT_LIBERTY, CORE_NAMES, LAYERS, SINK_TAKES, SOURCE_TAKES, SPEAKERS};

#[test]
fn our_crates_depend_one_way() {
    let workspace = Workspace::read();
    let known: BTreeSet<_> = LAYERS.iter().map(|(name, ..)| *name).collect();
    let ours: BTreeSet<_> = workspace.named.keys().map(String::as_str).collect();
    assert_eq!(
        ours, known,
        "every crate has its layer in the table above, and no other"
    );
    let mut faults = Vec::new();
    for (name, allowed, reason) in LAYERS {
        for dependency in &workspace.named[name] {
            let dependency = dependency.as_str();
            if ours.contains(dependency) && !allowed.contains(&dependency) {
                faults.push(format!("{name} depends on {dependency}: {reason}"));
            }
        }
    }
    none(&faults);
}

#[test]
fn each_protocol_has_one_speaker() {
    let mut faults = Vec::new();
    for (name, named) in &Workspace::read().named {
        for (packages, speakers, reason) in SPEAKERS {
            if speakers.contains(&name.as_str()) || AT_LIBERTY.contains(&name.as_str()) {
                continue;
            }
            for package in packages.iter().filter(|package| named.contains(**package)) {
                faults.push(format!("{name} depends on {package}: {reason}"));
            }
        }
    }
    none(&faults);
}

#[test]
fn nothing_unwanted_comes_in_from_below() {
    let workspace = Workspace::read();
    let mut faults = Vec::new();
    for (names, absent, reason) in ABSENT {
        for name in names {
            for (package, way) in workspace.beneath(name) {
                if absent.iter().any(|pattern| fits(pattern, &package)) {
                    faults.push(format!("{name} reaches {package} ({way}): {reason}"));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn core_names_only_what_it_was_given() {
    let named = &Workspace::read().named["up-core"];
    let known: BTreeSet<_> = CORE_NAMES.map(str::to_owned).into();
    assert_eq!(*named, known, "core is pure, and stays small");
}

#[test]
fn sinks_take_only_secrets_from_sources() {
    let reason = "a sink tells, it never asks";
    takes_only("up-sink", "up_source", &SINK_TAKES, reason);
}

#[test]
fn sources_take_only_the_fleet_from_the_history() {
    let reason = "a source asks others, and knows nothing of what this Up keeps";
    takes_only("up-source", "up_history", &SOURCE_TAKES, reason);
}

/// Of the crate `of`, the crate `name` uses only these types.
fn takes_only(name: &str, of: &str, allowed: &[&str], reason: &str) {
    let mut faults = Vec::new();
    for file in rust_files(&root().join(format!("src-tauri/crates/{name}/src"))) {
        let text = std::fs::read_to_string(&file).expect("a source file");
        for taken in taken_from(&text, of) {
            if !allowed.contains(&taken.as_str()) {
                let file = file.display();
                faults.push(format!("{file} takes {of}::{taken}: {reason}"));
            }
        }
    }
    none(&faults);
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

fn none(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "what must not be:\n  {}",
        faults.join("\n  ")
    );
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

/// The types that `text` uses from a crate; `*` if it uses all. Types begin with a capital letter,
/// which leaves out modules, macros and functions.
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

#[test]
fn no_module_of_a_crate_leads_back_to_itself() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for src in sources_of_crates() {
        let graph = modules::uses(&src);
        seen += graph.len();
        if let Some(cycle) = modules::cycle(&graph) {
            faults.push(format!("{}: {}", src.display(), cycle.join(" → ")));
        }
    }
    assert!(seen > 100, "only {seen} modules were read");
    none(&faults);
}

#[test]
fn what_a_module_uses_is_read_from_its_text() {
    let check = |text: &str, expected: &[&str]| {
        let used: Vec<_> = modules::used_in(text).into_iter().collect();
        assert_eq!(used, expected, "{text}");
    };
    check("use crate::judge::Verdict;", &["judge"]);
    check("use crate::{a::{b, c}, d};", &["a", "d"]);
    check(
        "// use crate::judge;\nfn f() { crate::mood::of(); }",
        &["mood"],
    );
    check("use up_crate::x;\nmod tests {\nuse crate::y;", &[]);
    let graph = |pairs: &[(&str, &str)]| {
        let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in pairs {
            graph
                .entry((*from).into())
                .or_default()
                .insert((*to).into());
        }
        modules::cycle(&graph).map(|cycle| cycle.join(" "))
    };
    assert_eq!(graph(&[("a", "b"), ("a", "c"), ("b", "c")]), None);
    let found = graph(&[("a", "b"), ("b", "c"), ("c", "b")]);
    assert_eq!(found.as_deref(), Some("b c b"));
}

/// The folder `src` of every crate of the workspace.
fn sources_of_crates() -> Vec<PathBuf> {
    let manifests = Workspace::read().manifests();
    let folders = manifests
        .into_iter()
        .filter_map(|manifest| Some(manifest.parent()?.join("src")));
    folders.collect()
}
