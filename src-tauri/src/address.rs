//! The web address of a source, as people may see and open it. This module is pure.

/// Stands for a secret in a target.
const HIDDEN: char = '…';

/// The web address of a target that is shown to people; `None` if it is none. A query whose values
/// are hidden is left out.
pub(crate) fn address_of(target: &str) -> Option<String> {
    let is_web = ["http://", "https://"]
        .iter()
        .any(|scheme| target.starts_with(scheme));
    let address = match target.split_once('?') {
        Some((before, query)) if query.contains(HIDDEN) => before,
        _ => target,
    };
    (is_web && address.bytes().all(|byte| byte.is_ascii_graphic())).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_without_hidden_parts_are_opened() {
        let check = |target: &str, expected: Option<&str>| {
            assert_eq!(address_of(target).as_deref(), expected, "{target}");
        };
        check("https://example.com/a", Some("https://example.com/a"));
        check("http://h/?page=2", Some("http://h/?page=2"));
        check("http://h/a?key=…&q=…&…", Some("http://h/a"));
        check("192.168.1.1:161", None);
        check("/usr/bin/check_http -H a", None);
        check("file:///etc/passwd", None);
        check("javascript:alert(1)", None);
        check("https://h/a b", None);
        check("https://h/\n--help", None);
        check("--help", None);
        check("", None);
    }
}
