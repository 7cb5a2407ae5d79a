//! What adding a source type takes: counted on one that is there, as ARCHITECTURE.md has it.

use std::collections::BTreeSet;

use up_source::KINDS;

use super::{root, texts};

/// A type that stands for all: nothing else is written in its room.
const TYPE: &str = "ping";

/// The Rust files that name a source type, beside its own room and suite.
const NAMING: [&str; 4] = [
    "src-tauri/crates/up-source/src/lib.rs",
    "src-tauri/crates/up-source/src/registry.rs",
    "tests/src/far_sides.rs",
    "tests/tests/at_rest.rs",
];

/// Files that have the word for another reason: MongoDB's command of that name, and the harness of
/// those cases of `far_sides` that need a network of their own.
const OTHERWISE: [&str; 4] = [
    "src-tauri/crates/up-history/src/mongo/pump.rs",
    "src-tauri/crates/up-history/src/mongo/relay/frames.rs",
    "tests/tests/deadlines.rs",
    "tests/tests/tidy/recipe.rs",
];

#[test]
fn a_source_type_is_named_where_the_recipe_says() {
    let mut naming = BTreeSet::new();
    let own = format!("src-tauri/crates/up-source/src/{TYPE}");
    let suite = format!("tests/tests/{TYPE}");
    let words = [
        format!("\"{TYPE}\""),
        format!("mod {TYPE};"),
        format!("::{TYPE}::"),
    ];
    for (name, text) in texts(&["rs"]) {
        let is_own = name.starts_with(&own) || name.starts_with(&suite);
        if !is_own && words.iter().any(|word| text.contains(word)) {
            naming.insert(name);
        }
    }
    naming.retain(|name| !OTHERWISE.contains(&name.as_str()));
    let expected: BTreeSet<String> = NAMING.into_iter().map(str::to_owned).collect();
    assert_eq!(
        naming, expected,
        "adding a source type takes other edits than ARCHITECTURE.md says"
    );
}

#[test]
fn every_source_type_has_an_example_and_a_page_in_the_manual() {
    let manual = std::fs::read_to_string(root().join("config/REFERENCE.md")).expect("the manual");
    for kind in KINDS {
        let example = root().join(format!("config/examples/{kind}.toml"));
        assert!(example.is_file(), "`{kind}` has no {}", example.display());
        assert!(
            manual.contains(&format!("type = \"{kind}\"")),
            "config/REFERENCE.md lacks `{kind}`: run `cargo xtask codegen`"
        );
    }
}
