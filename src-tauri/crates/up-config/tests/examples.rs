//! Every file in `config/` is valid, and the sample shows the defaults as they are.

use std::path::{Path, PathBuf};

use up_config::{ConfigFile, Plan, load, load_text, starter};

fn config(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../config")
        .join(name)
}

fn valid(path: &Path) -> Plan {
    match load(&ConfigFile::named(path)) {
        Ok(plan) => plan,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn every_example_is_valid() {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(config("examples")).expect("the examples") {
        let path = entry.expect("an entry").path();
        let plan = valid(&path);
        let stem = path.file_stem().expect("a name").to_string_lossy();
        // `snmp-ups` is one more of the type `snmp`.
        let kind = stem.split('-').next().unwrap_or_default().to_owned();
        let shown = plan.outline.iter().any(|(_, node)| node.kind.0 == kind)
            || plan.sinks.iter().any(|sink| sink.kind == kind);
        assert!(shown, "{} shows its type", path.display());
        names.push(kind);
    }
    // Two types have no keys; the example of `command` is that of the source.
    let without = ["stdout", "history", "command"];
    let sinks = up_sink::registry::KINDS.iter();
    let sinks = sinks.filter(|kind| !without.contains(kind));
    for kind in up_source::KINDS.iter().chain(&["tree"]).chain(sinks) {
        assert!(
            names.iter().any(|name| name == kind),
            "{kind} has an example"
        );
    }
}

#[test]
fn the_starter_is_valid() {
    let plan = load_text(starter(), Path::new("starter.toml")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(plan.sources(), 2);
    assert_eq!(plan.warnings, [""; 0]);
}

/// All of a plan that keys can change, as text.
fn told(plan: &Plan) -> String {
    let asked: Vec<_> = plan
        .probes
        .iter()
        .map(|probe| (probe.interval, probe.timeout, &probe.source, &probe.target))
        .collect();
    format!(
        "{:#?}",
        (
            plan.mood,
            plan.manner,
            &plan.outline,
            asked,
            &plan.trees,
            &plan.sinks,
            plan.history,
            &plan.network
        )
    )
}

#[test]
fn the_sample_shows_the_defaults_as_they_are() {
    let path = config("up.toml");
    let text = std::fs::read_to_string(&path).expect("the sample");
    let is_default = |line: &&str| line.contains("# default") && !line.starts_with('#');
    assert!(
        text.lines().filter(is_default).count() > 15,
        "it shows most of them"
    );
    let without: Vec<&str> = text.lines().filter(|line| !is_default(line)).collect();
    let without = load_text(&without.join("\n"), &path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(told(&valid(&path)), told(&without));
}

#[test]
fn the_sample_has_every_key_of_the_reference() {
    let text = std::fs::read_to_string(config("up.toml")).expect("the sample");
    let reference = up_config::reference();
    // A section a type; of the types, the sample shows those that most people need.
    let shown = |section: &&str| match section.split_once("type = ") {
        Some((start, rest)) if start.len() < 4 => {
            let kind = rest.split('`').next().unwrap_or_default();
            text.contains(&format!("\ntype = {kind}"))
        }
        _ => true,
    };
    let keys = reference
        .split("\n## Secrets")
        .take(1)
        .flat_map(|text| text.split("\n### "))
        // What stands within a key's value is not a key of its own.
        .filter_map(|section| section.split("\n#### ").next())
        .filter(shown)
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        // These are tables; `panel` has no keys yet.
        .filter(|key| !["alert", "network", "history", "maintenance", "panel", "source"].contains(key));
    let keys: Vec<&str> = keys.collect();
    assert!(keys.len() > 30, "it has many keys");
    for key in keys {
        let has = text.lines().any(|line| {
            let line = line.trim_start_matches("# ");
            line.starts_with(&format!("{key} ="))
                || line.contains(&format!("or both in one: {key} ="))
        });
        assert!(has, "`{key}` is in the sample");
    }
}

/// The blocks of TOML in a text of Markdown.
fn blocks(manual: &str) -> impl Iterator<Item = &str> {
    let after = manual.split("```toml\n").skip(1);
    after.filter_map(|rest| Some(rest.split_once("```")?.0))
}

#[test]
fn every_example_of_the_manual_is_valid() {
    const ANY: &str = "name = \"Example Status\"\n[[source]]\ntype = \"tree\"\nname = \"Office\"\n\
        [[source.source]]\ntype = \"github\"\n";
    let manual = up_config::reference();
    let mut shown = Vec::new();
    for block in blocks(&manual) {
        let has_source = block.contains("[[source]]");
        let text = if has_source {
            block
        } else {
            &format!("{ANY}{block}")
        };
        let plan = load_text(text, Path::new("manual.toml"));
        let plan = plan.unwrap_or_else(|error| panic!("{block}\n{error}"));
        shown.extend(plan.outline.iter().map(|(_, node)| node.kind.0));
        shown.extend(plan.sinks.iter().map(|sink| sink.kind));
    }
    for kind in up_source::KINDS.iter().chain(&["tree", "webhook", "mongo"]) {
        assert!(shown.contains(kind), "the manual has an example of {kind}");
    }
}
