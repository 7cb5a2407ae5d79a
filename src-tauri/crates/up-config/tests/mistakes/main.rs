//! What is said of configurations that are wrong: where, what, and what to write instead.

mod durations;
mod keys;
mod maintenance;
mod secrets;
mod syntax;
mod tables;

use std::path::Path;

use up_config::{ConfigError, load_text};

fn mistakes(text: &str) -> ConfigError {
    match load_text(text, Path::new("up.toml")) {
        Ok(_) => panic!("{text}\nis wrong, and was planned"),
        Err(error) => error,
    }
}

/// `expected`: for each mistake its place, message and help (empty for none).
fn check(text: &str, expected: &[(&str, &str, &str)]) {
    let error = mistakes(text);
    let told: Vec<_> = error
        .mistakes()
        .iter()
        .map(|mistake| {
            let place = mistake.place.as_ref().expect("a text has places");
            (
                format!("{}:{}", place.line, place.column),
                mistake.message.clone(),
                mistake.help.clone().unwrap_or_default(),
            )
        })
        .collect();
    let told: Vec<_> = told
        .iter()
        .map(|(place, message, help)| (&**place, &**message, &**help))
        .collect();
    assert_eq!(told, expected, "{text}\n=>\n{error}");
}

/// Every type of source, as help lists them.
fn types() -> String {
    let kinds: Vec<String> = up_source::KINDS
        .iter()
        .map(|kind| format!("`{kind}`"))
        .collect();
    format!("{} or `tree`", kinds.join(", "))
}

/// All sink types, as an error lists them.
fn sink_types() -> String {
    let kinds = up_sink::registry::KINDS.iter();
    let kinds: Vec<String> = kinds.map(|kind| format!("`{kind}`")).collect();
    let (last, others) = kinds.split_last().expect("there are sink types");
    format!("{} or {last}", others.join(", "))
}

/// One mistake in a source of type http that has everything else it needs.
fn check_source(keys: &str, expected: &[(&str, &str, &str)]) {
    let text = format!("name = \"x\"\n[[source]]\ntype = \"http\"\nurl = \"http://h/\"\n{keys}");
    check(&text, expected);
}

#[test]
fn a_mistake_is_shown_with_its_line_and_a_caret() {
    let text = "\n[[source]]\ntype = \"github\"\n\tintervall = \"30s\" # often\n";
    assert_eq!(
        mistakes(text).to_string(),
        "up.toml:4:2: unknown key `intervall` in a source of type `github`\n     \
         intervall = \"30s\" # often\n     ^^^^^^^^^\nhelp: did you mean `interval`?"
    );
}

#[test]
fn what_a_file_says_cannot_steer_a_terminal() {
    let told =
        mistakes("\"\\u001b[31m\\nup.toml:1:1: ok\" = 1\r\n[[source]]\r\ntype = \"\\u202e\"\r\n")
            .to_string();
    assert!(
        told.chars()
            .all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'),
        "{told:?}"
    );
    assert_eq!(
        told.lines()
            .filter(|line| line.starts_with("up.toml:"))
            .count(),
        2,
        "a line break in a key begins no line of ours: {told}"
    );
}

#[test]
fn not_every_mistake_of_thousands_is_told() {
    let text = format!(
        "name = \"x\"\n{}",
        "[[source]]\ntype = \"x\"\n".repeat(5000)
    );
    let error = mistakes(&text);
    assert_eq!(error.mistakes().len(), ConfigError::MOST);
    assert!(
        error
            .to_string()
            .ends_with("\n\nthere may be more mistakes: correct these first")
    );
}
