//! What must be true of any check result, whatever the input.

use up_core::{Cause, CheckResult, Value};

/// The largest number of bytes of texts in one result.
const MOST_TEXT: usize = 256 << 10;

/// Panics if a result could harm the code that shows or stores it.
pub(crate) fn sound(answers: impl IntoIterator<Item = CheckResult>) {
    for answer in answers {
        if let Some(cause) = &answer.cause {
            line(&cause.text);
            assert!(cause.text.len() <= Cause::MAX_TEXT, "{cause}");
        }
        if let Some(name) = &answer.name {
            line(name);
        }
        let texts: usize = answer.detail.iter().map(|(_, value)| length(value)).sum();
        assert!(texts <= MOST_TEXT, "{texts} bytes of texts in one answer");
    }
}

/// Checks that a line can neither forge another line nor control a terminal.
fn line(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
}

fn length(value: &Value) -> usize {
    match value {
        Value::Number(_) | Value::Flag(_) => 0,
        Value::Text(text) => {
            // The output of a plugin may have several lines.
            text.split('\n').for_each(line);
            text.len()
        }
        Value::List(list) => list.iter().map(length).sum(),
        Value::Map(map) => map
            .iter()
            .map(|(name, value)| name.len() + length(value))
            .sum(),
    }
}
