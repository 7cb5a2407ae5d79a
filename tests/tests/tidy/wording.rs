//! Every value that a source reports in its detail has a wording for people.

use std::collections::BTreeSet;

use up_core::facts;

#[test]
fn every_value_of_a_detail_has_a_wording() {
    let known: BTreeSet<&str> = facts::names().flat_map(|name| name.split('.')).collect();
    let mut unknown = Vec::new();
    let mut count = 0;
    for (path, text) in super::texts(&["rs"]) {
        if !path.contains("up-source/src/")
            || path.contains("fuzzing")
            || path.ends_with("tests.rs")
        {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for rest in code.split(".put(").skip(1) {
            let Some(rest) = rest.trim_start().strip_prefix('"') else {
                continue;
            };
            let name = rest.split('"').next().unwrap_or_default();
            count += 1;
            if !known.contains(name) {
                unknown.push(format!("{path}: {name:?}"));
            }
        }
    }
    assert!(count > 40, "the names are found at all: {count}");
    super::none("has no wording in up-core/src/facts.rs", unknown);
}
