//! Counts the edits for adding a source type, as ARCHITECTURE.md states them, with an existing
//! type.

use std::collections::BTreeSet;

use up_source::KINDS;

use super::{root, texts};

/// The source type that stands for all.
const TYPE: &str = "ping";

/// The Rust files that name a source type, besides its own module and suite.
const NAMING: [&str; 4] = [
    "src-tauri/crates/up-source/src/lib.rs",
    "src-tauri/crates/up-source/src/registry.rs",
    "tests/src/far_sides.rs",
    "tests/tests/at_rest.rs",
];

/// Files that contain the word for another reason: MongoDB's command of that name, and the harness
/// of cases in `far_sides` that need a network namespace.
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
