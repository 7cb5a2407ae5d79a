//! Scenarios: what happens in, what people are told out. Each file in `tests/scenarios` is one, and
//! its README says how to write it. They drive the very watch that the engine drives, on a clock of
//! their own, so that a month takes as long as a minute.

mod control;
mod kill;
mod log;
mod network;
mod restart;
mod script;
mod stage;

use std::path::Path;

use script::Script;

#[test]
fn every_scenario_goes_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = std::fs::read_dir(&folder).expect("the scenarios are there");
    let mut files: Vec<_> = files
        .map(|file| file.expect("the folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 35, "all scenarios are found");
    let failed: Vec<String> = files.iter().filter_map(|path| failure(path)).collect();
    assert!(
        failed.is_empty(),
        "{} of {} scenarios went another way:\n{}",
        failed.len(),
        files.len(),
        failed.join("\n")
    );
}

/// How a scenario went otherwise than it says, for a person.
fn failure(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).expect("a scenario can be read");
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let script: Script = match toml::from_str(&text) {
        Ok(script) => script,
        Err(error) => return Some(format!("== {name}: {error}")),
    };
    let log = stage::play(&script);
    let mut differences = log::difference("told", &script.told, &log.told);
    if let Some(changes) = &script.changes {
        differences.extend(log::difference("changes", changes, &log.changes));
    }
    (!differences.is_empty())
        .then(|| format!("== {name}: {}\n{}", script.about, differences.join("\n")))
}
