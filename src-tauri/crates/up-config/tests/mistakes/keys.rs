//! Mistakes in the keys of one table.

use super::{check, check_source};

#[test]
fn unknown_keys() {
    check_source(
        "ulr = \"http://h/\"",
        &[(
            "5:1",
            "unknown key `ulr` in a source of type `http`",
            "did you mean `url`?",
        )],
    );
    check_source(
        "community = \"public\"",
        &[(
            "5:1",
            "unknown key `community` in a source of type `http`",
            "`community` belongs in a [[source]] of type `snmp`",
        )],
    );
    check_source(
        "concurrency = 2",
        &[(
            "5:1",
            "unknown key `concurrency` in a source of type `http`",
            "`concurrency` belongs in a [[source]] of type `tree`",
        )],
    );
    check_source(
        "[source.alert]\ndownafter = 2",
        &[(
            "6:1",
            "unknown key `downafter` in `alert`",
            "did you mean `down_after`?",
        )],
    );
    check_source(
        "[panel]\nwidth = 5\n[[maintenace]]\n",
        &[
            (
                "6:1",
                "unknown key `width` in `panel`",
                "this table has no keys: remove this one",
            ),
            (
                "7:3",
                "unknown key `maintenace` at the top of the file",
                "did you mean `maintenance`?",
            ),
        ],
    );
    check(
        "community = \"x\"\ntype = \"http\"\n[[source]]\ntype = \"github\"",
        &[
            (
                "1:1",
                "unknown key `community` at the top of the file",
                "`community` belongs in a [[source]] of type `snmp`",
            ),
            (
                "2:1",
                "unknown key `type` at the top of the file",
                "`type` belongs below a line [[source]]",
            ),
        ],
    );
}

#[test]
fn wrong_types_of_values() {
    check_source(
        "name = 5\nweight = \"2\"\nalert = [2, 1]",
        &[
            (
                "5:8",
                "`name` must be a string, but is 5",
                "write it in quotes: \"5\"",
            ),
            ("6:10", "`weight` must be a number, but is a string", ""),
            (
                "7:9",
                "`alert` must be a table, as in { a = \"b\" }, but is an array",
                "",
            ),
        ],
    );
    check_source(
        "name = 1979-05-27\n[network]\nreference = \"http://h/\"",
        &[
            ("5:8", "`name` must be a string, but is a date", ""),
            (
                "7:13",
                "`reference` must be an array, as in [\"a\", \"b\"], but is a string",
                "",
            ),
        ],
    );
    check(
        "mood = \"optimst\"\n[[source]]\ntype = \"tree\"\nname = \"t\"\npolicy = 2\nparallel = \"no\"",
        &[
            (
                "1:8",
                "`mood` cannot be \"optimst\"",
                "did you mean `optimist`?",
            ),
            (
                "5:10",
                "`policy` must be one of the words `mean`, `worst`, `best` and `at_least`, but is a \
                 number",
                "",
            ),
            (
                "6:12",
                "`parallel` must be true or false, but is a string",
                "",
            ),
        ],
    );
    check_source(
        "weight = -1\n[source.alert]\ndown_after = 0\nup_after = 99999999999999999999",
        &[
            (
                "5:10",
                "`weight` must be a number, not negative, but is -1",
                "1 is the default; 0 leaves it out of its tree's mean",
            ),
            (
                "7:14",
                "`down_after` must be a whole number, 1 or more, but is 0",
                "",
            ),
            ("8:12", "`up_after`: this number is too large", ""),
        ],
    );
}

#[test]
fn names() {
    check_source(
        "name = \"a/b\"",
        &[(
            "5:8",
            "a name cannot contain `/`, which separates names in a path: \"a/b\"",
            "write \"a-b\"",
        )],
    );
    check_source(
        "name = \" \"",
        &[(
            "5:8",
            "this name is empty",
            "write a name, or leave the key out",
        )],
    );
    for name in ["a\\nb", "ad\\u200bmin", "gnp\\u202eexe"] {
        check_source(
            &format!("name = \"{name}\""),
            &[(
                "5:8",
                "a name cannot contain control characters, such as a line break, or invisible \
                 characters",
                "write it on one line, in visible characters",
            )],
        );
    }
    check_source(
        &format!("name = \"{}\"", "ä".repeat(101)),
        &[(
            "5:8",
            "this name is longer than 200 bytes",
            "write a shorter name",
        )],
    );
    let source = "[[source]]\ntype = \"github\"\nname = \"a\"\n";
    check(
        &format!("name = \"x/y\"\n{source}{source}{source}"),
        &[
            (
                "1:8",
                "a name cannot contain `/`, which separates names in a path: \"x/y\"",
                "write \"x-y\"",
            ),
            (
                "7:8",
                "a source beside this one is already named \"a\", in line 4",
                "names must differ within a tree: change one of them",
            ),
            (
                "10:8",
                "a source beside this one is already named \"a\", in line 4",
                "names must differ within a tree: change one of them",
            ),
        ],
    );
}

#[test]
fn references() {
    let like = "write one like \"https://example.org/\" or \"tcp://192.0.2.1:443\"";
    check_source(
        "[network]\nreference = [\"https://h/\", \"ftp://h/\", \"tcp://h\", \"tcp://:1\", \"h\"]",
        &[
            (
                "6:28",
                "a reference cannot be a `ftp` URL: \"ftp://h/\"",
                "use http, https or tcp",
            ),
            ("6:40", "\"tcp://h\" has no port", "write \"tcp://h:443\""),
            ("6:51", "\"tcp://:1\" is not a URL: empty host", like),
            (
                "6:63",
                "\"h\" is not a URL: relative URL without a base",
                like,
            ),
        ],
    );
}

#[test]
fn tags_and_what_is_opened() {
    let help = "a tag has 1 to 30 letters, digits, `-`, `_` or `.`: tags = [\"db\", \"berlin-2\"]";
    check_source(
        "tags = [\"db\", \"a b\", \"\"]",
        &[
            ("5:15", "\"a b\" is not a tag", help),
            ("5:22", "\"\" is not a tag", help),
        ],
    );
    let many: Vec<String> = (0..17).map(|number| format!("\"t{number}\"")).collect();
    check_source(
        &format!("tags = [{}]", many.join(", ")),
        &[(
            "5:8",
            "this source has 17 tags, those of the trees around it included: 16 are allowed",
            "keep the words that people look for",
        )],
    );
    let no_address = (
        "5:8",
        "`open` is neither a web address nor a program",
        "write an address that begins with https:// or http://, or a program with its arguments as an \
         array: open = [\"virt-viewer\", \"db\"]",
    );
    for wrong in [
        "virt-viewer db",
        "file:///etc/passwd",
        "https://",
        "https://h/a b",
    ] {
        check_source(&format!("open = \"{wrong}\""), &[no_address]);
    }
    check_source(
        "open = \"https://ada:secret@h/\"",
        &[(
            "5:8",
            "`open` is shown in the panel, and must not have a name or a password",
            "remove what stands before the `@`: the browser asks for it",
        )],
    );
    for wrong in ["[]", "[\"\"]"] {
        check_source(
            &format!("open = {wrong}"),
            &[(
                "5:8",
                "`open` names no program, or has too many arguments",
                "write the program, then each argument on its own: open = [\"virt-viewer\", \"db\"]",
            )],
        );
    }
}
