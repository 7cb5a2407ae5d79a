//! The error of a deserializer about one key or value, and its message.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Expected, Unexpected};
use up_source::HELP;

use crate::suggest;

/// One mistake in a key or value, and its position.
#[derive(Debug)]
pub(crate) struct KeyError {
    pub(crate) kind: KeyErrorKind,
    /// The bytes that the error is about; `None` until the deserializer leaves a value or key that
    /// has a position.
    pub(crate) span: Option<Range<usize>>,
    /// The keys that lead to the value, innermost first, each with the byte at which it begins.
    pub(crate) keys: Vec<(String, usize)>,
}

/// What is wrong with a key or value.
#[derive(Debug)]
pub(crate) enum KeyErrorKind {
    /// A key that is not allowed here, and those that are.
    UnknownKey(String, &'static [&'static str]),
    /// A required key that is missing.
    MissingKey(&'static str),
    /// A word that is not one of the allowed ones.
    UnknownWord(String, &'static [&'static str]),
    /// A value of the wrong type. The error contains no text of the value, which may be a secret at
    /// the wrong key.
    WrongType {
        /// The type of the value.
        found: String,
        /// The expected type.
        expected: String,
        /// How to write the value instead.
        help: Option<String>,
    },
    /// The message of a type's own check.
    Custom(String),
}

impl KeyError {
    pub(crate) fn new(kind: KeyErrorKind) -> Self {
        Self {
            kind,
            span: None,
            keys: Vec::new(),
        }
    }

    /// Sets the position to these bytes, unless a narrower one is known.
    pub(crate) fn at(mut self, span: impl FnOnce() -> Range<usize>) -> Self {
        self.span.get_or_insert_with(span);
        self
    }

    /// Adds a key that leads to the value.
    pub(crate) fn below(mut self, key: &str, at: usize) -> Self {
        self.keys.push((key.to_owned(), at));
        self
    }

    /// The message and help for a wrong value; `None` for a missing or unknown key.
    pub(crate) fn of_value(&self) -> Option<(String, Option<String>)> {
        let key = self.keys.first();
        let of = key.map_or_else(|| "this".to_owned(), |(key, _)| format!("`{key}`"));
        Some(match &self.kind {
            KeyErrorKind::UnknownKey(..) | KeyErrorKind::MissingKey(_) => return None,
            KeyErrorKind::UnknownWord(word, known) => (
                format!("{of} cannot be {word:?}"),
                Some(suggest::one_of(word, known)),
            ),
            KeyErrorKind::WrongType {
                found,
                expected,
                help,
            } => (
                format!("{of} must be {expected}, but is {found}"),
                help.clone(),
            ),
            KeyErrorKind::Custom(message) => match message.split_once(HELP) {
                Some((message, help)) => (format!("{of}: {message}"), Some(help.to_owned())),
                None => (format!("{of}: {message}"), None),
            },
        })
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.kind, self.of_value()) {
            (_, Some((message, _))) => f.write_str(&message),
            (KeyErrorKind::UnknownKey(key, _), _) => write!(f, "unknown key `{key}`"),
            (KeyErrorKind::MissingKey(key), _) => write!(f, "missing key `{key}`"),
            _ => f.write_str("unreadable"),
        }
    }
}

impl std::error::Error for KeyError {}

impl de::Error for KeyError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(KeyErrorKind::Custom(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        if expected.ends_with(" variant") {
            return Self::custom("this word needs a value of its own, as in { word = 2 }");
        }
        let bare = match found {
            Unexpected::Unsigned(number) => Some(number.to_string()),
            Unexpected::Signed(number) => Some(number.to_string()),
            Unexpected::Float(number) => Some(number.to_string()),
            Unexpected::Bool(flag) => Some(flag.to_string()),
            _ => None,
        };
        let help = bare
            .filter(|_| expected == "a string")
            .map(|bare| format!("write it in quotes: \"{bare}\""));
        Self::new(KeyErrorKind::WrongType {
            found: name_of(found),
            expected: in_plain_words(&expected).to_owned(),
            help,
        })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Self::new(KeyErrorKind::UnknownWord(word.to_owned(), known))
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::new(KeyErrorKind::UnknownKey(key.to_owned(), known))
    }

    fn missing_field(key: &'static str) -> Self {
        Self::new(KeyErrorKind::MissingKey(key))
    }
}

/// The type of a value for a message; its text only if that cannot be a secret.
fn name_of(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(flag) => flag.to_string(),
        Unexpected::Unsigned(number) => number.to_string(),
        Unexpected::Signed(number) => number.to_string(),
        Unexpected::Float(number) => number.to_string(),
        Unexpected::Str(_) => "a string".into(),
        Unexpected::Seq => "an array".into(),
        Unexpected::Map => "a table".into(),
        other => other.to_string(),
    }
}

/// The types of keys in plain words, in place of the names that serde uses.
fn in_plain_words(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number, not negative",
        "a nonzero u8" | "a nonzero u16" | "a nonzero u32" | "a nonzero u64" => {
            "a whole number, 1 or more"
        }
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "an array, as in [\"a\", \"b\"]",
        "a map" => "a table, as in { a = \"b\" }",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde::de::Error;

    use super::*;

    #[test]
    fn what_is_wrong_is_said_for_a_person() {
        let check = |fault: KeyError, message: &str, help: Option<&str>| {
            let told = fault.below("k", 0).of_value();
            assert_eq!(told, Some((message.into(), help.map(Into::into))));
        };
        check(
            KeyError::invalid_type(Unexpected::Signed(5), &"a string"),
            "`k` must be a string, but is 5",
            Some("write it in quotes: \"5\""),
        );
        check(
            KeyError::invalid_type(Unexpected::Str("hunter2"), &"u16"),
            "`k` must be a whole number from 0 to 65535, but is a string",
            None,
        );
        check(
            KeyError::invalid_value(Unexpected::Unsigned(0), &"a nonzero u32"),
            "`k` must be a whole number, 1 or more, but is 0",
            None,
        );
        check(
            KeyError::invalid_type(Unexpected::Map, &"a sequence"),
            "`k` must be an array, as in [\"a\", \"b\"], but is a table",
            None,
        );
        check(
            KeyError::unknown_variant("Worst", &["mean", "worst", "best"]),
            "`k` cannot be \"Worst\"",
            Some("did you mean `worst`?"),
        );
        check(
            KeyError::custom("odd\nhelp: even"),
            "`k`: odd",
            Some("even"),
        );
        check(KeyError::custom("odd"), "`k`: odd", None);
    }
}
