//! Finds the parts of a URL that may be secret, and hides them.
//!
//! A part is hidden unless it can be shown to be harmless. A text that is no well-formed URL has no
//! harmless parts beyond its scheme.

use std::ops::Range;

/// What is shown in place of a hidden text.
pub const HIDDEN: &str = "•••";

/// Implements `Debug` by the type's name alone. The fields contain values of a configuration, which
/// may be secrets even where their types do not say so.
#[macro_export]
macro_rules! opaque_debug {
    ($($name:ident),+) => {
        $(impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}

/// The schemes whose paths are addresses. The path of any other URL may be a secret, as that of a
/// webhook is.
const PLAIN_PATHS: [&str; 3] = ["http", "https", "tcp"];

/// The byte ranges of `text` that may be secret, in order: user and password, query values, the
/// fragment, and a path that may be a key. `None` when `text` does not begin with a scheme and
/// `:/`.
pub fn secret_parts(text: &str) -> Option<Vec<Range<usize>>> {
    let scheme = text.find(":/").filter(|end| is_scheme(&text[..*end]))?;
    let all_after = |at: usize| Some(non_empty(at..text.len()));
    if !text[scheme..].starts_with("://") {
        return all_after(scheme + 1);
    }
    let (start, scheme) = (scheme + 3, &text[..scheme]);
    let slash = end_of(text, start, &['/', '?', '#', '\\']);
    let authority = &text[start..slash];
    let user = authority.rfind('@').map_or(0, |at| at + 1);
    // An @ after a / ? or # ends a user part whose password contains that character.
    if text[slash..].contains(['@', '\\']) || !is_host(&authority[user..]) {
        return all_after(start);
    }
    let mut hidden = Vec::new();
    if user > 1 {
        hidden.push(start..start + user - 1);
    }
    let path = end_of(text, slash, &['?', '#']);
    if !PLAIN_PATHS.contains(&scheme) || is_webhook(&text[start + user..path]) {
        hidden.extend(non_empty(path.min(slash + 1)..path));
    } else {
        hidden.extend(keys_in_path(text, slash..path));
    }
    let query = end_of(text, path, &['#']);
    hidden.extend(query_values(text, path..query));
    hidden.extend(non_empty(text.len().min(query + 1)..text.len()));
    Some(hidden)
}

/// Hides the secret parts of each URL in `text`.
pub fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let ends_url =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')');
    for word in text.split_inclusive(ends_url) {
        let end = word.trim_end_matches(ends_url).len();
        let scheme = word.find(":/").unwrap_or(0);
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let start = word[..scheme].trim_end_matches(is_part).len();
        match secret_parts(&word[start..end]) {
            Some(parts) => {
                shown.push_str(&word[..start]);
                shown.push_str(&hide(&word[start..end], &parts));
                shown.push_str(&word[end..]);
            }
            None => shown.push_str(word),
        }
    }
    shown
}

/// A program's arguments in a form that may be shown. Secret parts of URLs are hidden, and so are
/// words that look random or follow a flag, name or header that is named like a secret.
pub fn arguments<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<String> {
    let mut shown = Vec::new();
    let mut before = None;
    for word in words {
        let is_first = shown.is_empty();
        let flag: &str = before.replace(word).unwrap_or_default();
        let value = word.find(['=', ':']).map_or(0, |end| end + 1);
        let is_secret = flag.starts_with('-')
            && (looks_secret(flag) || ["-u", "-H", "-p", "-a", "-C"].contains(&flag));
        let random = word.split(|c: char| !c.is_alphanumeric()).any(looks_random);
        shown.push(if is_first {
            word.to_owned()
        } else if is_secret || random || word.contains('@') && !word.contains("://") {
            HIDDEN.to_owned()
        } else if looks_secret(&word[..value]) {
            format!("{}{HIDDEN}", &word[..value])
        } else {
            without_secrets(word)
        });
    }
    shown
}

/// Hides the given byte ranges of `text`.
pub fn hide(text: &str, parts: &[Range<usize>]) -> String {
    let mut shown = text.to_owned();
    for part in parts.iter().rev() {
        shown.replace_range(part.clone(), HIDDEN);
    }
    shown
}

/// Parts of key names that indicate a secret.
const SECRET: [&str; 13] = [
    "pass",
    "secret",
    "token",
    "community",
    "auth",
    "cookie",
    "credential",
    "bearer",
    "basic",
    "key",
    "user",
    "signature",
    "session",
];

/// True of the name of a key or header whose value should not be shown.
pub fn looks_secret(key: &str) -> bool {
    let key = key.trim().to_ascii_lowercase();
    key != "keyring" && SECRET.iter().any(|word| key.contains(word))
}

/// True of a word that looks like a key or token: long, with letters and digits mixed.
pub fn looks_random(word: &str) -> bool {
    let has = |what: fn(&char) -> bool| word.chars().any(|c| what(&c));
    word.len() >= 12 && has(char::is_ascii_digit) && has(|c| c.is_alphabetic())
}

fn is_scheme(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(part)
}

/// True of `host`, `host:port`, `[::1]:port`, or several of them as in a MongoDB URI.
fn is_host(text: &str) -> bool {
    let one = |host: &str| {
        let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, port)) => {
                let is_digit = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
                return address.chars().all(is_digit) && is_port(port);
            }
            None => host.split_at(host.find(':').unwrap_or(host.len())),
        };
        let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        name.chars().all(is_letter) && is_port(port)
    };
    text.split(',').all(one)
}

fn is_port(text: &str) -> bool {
    let digits = text.strip_prefix(':').unwrap_or(text);
    digits.len() <= 5
        && digits.chars().all(|c| c.is_ascii_digit())
        && (digits != text || text.is_empty())
}

/// True where the path itself grants access: for webhooks, bots, and addresses of heartbeat checks.
fn is_webhook(host_and_path: &str) -> bool {
    let text = host_and_path.to_ascii_lowercase();
    ["hook", "/services/", "/bot", "discord", "hc-ping", "ntfy"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// The segments of a path that look like keys, and everything from the first segment with `:`, `;`
/// or `=`.
fn keys_in_path(text: &str, path: Range<usize>) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    let mut at = path.start;
    for segment in text[path.clone()].split('/') {
        let here = at..at + segment.len();
        if segment.contains([':', ';', '=', '%']) {
            hidden.push(here.start..path.end);
            break;
        }
        if looks_random(segment) {
            hidden.push(here.clone());
        }
        at = here.end + 1;
    }
    hidden
}

/// The values of a query that begins with `?`. A lone word counts as a value.
fn query_values(text: &str, query: Range<usize>) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    let mut at = query.start + 1;
    for pair in text.get(at..query.end).unwrap_or_default().split('&') {
        let name = pair.find('=').filter(|end| is_name(&pair[..*end]));
        hidden.extend(non_empty(
            at + name.map_or(0, |end| end + 1)..at + pair.len(),
        ));
        at += pair.len() + 1;
    }
    hidden
}

fn is_name(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphabetic() || matches!(c, '.' | '-' | '_');
    text.len() <= 30 && text.chars().all(part)
}

fn end_of(text: &str, from: usize, ends: &[char]) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.find(ends).unwrap_or(rest.len())
}

fn non_empty(part: Range<usize>) -> Vec<Range<usize>> {
    if part.is_empty() {
        Vec::new()
    } else {
        vec![part]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_of_a_url() {
        let check = |text: &str, expected: &str| {
            assert_eq!(without_secrets(text), expected, "{text}");
        };
        check("https://example.com/", "https://example.com/");
        check("https://h:8443/a/b.json", "https://h:8443/a/b.json");
        check("http://[::1]:80/a", "http://[::1]:80/a");
        check("tcp://:1", "tcp://:1");
        check("https://u:pw@h/", "https://•••@h/");
        check("https://u:p@w@h/", "https://•••@h/");
        check("https://u:p/w@h/", "https://•••");
        check("https://u:p#w@h/", "https://•••");
        check("https://u:pw", "https://•••");
        check("https://h/?a=b&c=d", "https://h/?a=•••&c=•••");
        check("https://h?key", "https://h?•••");
        check("https://h/?s3cr3t=b&", "https://h/?•••&");
        check("https://h/a#b", "https://h/a#•••");
        check("https://h/0123456789abcdef/x", "https://h/•••/x");
        check("https://h/token=abc/x", "https://h/•••");
        check(
            "https://hooks.slack.com/services/T/B/X",
            "https://hooks.slack.com/•••",
        );
        check(
            "https://api.telegram.org/bot12:ab/send",
            "https://api.telegram.org/•••",
        );
        check("htps://h/services/T", "htps://h/•••");
        check("http:/hooks.h/services/T", "http:•••");
        check("mongodb://u:pw@h", "mongodb://•••@h");
        check("mongodb+srv://u:pw@h/db", "mongodb+srv://•••@h/•••");
        check("mongodb://u:p@a:1,b:2/?x=y", "mongodb://•••@a:1,b:2/?x=•••");
        check(
            "see \"https://u:pw@h/\", or http://h/",
            "see \"https://•••@h/\", or http://h/",
        );
        check("no URL: at/all", "no URL: at/all");
        check("ftp://h/", "ftp://h/");
        check("", "");
    }

    #[test]
    fn what_is_hidden_of_arguments() {
        let check = |words: &str, expected: &str| {
            assert_eq!(arguments(words.split(' ')).join(" "), expected, "{words}");
        };
        check(
            "check_load -w 5,4,3 -c 10,8,6",
            "check_load -w 5,4,3 -c 10,8,6",
        );
        check(
            "curl -u me:pw https://u:pw@h/?a=b",
            "curl -u ••• https://•••@h/?a=•••",
        );
        check(
            "x --password pw --api-key=pw",
            "x --password ••• --api-key=•••",
        );
        check(
            "x -H Cookie:a --url=http://u:p@h/",
            "x -H ••• --url=http://•••@h/",
        );
        check("x 0123456789abcdef", "x •••");
        check("x", "x");
    }
}
