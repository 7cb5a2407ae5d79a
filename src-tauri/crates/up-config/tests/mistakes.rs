//! What is said of configurations that are wrong: where, what, and what to write instead.

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
fn nothing_to_watch() {
    let nothing = (
        "1:1",
        "this file has no source: there is nothing to watch",
        "add a [[source]] with a type and what it needs, as `up init` writes them",
    );
    check("", &[nothing]);
    check("\n\n# nothing\n", &[nothing]);
    check("\u{feff}", &[nothing]);
    check("name = \"x\"\n[[sink]]\ntype = \"stdout\"", &[nothing]);
    check("name = \"x\"\nsource = []", &[nothing]);
}

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
        "policy = \"worst\"",
        &[(
            "5:1",
            "unknown key `policy` in a source of type `http`",
            "`policy` belongs in a [[source]] of type `tree`",
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
        "[panel]\nwidth = 5\n[[maintenance]]\n",
        &[
            (
                "6:1",
                "unknown key `width` in `panel`",
                "it has no keys: take this one out",
            ),
            (
                "7:3",
                "unknown key `maintenance` at the top of the file",
                "the keys are `name`, `mood`, `interval`, `timeout`, `agent`, `alert`, `network`, \
                 `history`, `panel`, `source` and `sink`",
            ),
        ],
    );
    check(
        "url = \"http://h/\"\ntype = \"http\"\n[[source]]\ntype = \"github\"",
        &[
            (
                "1:1",
                "unknown key `url` at the top of the file",
                "`url` belongs in a [[source]] of type `http`, `statuspage` or `github`",
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
fn durations() {
    let bare = "a duration needs a unit and quotes";
    check_source(
        "interval = 30\ntimeout = 0.5",
        &[
            ("5:12", &format!("`interval`: {bare}"), "write \"30s\""),
            ("6:11", &format!("`timeout`: {bare}"), "write \"500ms\""),
        ],
    );
    check_source(
        "interval = 30s",
        &[("5:12", "a duration must be in quotes", "write \"30s\"")],
    );
    check_source(
        "interval = \"30\"\ntimeout = true",
        &[
            (
                "5:12",
                "`interval`: a duration needs a unit: \"30\"",
                "write \"30s\" for seconds",
            ),
            (
                "6:11",
                "`timeout` must be a duration in quotes, as in \"30s\", but is true",
                "",
            ),
        ],
    );
    check_source(
        "interval = \"0s\"\ntimeout = \"0s\"\nalert = { retry = \"1ms\" }",
        &[
            (
                "5:12",
                "`interval` must be at least \"1s\", but is \"0s\"",
                "write interval = \"1s\"",
            ),
            (
                "6:11",
                "`timeout` must be at least \"10ms\", but is \"0s\"",
                "write timeout = \"10ms\"",
            ),
            (
                "7:19",
                "`retry` must be at least \"100ms\", but is \"1ms\"",
                "write retry = \"100ms\"",
            ),
        ],
    );
    check_source(
        "interval = \"-5s\"\ntimeout = \"99999999999999999999d\"",
        &[
            (
                "5:12",
                "`interval`: a duration cannot be negative: \"-5s\"",
                "write one like \"30s\"",
            ),
            (
                "6:11",
                "`timeout`: \"99999999999999999999d\" is longer than any clock runs",
                "write a shorter one",
            ),
        ],
    );
    check_source(
        "interval = \"500ms\"\ntimeout = \"400d\"",
        &[
            (
                "5:12",
                "`interval` must be at least \"1s\", but is \"500ms\"",
                "write interval = \"1s\"",
            ),
            (
                "6:11",
                "`timeout` must be at most \"1d\", but is \"400d\"",
                "write timeout = \"1d\"",
            ),
        ],
    );
    check_source(
        "[history]\nraw = \"30d\"\nkeep = \"7d\"",
        &[(
            "7:8",
            "`keep` (\"7d\") is shorter than `raw` (\"30d\")",
            "write keep = \"30d\", or longer",
        )],
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
    check_source(
        "name = \"a\\nb\"",
        &[(
            "5:8",
            "a name cannot contain control characters, such as a line break",
            "write it on one line",
        )],
    );
    check_source(
        &format!("name = \"{}\"", "ä".repeat(101)),
        &[(
            "5:8",
            "this name is longer than 200 bytes",
            "write a shorter one",
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
                "names must differ within a tree: give one of them another",
            ),
            (
                "10:8",
                "a source beside this one is already named \"a\", in line 4",
                "names must differ within a tree: give one of them another",
            ),
        ],
    );
}

#[test]
fn types_of_sources_and_sinks() {
    check(
        "[[source]]\nurl = \"http://h/\"",
        &[(
            "1:1",
            "this source has no `type`",
            "add type = \"…\": `http`, `tcp`, `snmp`, `statuspage`, `github` or `tree`",
        )],
    );
    check(
        "[[source]]\ntype = \"htp\"\n[[sink]]\ntype = \"mongodb\"\n[[sink]]\n",
        &[
            (
                "2:8",
                "there is no source of type \"htp\"",
                "did you mean `http`?",
            ),
            (
                "4:8",
                "there is no sink of type \"mongodb\"",
                "use `stdout`, `history` or `mongo`",
            ),
            (
                "5:1",
                "this sink has no `type`",
                "add type = \"…\": `stdout`, `history` or `mongo`",
            ),
        ],
    );
    check(
        "[[source]]\ntype = 5",
        &[(
            "2:8",
            "the `type` of a source must be a string",
            "write `http`, `tcp`, `snmp`, `statuspage`, `github` or `tree`",
        )],
    );
    check(
        "[source]\ntype = \"http\"\n[sink]\ntype = \"stdout\"",
        &[
            (
                "1:1",
                "`source` must stand in double brackets: there may be several",
                "begin each with a line [[source]], above all that belongs to it",
            ),
            (
                "3:1",
                "`sink` must stand in double brackets: there may be several",
                "begin each with a line [[sink]], above all that belongs to it",
            ),
        ],
    );
    check(
        "source = [1]\nsink = \"stdout\"",
        &[
            (
                "1:11",
                "each `source` must be a table",
                "begin each with a line [[source]], above all that belongs to it",
            ),
            (
                "2:8",
                "`sink` must be a table",
                "begin each with a line [[sink]], above all that belongs to it",
            ),
        ],
    );
}

#[test]
fn roots_and_trees() {
    check(
        "[[source]]\ntype = \"github\"\n[[source]]\ntype = \"github\"\nx = 1",
        &[
            (
                "3:1",
                "several sources need a root to stand in, and this file has no name",
                "add name = \"…\" as the first line",
            ),
            (
                "5:1",
                "unknown key `x` in a source of type `github`",
                "the keys are `url`, `type`, `name`, `interval`, `timeout`, `weight` and `alert`",
            ),
        ],
    );
    check(
        "[[source]]\ntype = \"tree\"\npolicy = { at_least = 2 }\n[[source.source]]\ntype = \"github\"",
        &[
            ("1:1", "a tree needs a name", "add name = \"…\""),
            (
                "3:10",
                "`at_least` is 2, but this tree has 1 source: it could never be up",
                "write a number that can be reached",
            ),
        ],
    );
    check(
        "[[source]]\ntype = \"tree\"\nname = \"t\"\npolicy = { at_lest = 2 }",
        &[(
            "4:12",
            "`policy` cannot be \"at_lest\"",
            "did you mean `at_least`?",
        )],
    );
}

#[test]
fn what_sources_say_of_their_own_keys() {
    let only = "only http and https URLs can be asked, not file:";
    check(
        "[[source]]\ntype = \"http\"\nurl = \"file:///etc/passwd\"",
        &[("3:7", only, "write one like \"https://example.com/\"")],
    );
    check(
        "[[source]]\ntype = \"http\"\nmethod = 5",
        &[
            (
                "1:1",
                "there is no `url` in a source of type `http`",
                "add url = …",
            ),
            (
                "3:10",
                "`method` must be a string, but is 5",
                "write it in quotes: \"5\"",
            ),
        ],
    );
}

#[test]
fn secrets() {
    let text = "[[source]]\ntype = \"http\"\nurl = \"http://h/\"\n";
    check(
        &format!("{text}token = {{ env = \"UP_NO_SUCH_VARIABLE\" }}"),
        &[(
            "4:9",
            "the environment variable UP_NO_SUCH_VARIABLE is not set",
            "",
        )],
    );
    check(
        &format!("{text}token = {{ keyring = \"x\" }}"),
        &[("4:9", "keyring secrets are not supported on this build", "")],
    );
    check(
        &format!("{text}token = {{ envv = \"x\" }}"),
        &[(
            "4:9",
            "`token`: a string, or one of { env = \"NAME\" }, { file = \"PATH\" }, { keyring = \
             \"NAME\" }",
            "",
        )],
    );
}

#[test]
fn no_secret_is_shown() {
    for line in [
        "pasword = \"hunter2\"",
        "password = \"hunter2",
        "password = hunter2",
        "password = [\"hunter2\"]",
        "token = \"hunter2\\q\"",
        "url = \"ftp://u:hunter2@h/\"",
        "proxy = \"gopher://u:hunter2@h/\"",
        "headers = { X-Api-Key = \"hunter2\", b = 5 }",
        "headers.\"Authorization\" = \"hunter2\\n\"",
        "status = \"hunter2\"",
        "[source.basic]\npassword = \"hunter2\"\nx = 1",
        "[network]\nreference = [\"ftp://u:hunter2@h/\"]",
        "[[sink]]\ntype = \"mongo\"\nuri = \"http://u:hunter2@h/\"",
        "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://u:hunter2@\"",
    ] {
        let text = format!("[[source]]\ntype = \"http\"\n{line}");
        let told = mistakes(&text).to_string();
        // An unknown key's name is shown, and a value that no key makes a secret.
        if line.starts_with("pasword") || line.starts_with("status") {
            assert!(
                !told
                    .lines()
                    .any(|line| line.starts_with("up.toml") && line.contains("hunter2"))
            );
        } else {
            assert!(!told.contains("hunter2"), "{text}\n=>\n{told}");
        }
    }
}

#[test]
fn sinks() {
    let source = "[[source]]\ntype = \"github\"\n";
    let mongo = "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://h\"\n";
    check(
        &format!("{source}{mongo}{mongo}database = \"up\""),
        &[(
            "6:1",
            "this sink is the same as the one in line 3",
            "take one of them out",
        )],
    );
    let like = "write one like \"mongodb://localhost:27017\"";
    for (uri, message) in [
        (
            "http://h",
            "this is no MongoDB URI: it begins with neither mongodb:// nor mongodb+srv://",
        ),
        ("mongodb://", "this MongoDB URI names no host"),
        ("mongodb://u:p@/x", "this MongoDB URI names no host"),
        ("mongodb://a,,b", "this MongoDB URI names no host"),
    ] {
        let sink = format!("[[sink]]\ntype = \"mongo\"\nuri = \"{uri}\"");
        check(&format!("{source}{sink}"), &[("5:7", message, like)]);
    }
    check(
        &format!("{source}{mongo}database = \"a.b\"\n[[sink]]\ntype = \"stdout\"\nuri = \"x\""),
        &[
            (
                "6:12",
                "\"a.b\" cannot name a MongoDB database",
                "use letters, digits, - and _, at most 63 of them",
            ),
            (
                "9:1",
                "unknown key `uri` in a sink of type `stdout`",
                "`uri` belongs in a [[sink]] of type `mongo`",
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
                "`ftp` is no reference that can be asked: \"ftp://h/\"",
                "use http, https or tcp",
            ),
            ("6:40", "\"tcp://h\" names no port", "write \"tcp://h:443\""),
            ("6:51", "\"tcp://:1\" is no URL: empty host", like),
            ("6:63", "\"h\" is no URL: relative URL without a base", like),
        ],
    );
}

#[test]
fn what_is_no_toml() {
    check(
        "name = x",
        &[("1:8", "this value must be in quotes", "write it as \"…\"")],
    );
    check(
        "name = \"x",
        &[(
            "1:10",
            "this string is not closed",
            "end it with the quotes it began with",
        )],
    );
    check(
        "interval =\n",
        &[(
            "1:11",
            "there is no value after the `=`",
            "write key = value",
        )],
    );
    check(
        "name = \"C:\\dir\"",
        &[(
            "1:12",
            "this backslash begins nothing that is known",
            "write \\\\ for a backslash, or put the text in single quotes: 'C:\\folder'",
        )],
    );
    check(
        "name = \"a\"\nname = \"b\"",
        &[(
            "2:1",
            "this key or table stands here for the second time",
            "take one of them out; what may stand several times is in double brackets, as \
             [[source]]",
        )],
    );
    check(
        "name = \"a\" mood = \"b\"",
        &[(
            "1:12",
            "there is more on this line than one key and its value",
            "begin a new line for it, or put it in quotes if it belongs to the value",
        )],
    );
    check(
        "[[source]\n",
        &[("1:10", "this header is not closed", "end it with ]]")],
    );
    check(
        "\"ä\" = tru",
        &[(
            "1:7",
            "this is not valid TOML: invalid boolean, expected `true`",
            "",
        )],
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
            .ends_with("\n\nthere may be more: mend these first")
    );
}
