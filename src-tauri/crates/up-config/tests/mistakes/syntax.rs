//! What is no TOML.

use super::check;

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
