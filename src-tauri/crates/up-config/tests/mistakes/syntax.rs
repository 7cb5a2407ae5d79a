//! What is no TOML.

use up_config::ConfigError;

use super::{check, mistakes};

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
            "this backslash does not begin a known escape",
            "write \\\\ for a backslash, or put the text in single quotes: 'C:\\folder'",
        )],
    );
    check(
        "name = \"a\"\nname = \"b\"",
        &[(
            "2:1",
            "this key or table occurs for the second time",
            "remove one of them; only tables in double brackets, as [[source]], may occur several \
             times",
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

const IN_QUOTES: (&str, &str) = ("this value must be in quotes", "write it as \"…\"");
const UNCLOSED_STRING: (&str, &str) = (
    "this string is not closed",
    "end it with the quotes it began with",
);
const NO_COMMA: (&str, &str) = (
    "there is no comma before this, or the array above is not closed",
    "write a comma between two values, and ] at the end",
);
const TWICE: (&str, &str) = (
    "this key or table occurs for the second time",
    "remove one of them; only tables in double brackets, as [[source]], may occur several times",
);

/// `expected` has the location and the message of each syntax error.
fn check_all(text: &str, expected: &[(&str, (&str, &str))]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(place, (message, help))| (*place, *message, *help))
        .collect();
    check(text, &expected);
}

#[test]
fn all_syntax_errors_are_told_at_once() {
    check_all(
        "name = x\n[[source]]\ntype = \"http\nurl = http://h/\ninterval =\n",
        &[
            ("1:8", IN_QUOTES),
            ("3:13", UNCLOSED_STRING),
            ("4:7", IN_QUOTES),
            (
                "5:11",
                ("there is no value after the `=`", "write key = value"),
            ),
        ],
    );
    check_all(
        "depends_on = [\n  router,\n  \"a\",\n  switch,\n]\nname = y",
        &[("2:3", IN_QUOTES), ("4:3", IN_QUOTES), ("6:8", IN_QUOTES)],
    );
    check_all(
        "[alert]\n[alert]\n[alert]",
        &[("2:2", TWICE), ("3:2", TWICE)],
    );
    check_all(
        "name = \"a\"\nname = \"b\"\nagent = z\nname = \"c\"",
        &[("2:1", TWICE), ("3:9", IN_QUOTES), ("4:1", TWICE)],
    );
}

#[test]
fn of_each_line_one_syntax_error_is_told() {
    check_all(
        "name = \"\\q \\w\"\nx = {a = 1 b = 2, c = d}\ny = [\"a\" \"b\" \"c\"]\r\nz = w",
        &[
            (
                "1:10",
                (
                    "this backslash does not begin a known escape",
                    "write \\\\ for a backslash, or put the text in single quotes: 'C:\\folder'",
                ),
            ),
            (
                "2:14",
                (
                    "this is not valid TOML: extra assignment between key-value pairs, expected `,`",
                    "",
                ),
            ),
            ("3:10", NO_COMMA),
            ("4:5", IN_QUOTES),
        ],
    );
}

#[test]
fn what_only_follows_from_a_syntax_error_is_not_told() {
    // Everything after an open bracket is parsed as its content.
    check_all(
        "name = x\na = [1, 2\n[[source]]\ntype = http\nurl = \"u\"\n",
        &[("1:8", IN_QUOTES), ("3:1", NO_COMMA)],
    );
    check_all(
        "a = { b = 1\nc = 2\n[[source]]\ntype = \"http\"\nx = y\n",
        &[(
            "2:1",
            (
                "there is no comma before this, or the table before is not closed",
                "write a comma between two keys, and } at the end",
            ),
        )],
    );
    // Everything after an open string is parsed as its text.
    check_all(
        "name = \"\"\"x\n[[source]]\ntype = http\n",
        &[("3:12", UNCLOSED_STRING)],
    );
    // The keys below an invalid header are parsed as keys of the table above it.
    let source = "type = \"http\"\nurl = \"http://h/\"\n";
    let unclosed = |close| ("this header is not closed", close);
    check_all(
        &format!("[[source]]\n{source}[[source]\n{source}[[]]\n{source}agent = x"),
        &[
            ("4:10", unclosed("end it with ]]")),
            (
                "7:3",
                (
                    "this is not valid TOML: unquoted keys cannot be empty, expected letters, \
                     numbers, `-`, `_`",
                    "",
                ),
            ),
            ("10:9", IN_QUOTES),
        ],
    );
    check_all(
        &format!("[[source]]\n{source}source]]\n{source}[[source]]\n{source}"),
        &[("4:7", ("this key has no value", "write key = value"))],
    );
}

#[test]
fn not_every_syntax_error_of_thousands_is_told() {
    let told = |lines: usize| {
        let error = mistakes(&"a = x\n".repeat(lines));
        let more = error.to_string().ends_with("correct these first");
        (error.mistakes().len(), more)
    };
    assert_eq!(told(20), (20, false));
    assert_eq!(told(21), (ConfigError::MOST, true));
    assert_eq!(told(80_000), (ConfigError::MOST, true));
    assert_eq!(told(90_000), (1, false), "of more than 512 KiB the first");
}

#[test]
fn no_secret_is_shown_with_a_syntax_error() {
    let text = "[[source]]\ntype = http\npassword = hunter2\ntoken = \"swordfish\nurl = \
                \"http://u:letmein@h/\" x\nheaders = { Authorization = opensesame, c = d }\n";
    let error = mistakes(text);
    assert_eq!(error.mistakes().len(), 5, "{error}");
    let told = format!("{error}\n{error:?}");
    for secret in ["hunter2", "swordfish", "letmein", "opensesame"] {
        assert!(!told.contains(secret), "{secret} in\n{told}");
    }
}
