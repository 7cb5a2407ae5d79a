//! Scenarios: what happens goes in, the notices come out. Each file in `tests/scenarios` is one,
//! and the README there describes the format. They drive the same `Watch` as the engine, on a clock
//! of their own, so that a month takes as long as a minute.

mod control;
mod kill;
mod listed;
mod log;
mod network;
mod reasons;
mod restart;
mod script;
mod stage;

use std::collections::BTreeSet;
use std::path::Path;

use script::Scenario;

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

/// The answers of `up why` in these scenarios, at least one of each family, are in `golden/why`.
/// `UP_CODEGEN=1` writes them.
#[test]
fn what_was_decided_is_told_in_plain_sentences() {
    compare("why", stage::explain);
}

/// The output of `up alerts` at the end of these scenarios, at least one of each family, is in
/// `golden/alerts`. `UP_CODEGEN=1` writes it.
#[test]
fn what_was_told_is_listed_in_plain_sentences() {
    compare("alerts", listed::list);
}

/// Compares the text for each scenario that has a file in that folder of `golden`.
fn compare(folder: &str, say: impl Fn(&Scenario) -> String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (scenarios, golden) = (root.join("scenarios"), root.join("golden").join(folder));
    let names = |folder: &Path, end: &str| -> BTreeSet<String> {
        let files = std::fs::read_dir(folder).expect("the folder is there");
        let names = files.map(|file| file.expect("it can be listed").file_name());
        let names = names.filter_map(|name| Some(name.to_str()?.strip_suffix(end)?.to_owned()));
        names.collect()
    };
    let family = |name: &String| name.split('-').next().unwrap_or_default().to_owned();
    let explained = names(&golden, ".txt");
    let missing: BTreeSet<String> = names(&scenarios, ".toml").iter().map(family).collect();
    let missing: BTreeSet<String> = &missing - &explained.iter().map(family).collect();
    assert!(missing.is_empty(), "no golden answer of {missing:?}");
    let mut wrong = Vec::new();
    for name in explained {
        let text = std::fs::read_to_string(scenarios.join(format!("{name}.toml")));
        let text = text.expect("the scenario of that golden answer");
        let script: Scenario = toml::from_str(&text).expect("a scenario");
        let (file, answer) = (golden.join(format!("{name}.txt")), say(&script));
        if std::env::var_os("UP_CODEGEN").is_some() {
            std::fs::write(&file, &answer).expect("a golden answer can be written");
        }
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let expected = std::fs::read_to_string(&file).expect("the golden answer");
        wrong.extend(log::difference(&name, &lines(&expected), &lines(&answer)));
    }
    assert!(
        wrong.is_empty(),
        "other answers (UP_CODEGEN=1 writes them):\n{}",
        wrong.join("\n")
    );
}

/// The differences between a scenario and its expectations, for a person.
fn failure(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).expect("a scenario can be read");
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let script: Scenario = match toml::from_str(&text) {
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
