//! What serde says of a key, said so that a person knows what to write.

/// In a custom serde message, what follows this is the help.
pub(crate) const HELP: &str = "\nhelp: ";

/// What a deserializer complained of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Complaint<'m> {
    /// A key that is not known here, and those that are.
    Unknown(&'m str, Vec<&'m str>),
    /// A key that must be there and is not.
    Missing(&'m str),
    /// Anything else: message and help.
    Other(String, Option<String>),
}

/// Understands what serde said of the value of `key`.
pub(crate) fn rephrase<'m>(key: Option<&str>, said: &'m str) -> Complaint<'m> {
    if let Some(rest) = said.strip_prefix("unknown field ") {
        let mut names = quoted(rest);
        let first = if names.is_empty() {
            ""
        } else {
            names.remove(0)
        };
        return Complaint::Unknown(first, names);
    }
    if let Some(rest) = said.strip_prefix("missing field ") {
        return Complaint::Missing(rest.trim_matches('`'));
    }
    let of = key.map_or_else(|| "this".to_owned(), |key| format!("`{key}`"));
    if let Some((message, help)) = said.split_once(HELP) {
        return Complaint::Other(format!("{of}: {message}"), Some(help.to_owned()));
    }
    if let Some(rest) = said.strip_prefix("unknown variant ") {
        let names = quoted(rest);
        let (found, known) = names.split_first().unwrap_or((&"", &[]));
        let message = format!("{of} cannot be `{found}`");
        return Complaint::Other(message, Some(crate::suggest::one_of(found, known)));
    }
    let invalid = ["invalid type: ", "invalid value: "];
    if let Some(rest) = invalid.iter().find_map(|start| said.strip_prefix(start))
        && let Some((found, expected)) = rest.rsplit_once(", expected ")
    {
        return wrong_type(&of, found, expected);
    }
    Complaint::Other(format!("{of}: {said}"), None)
}

fn wrong_type<'m>(of: &str, found: &str, expected: &str) -> Complaint<'m> {
    let help = if expected == "a string" {
        let bare = found.split('`').nth(1);
        bare.map(|bare| format!("write it in quotes: \"{bare}\""))
    } else {
        None
    };
    // The text of a string may be a secret that stands at the wrong key.
    let found = match found.split_once(' ') {
        Some(("string", _)) => "a string".to_owned(),
        Some(("integer", number)) => format!("the number {number}"),
        Some(("floating", rest)) => {
            format!("the number {}", rest.trim_start_matches("point "))
        }
        Some(("boolean", value)) => value.to_owned(),
        _ => match found {
            "sequence" => "an array".to_owned(),
            "map" => "a table".to_owned(),
            other => other.to_owned(),
        },
    };
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative",
        "a nonzero u32" => "a whole number, 1 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a string" => "a string",
        "a sequence" => "an array, as in [\"a\", \"b\"]",
        "a map" => "a table",
        named if named.starts_with("struct ") => "a table",
        other => other,
    };
    Complaint::Other(format!("{of} must be {expected}, but is {found}"), help)
}

/// The words between back quotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serde_says_is_said_for_a_person() {
        let check = |said: &str, message: &str, help: Option<&str>| {
            let expected = Complaint::Other(message.into(), help.map(Into::into));
            assert_eq!(rephrase(Some("k"), said), expected, "{said}");
        };
        check(
            "invalid type: integer `5`, expected a string",
            "`k` must be a string, but is the number `5`",
            Some("write it in quotes: \"5\""),
        );
        check(
            "invalid type: string \"x, expected y\", expected u16",
            "`k` must be a whole number, not negative, but is a string",
            None,
        );
        check(
            "invalid type: floating point `1.5`, expected u32",
            "`k` must be a whole number, not negative, but is the number `1.5`",
            None,
        );
        check(
            "invalid type: map, expected a sequence",
            "`k` must be an array, as in [\"a\", \"b\"], but is a table",
            None,
        );
        check(
            "unknown variant `Worst`, expected one of `mean`, `worst`, `best`",
            "`k` cannot be `Worst`",
            Some("did you mean `worst`?"),
        );
        check("odd\nhelp: even", "`k`: odd", Some("even"));
        check("odd", "`k`: odd", None);
    }

    #[test]
    fn unknown_and_missing_keys_are_told_apart() {
        assert_eq!(
            rephrase(None, "unknown field `a`, expected `b` or `c`"),
            Complaint::Unknown("a", vec!["b", "c"])
        );
        assert_eq!(
            rephrase(None, "unknown field `a`, there are no fields"),
            Complaint::Unknown("a", vec![])
        );
        assert_eq!(
            rephrase(None, "missing field `url`"),
            Complaint::Missing("url")
        );
    }
}
