//! Whatever a file holds, loading it ends, with a plan or with mistakes that can be shown.

use std::path::Path;

use proptest::prelude::*;
use up_config::{Plan, load_text};

const SAMPLE: &str = include_str!("../../../../config/up.toml");

/// Loads on a stack no larger than the smallest that Up runs on, and shows what is said.
fn survives(text: String) -> Result<Plan, String> {
    let small = std::thread::Builder::new().stack_size(1024 * 1024);
    let load = move || {
        load_text(&text, Path::new("up.toml")).map_err(|error| {
            let told = error.to_string();
            assert!(told.starts_with("up.toml:"), "{told}");
            assert!(told.len() < 100_000, "a bounded message");
            for mistake in error.mistakes() {
                let place = mistake.place.as_ref().expect("a text has places");
                assert!(place.line >= 1 && place.column >= 1 && place.width >= 1);
            }
            told
        })
    };
    let loading = small.spawn(load).expect("a thread can be started");
    loading.join().expect("loading does not panic")
}

#[test]
fn deep_nesting_is_an_error_with_a_place() {
    let check = |text: String, expected: &str| {
        let told = survives(text).expect_err("it is too deep");
        assert!(told.starts_with(expected), "{expected} begins {told}");
    };
    let tree = |depth: usize| {
        let header = vec!["source"; depth].join(".");
        format!("[[{header}]]\ntype = \"tree\"\nname = \"t\"\n")
    };
    let trees = |depth: usize| (1..=depth).map(tree).collect::<String>();
    let leaf = format!("[[source{}]]\ntype = \"github\"\n", ".source".repeat(63));
    let deepest = format!("{}{leaf}", trees(63));
    assert!(survives(deepest).is_ok(), "64 deep is fine");
    for depth in [65, 1_000] {
        check(
            trees(depth),
            "up.toml:193:451: trees are nested more than 64 deep",
        );
    }
    let inline = "source = [{ type = \"tree\", name = \"t\", ".repeat(1_000);
    let levels = "tables and arrays are nested more than 78 deep";
    check(inline, &format!("up.toml:1:1531: {levels}"));
    check(
        format!("a = {}", "[".repeat(100_000)),
        &format!("up.toml:1:83: {levels}"),
    );
    check(
        format!("a = {}", "{a=".repeat(100_000)),
        &format!("up.toml:1:239: {levels}"),
    );
    check(
        format!("a{} = 1", ".a".repeat(100_000)),
        &format!("up.toml:1:158: {levels}"),
    );
    check(
        format!("[a{}]", ".a".repeat(100_000)),
        &format!("up.toml:1:157: {levels}"),
    );
}

#[test]
fn as_deep_as_is_allowed_by_all_ways_at_once() {
    // Header, dotted keys and brackets each to their bound, at a key that is read whole.
    let header = format!("[[source{}]]\ntype = \"http\"\n", ".source".repeat(63));
    let dots = ".a".repeat(70);
    let brackets = "[".repeat(70);
    for key in ["headers", "token", "alert", "status", "x"] {
        let close = "]".repeat(70);
        let told = survives(format!(
            "{header}{key}{dots} = 1\n{key}2 = {brackets}{close}"
        ));
        assert!(told.is_err());
        assert!(survives(format!("{header}{key} = {brackets}{close}")).is_err());
    }
}

#[test]
fn endless_lines_are_errors_like_others() {
    // Each makes work for whatever hides secrets on a shown line or looks for where a key begins.
    for part in [
        "=",
        "{",
        "a=",
        "\"",
        "'",
        ",",
        ".",
        "a://",
        "@",
        "#",
        "\\",
        "\t",
        "\u{1f600}",
    ] {
        let line = part.repeat(200_000 / part.len());
        for text in [
            line.clone(),
            format!("a = {line}"),
            format!("[[source]]\ntype = \"{line}"),
        ] {
            let said = survives(text);
            assert!(said.is_err(), "{part}");
        }
    }
}

#[test]
fn a_hundred_thousand_sources_are_planned() {
    let mut text = String::from("name = \"many\"\n");
    for number in 0..50_000 {
        let name = format!("name = \"s{number}\"");
        text.extend([
            "[[source]]\ntype = \"snmp\"\nhost = \"127.0.0.1\"\n",
            &name,
            "\n",
        ]);
    }
    // Without names, so that each is told from the others by a number.
    text += &"[[source]]\ntype = \"tcp\"\naddress = \"127.0.0.1:80\"\n".repeat(50_000);
    let plan = survives(text).expect("it is valid");
    assert_eq!(plan.sources(), 100_000);
    let last = plan.outline.iter().next_back().expect("a last one").1;
    assert_eq!(&*last.path, "/many/127.0.0.1:80 50000");
}

/// The sample with some of its bytes replaced, taken out or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let change = (
        0..SAMPLE.len(),
        0..40_usize,
        "[\\PC\n\t\"'\\[\\]{}=.,#\\\\]{0,6}",
    );
    proptest::collection::vec(change, 1..6).prop_map(|changes| {
        let mut text = SAMPLE.to_owned();
        for (at, length, by) in changes {
            let start = text.floor_char_boundary(at.min(text.len()));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &by);
        }
        text
    })
}

/// Lines of the kind that up.toml has, in any order.
fn shuffled() -> impl Strategy<Value = String> {
    let lines: Vec<&str> = SAMPLE
        .lines()
        .map(|line| line.trim_start_matches("# "))
        .filter(|line| line.contains('=') || line.starts_with('['))
        .collect();
    proptest::collection::vec(proptest::sample::select(lines), 0..30)
        .prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        let _ = survives(text);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("up.toml");
        std::fs::write(&path, bytes).expect("a file can be written");
        if let Err(error) = up_config::load(&up_config::ConfigFile::named(&path)) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn any_tokens(text in "([\\[\\]{}=.,#\"'\n\\\\ ]|source|type|name|=|\"\"\"|'''|http|1){0,60}") {
        let _ = survives(text);
    }

    #[test]
    fn a_mutated_sample(text in mutated()) {
        let _ = survives(text);
    }

    #[test]
    fn a_shuffled_sample(text in shuffled()) {
        let _ = survives(text);
    }
}
