//! Notes on the command line: about everything or one path, of a chosen time, changed and removed.

use serde_json::Value;
use up_tests::up::{RunOutcome, Up};

const CONFIG: &str = "name = \"Site\"\n[[source]]\ntype = \"command\"\nname = \"a\"\n\
     command = [\"true\"]\n[[source]]\ntype = \"command\"\nname = \"b\"\ncommand = [\"true\"]\n\
     [[sink]]\ntype = \"history\"\n";

/// The notes of a path, or all: the message, what it is about, and its ID.
fn notes(up: &Up, path: Option<&str>) -> Vec<(String, Option<String>, String)> {
    let args = ["history", "notes", "--json"].into_iter().chain(path);
    let ran = up.run(args);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""), "{}", ran.out);
    let found: Value = serde_json::from_str(&ran.out).expect("JSON");
    let text = |note: &Value, key: &str| note[key].as_str().map(str::to_owned);
    let listed = found["notes"].as_array().expect("notes").iter();
    listed
        .map(|note| {
            (
                text(note, "message").expect("a message"),
                text(note, "path"),
                text(note, "id").expect("an ID"),
            )
        })
        .collect()
}

fn messages(up: &Up, path: Option<&str>) -> Vec<String> {
    let found = notes(up, path).into_iter();
    found.map(|(message, _, _)| message).collect()
}

fn well(ran: &RunOutcome) {
    assert_eq!((ran.code, &*ran.out, &*ran.err), (Some(0), "", ""));
}

#[test]
fn a_note_is_about_everything_or_one_path() {
    let up = Up::with(CONFIG);
    well(&up.run(["note", "for all", "--at", "3h"]));
    well(&up.run(["note", "of a", "--path", "/Site/a", "--at", "2h"]));
    well(&up.run(["note", "of the tree", "--path", "/Site", "--at", "1h"]));
    let check = |path: Option<&str>, expected: &[&str]| {
        assert_eq!(messages(&up, path), expected, "{path:?}");
    };
    check(None, &["for all", "of a", "of the tree"]);
    check(Some("/Site/a"), &["for all", "of a", "of the tree"]);
    check(Some("/Site/b"), &["for all", "of the tree"]);
    check(Some("/Site"), &["for all", "of a", "of the tree"]);
    up.run(["--color", "never"]);
    let shown = up.run(["history", "/Site/b", "--json"]);
    let shown: Value = serde_json::from_str(&shown.out).expect("JSON");
    let about = shown["notes"].as_array().expect("notes").iter();
    let about: Vec<_> = about.map(|note| note["path"].as_str()).collect();
    assert_eq!(about, [None, Some("/Site")]);
    let lines = up.run(["history", "notes", "/Site/a"]).out;
    assert!(lines.contains(" of a (/Site/a)\n"), "{lines}");
}

#[test]
fn a_note_is_changed_and_removed_by_its_id() {
    let up = Up::with(CONFIG);
    well(&up.run(["note", "frist", "--at", "2h"]));
    well(&up.run(["note", "other", "--path", "/Site/b"]));
    let id = |message: &str| {
        let found = notes(&up, None).into_iter();
        let mut found = found.filter(|(text, _, _)| text == message);
        found.next().expect("the note").2
    };
    well(&up.run(["note", "--edit", &id("frist"), "first", "--path", "/Site/a"]));
    let changed = notes(&up, Some("/Site/a"));
    assert_eq!(changed.len(), 1);
    assert_eq!(
        (changed[0].0.as_str(), changed[0].1.as_deref()),
        ("first", Some("/Site/a"))
    );
    // What is not named stays: here the text and the time.
    well(&up.run(["note", "--edit", &id("first")[..6], "--everything"]));
    assert_eq!(messages(&up, Some("/Site/b")), ["first", "other"]);
    well(&up.run(["note", "--remove", &id("first")]));
    assert_eq!(messages(&up, None), ["other"]);
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_written() {
    let up = Up::with(CONFIG);
    well(&up.run(["note", "kept"]));
    let check = |args: &[&str], expected: &str| {
        let ran = up.run(["note"].iter().chain(args));
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
        assert_eq!(messages(&up, None), ["kept"], "{args:?}");
    };
    check(&[" "], "the note is empty");
    check(&["x", "--path", "Site"], "is not a path");
    check(&["x", "--path", "/Site/aa"], "did you mean /Site/a?");
    check(
        &["x", "--path", "/Nowhere"],
        "there is no source at /Nowhere",
    );
    check(&["--edit", "0", "--path", "/Sit"], "did you mean /Site?");
    check(&["x", "--at", "soon"], "is not a time");
    check(&["x", "--at", "2099-01-01"], "not to come");
    check(&["x", "--at", "1960-01-01"], "from 1970 on");
    check(&["--edit", "zz"], "--edit needs what to change");
    check(&["--remove", "00000000"], "there is no note");
    check(&["--remove", ""], "there is no note");
    check(&["--edit", "zz", "x"], "there is no note");
    check(&["--remove", "0", "x"], "cannot be used with");
    check(&[], "required");
}

#[test]
fn a_note_may_be_about_what_only_the_history_has() {
    let up = Up::with(CONFIG);
    up.run(["--color", "never"]);
    up.write("up.toml", CONFIG.replace("\"b\"", "\"c\""));
    well(&up.run(["note", "it was b", "--path", "/Site/b"]));
    std::fs::remove_file(up.dir().join("up.toml")).expect("removed");
    well(&up.run(["note", "it was a", "--path", "/Site/a"]));
    let ran = up.run(["note", "x", "--path", "/Site/aa"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("did you mean /Site/a?"), "{}", ran.err);
    assert_eq!(messages(&up, None), ["it was b", "it was a"]);
}
