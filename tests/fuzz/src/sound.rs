//! What must be true of any answer, whatever it was made of.

use up_core::{Cause, CheckResult, Value};

/// The most bytes of texts that one answer may bring along.
const MOST_TEXT: usize = 256 << 10;

/// Panics where an answer could harm whoever shows or keeps it.
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

/// One that can neither forge a line nor steer a terminal.
fn line(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
}

fn length(value: &Value) -> usize {
    match value {
        Value::Number(_) | Value::Flag(_) => 0,
        Value::Text(text) => {
            // Long output may have lines.
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
