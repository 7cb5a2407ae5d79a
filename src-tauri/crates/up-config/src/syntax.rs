//! Rephrases the messages of the TOML parser in plain words.

use std::ops::Range;

use up_source::WrittenDuration;

/// The beginning of a message of the parser, the message in its place, and the help.
const SAYINGS: &[(&str, &str, &str)] = &[
    (
        "string values must be quoted",
        "this value must be in quotes",
        "write it as \"…\"",
    ),
    (
        "invalid basic string",
        "this string is not closed",
        "end it with the quotes it began with",
    ),
    (
        "invalid literal string",
        "this string is not closed",
        "end it with the quotes it began with",
    ),
    (
        "invalid multi-line",
        "this string is not closed",
        "end it with the quotes it began with",
    ),
    (
        "key with no value",
        "this key has no value",
        "write key = value",
    ),
    (
        "missing value",
        "there is no value after the `=`",
        "write key = value",
    ),
    (
        "duplicate key",
        "this key or table occurs for the second time",
        "remove one of them; only tables in double brackets, as [[source]], may occur several times",
    ),
    (
        "unexpected key or value",
        "there is more on this line than one key and its value",
        "begin a new line for it, or put it in quotes if it belongs to the value",
    ),
    (
        "unclosed array table",
        "this header is not closed",
        "end it with ]]",
    ),
    (
        "unclosed table",
        "this header is not closed",
        "end it with ]",
    ),
    (
        "unclosed array",
        "this array is not closed",
        "end it with ]",
    ),
    (
        "unclosed inline table",
        "this table is not closed",
        "end it with }",
    ),
    (
        "missing escaped value",
        "this backslash does not begin a known escape",
        "write \\\\ for a backslash, or put the text in single quotes: 'C:\\folder'",
    ),
    (
        "missing comma between array elements",
        "there is no comma before this, or the array above is not closed",
        "write a comma between two values, and ] at the end",
    ),
    (
        "missing comma between key-value pairs",
        "there is no comma before this, or the table before is not closed",
        "write a comma between two keys, and } at the end",
    ),
    (
        "invalid unquoted key",
        "this is not a key",
        "a key consists of letters, digits, - and _, or is in quotes",
    ),
    (
        "missing opening quote",
        "this string has no opening quotes",
        "begin it with the quotes it ends with",
    ),
    (
        "unexpected leading zero",
        "a number cannot begin with 0",
        "leave the 0 out, or put the value in quotes",
    ),
    (
        "cannot extend value of type",
        "this key already has a value that is no table",
        "remove one of them",
    ),
    (
        "carriage return must be followed by newline",
        "there is a carriage return within this line",
        "remove it",
    ),
];

/// The message and help for a message of the parser about these bytes of the text.
pub(crate) fn rephrase(said: &str, text: &str, span: &Range<usize>) -> (String, Option<String>) {
    let written = text.get(span.clone()).unwrap_or("");
    let said = match said {
        "string values must be quoted, expected literal string" if written.is_empty() => {
            "missing value"
        }
        // The parser reports `30s` as a wrong number.
        _ if is_bare_duration(written) => {
            let message = "a duration must be in quotes".into();
            return (message, Some(format!("write \"{written}\"")));
        }
        said => said,
    };
    match SAYINGS.iter().find(|(start, ..)| said.starts_with(start)) {
        Some((_, message, help)) => ((*message).into(), Some((*help).into())),
        None => (format!("this is not valid TOML: {said}"), None),
    }
}

fn is_bare_duration(written: &str) -> bool {
    written.starts_with(|c: char| c.is_ascii_digit()) && written.parse::<WrittenDuration>().is_ok()
}

/// The position to show for these bytes. At the end of the text, the parser points behind the last
/// line; the position is then the end of the last line that is not empty.
pub(crate) fn visible(text: &str, span: Range<usize>) -> Range<usize> {
    let before = &text[..text.floor_char_boundary(span.start)];
    if span.start < text.len() || !before.ends_with('\n') {
        return span;
    }
    let end = before.trim_end().len();
    end..end
}
