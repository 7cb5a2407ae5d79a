//! Reads JSON of any shape: a value that is missing or of another type becomes empty.

use serde_json::Value;
use up_core::cause::one_line;
use url::Url;

/// The largest number of characters that are kept of a title or sentence.
const MAX_TEXT: usize = 200;

/// The largest number of bytes that are kept of a link.
const MAX_LINK: usize = 500;

/// The elements of an array. Empty for any other value.
pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A string as one line of at most [`MAX_TEXT`] characters. Empty for any other value.
pub(super) fn text(value: &Value) -> String {
    one_line(value.as_str().unwrap_or_default(), MAX_TEXT)
}

/// A name or an id as one line. It is not cut, because names that begin alike may differ.
pub(super) fn name(text: &str) -> String {
    one_line(text, usize::MAX)
}

/// An `https` URL that a person may open. `None` for any other value.
pub(super) fn link(value: &Value) -> Option<String> {
    let url = Url::parse(value.as_str()?).ok()?;
    let plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    let url = String::from(url);
    (plain && url.len() <= MAX_LINK).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_https_links_are_passed_on() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(link(&text.into()).as_deref(), expected, "{text}");
        };
        check("https://stspg.io/x", Some("https://stspg.io/x"));
        check("https://s.example/a b\nc", Some("https://s.example/a%20bc"));
        check("http://s.example/", None);
        check("javascript:alert(1)", None);
        check("file:///etc/passwd", None);
        check("https://bank.example@evil.example/", None);
        check("", None);
        check(&format!("https://s.example/{}", "a".repeat(500)), None);
        assert_eq!(link(&Value::Null), None);
    }
}
