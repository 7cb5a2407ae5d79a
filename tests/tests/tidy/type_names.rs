//! A type name is defined once in the workspace, so that a reader knows it wherever it appears.

use std::collections::BTreeMap;

use super::{none, texts};

/// The reason for the panel's form of a type of the core.
const WIRE: &str = "the panel's shape of the core's type";

/// The reason for a type that is defined for one platform in a file, and for the others in the file
/// that ends in `_other`.
const PLATFORM: &str = "one implementation a platform";

/// The names that two types may have, and why.
const TWICE: [(&str, &str); 15] = [
    ("Cause", WIRE),
    ("Control", WIRE),
    ("EffectiveControls", WIRE),
    ("Fact", WIRE),
    ("FileEvents", PLATFORM),
    ("Logind", PLATFORM),
    ("LogindSignal", PLATFORM),
    ("Mood", WIRE),
    ("Note", WIRE),
    ("NoteEdit", WIRE),
    ("ProcessFamily", PLATFORM),
    ("Route", PLATFORM),
    ("RouteEvents", PLATFORM),
    ("Routes", PLATFORM),
    ("Session", PLATFORM),
];

#[test]
fn no_type_name_is_defined_twice_without_a_reason() {
    let mut defined: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, text) in texts(&["rs"]) {
        for name in types(&text) {
            defined.entry(name.into()).or_default().push(file.clone());
        }
    }
    assert!(defined.len() > 500, "the types are found");
    defined.retain(|_, files| files.len() > 1);
    let wrong = defined.iter().filter(|(name, files)| {
        let reason = TWICE.iter().find(|(twice, _)| twice == name);
        !reason.is_some_and(|(_, reason)| has_reason(files, reason))
    });
    none(
        "is the name of several types: give each the name of what it is",
        wrong.map(|(name, files)| format!("{name}: {}", files.join(", "))),
    );
    let unused = TWICE
        .iter()
        .filter(|(name, _)| !defined.contains_key(*name));
    none(
        "is in the list of names for two types, but names one",
        unused.map(|(name, _)| (*name).to_owned()),
    );
}

/// True if the two files that define a name match its reason.
fn has_reason(files: &[String], reason: &str) -> bool {
    let [one, other] = files else { return false };
    match reason {
        WIRE => [one, other].iter().any(|file| file.contains("/up-wire/")),
        _ => [one, other].iter().any(|file| file.ends_with("_other.rs")),
    }
}

/// The names of the types that a file defines at its top level, outside of functions and inner
/// modules.
fn types(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let mut words = line.split([' ', '(', ')', '<', '{', ';', '=', ':']);
        let is_line_of_code = line.starts_with(|c: char| c.is_ascii_lowercase());
        let keyword = |word: &&str| ["struct", "enum", "trait", "type", "union"].contains(word);
        // Only `pub` with its restriction, and `unsafe`, may precede the keyword.
        let before =
            |word: &&str| ["pub", "crate", "super", "in", "self", "unsafe", ""].contains(word);
        let first = words.by_ref().find(|word| !before(word))?;
        let name = (is_line_of_code && keyword(&first)).then(|| words.next())??;
        // In the text of a test, `type = …` is a key of up.toml.
        name.starts_with(|c: char| c.is_ascii_uppercase())
            .then_some(name)
    })
}

#[test]
fn types_are_found_where_they_are_defined() {
    let check = |line: &str, expected: Option<&str>| {
        assert_eq!(types(line).next(), expected, "{line}");
    };
    check("struct Name;", Some("Name"));
    check("pub struct Name<'a>(&'a str);", Some("Name"));
    check("pub(crate) enum Name {", Some("Name"));
    check("pub(super) unsafe trait Name: Send {", Some("Name"));
    check("type Name = u8;", Some("Name"));
    check("    type Name = u8;", None);
    check("/// struct Name", None);
    check("impl Trait for Name {", None);
    check("type = \"http\"", None);
    check("use some::Name;", None);
    check("pub use some::Name;", None);
}
