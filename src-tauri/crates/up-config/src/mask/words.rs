//! Recognizes words by their form: keys that are like those of secrets, names, numbers, durations.

use up_core::redact::looks_secret;

/// Parts of names of keys whose values may be secrets.
const NEAR_SECRET: [&str; 29] = [
    "pw", "pwd", "psw", "pas", "psk", "cred", "tok", "header", "env", "uri", "url", "dsn", "login",
    "account", "hook", "proxy", "private", "sign", "api", "conn", "body", "command", "send", "arg",
    "cmd", "cert", "salt", "hash", "secr",
];

/// The names of keys whose misspellings count too.
const SPELLED: [&str; 22] = [
    "password",
    "passwd",
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
    "username",
    "headers",
    "header",
    "env",
    "uri",
    "url",
    "proxy",
    "body",
    "command",
    "client_key",
];

/// True if a key looks like that of a secret, even if it is misspelt.
pub(crate) fn is_near_secret(key: &str) -> bool {
    // A name of this length is not a misspelling, and the comparison takes its length squared.
    if key.len() > 60 || looks_secret(key) {
        return true;
    }
    let letters = |c: char| c.is_alphanumeric();
    let plain: String = key.to_lowercase().chars().filter(|c| letters(*c)).collect();
    let is_like = |word: &str| {
        SPELLED.iter().any(|spelled| {
            let slips = match spelled.len() {
                0..=5 => 1,
                6..=7 => 2,
                _ => 3,
            };
            // Each letter that the other word lacks is an edit. That excludes most words at once.
            let strange = word.chars().filter(|c| !spelled.contains(*c)).count();
            word.len().abs_diff(spelled.len()) <= slips
                && strange <= slips
                && strsim::damerau_levenshtein(word, spelled) <= slips
        })
    };
    let parts = key.split(|c: char| !letters(c)).map(str::to_lowercase);
    NEAR_SECRET.iter().any(|word| plain.contains(word))
        || is_like(&plain)
        || parts
            .into_iter()
            .any(|part| part.len() > 1 && part != plain && is_like(&part))
}

/// True if a text looks like the name of a key, header or variable: words of letters, perhaps with
/// short numbers between or after them.
pub(super) fn is_plain_name(name: &str) -> bool {
    let is_word = |word: &str| {
        let digits = word.chars().all(|c| c.is_ascii_digit());
        !word.is_empty() && (digits && word.len() <= 3 || word.len() <= 20 && is_one_case(word))
    };
    name.len() <= 48 && name.starts_with(char::is_alphabetic) && name.split(['-', '_']).all(is_word)
}

/// `word`, `Word`, `WORD` or `someWords`.
fn is_one_case(word: &str) -> bool {
    if !word.chars().all(char::is_alphabetic) {
        return false;
    }
    let mut humps: Vec<usize> = Vec::new();
    for c in word.chars() {
        match humps.last_mut() {
            Some(hump) if !c.is_uppercase() => *hump += 1,
            _ => humps.push(1),
        }
    }
    let is_camel = || humps[0] >= 2 && humps[1..].iter().all(|hump| *hump >= 3);
    humps.len() == 1 || word.chars().all(char::is_uppercase) || is_camel()
}

/// True if a text is one short word in lower case.
pub(super) fn is_short_word(text: &str) -> bool {
    (1..=10).contains(&text.len()) && text.chars().all(|c| c.is_ascii_lowercase())
}

/// True if a text looks like a word in a comment. Bytes that are not UTF-8 may be shown.
pub(super) fn is_comment_word(text: &str) -> bool {
    let plain = |c: char| c.is_lowercase() || c == '\u{fffd}';
    text.chars().count() <= 10 && text.chars().all(plain)
}

/// True if a text is a whole or decimal number.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    (1..=24).contains(&digits.len())
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// True if a text was meant as a duration, even with a wrong unit.
pub(super) fn is_span(text: &str) -> bool {
    const UNITS: [&str; 22] = [
        "ms", "s", "m", "h", "d", "w", "y", "us", "ns", "sec", "secs", "second", "seconds", "min",
        "mins", "minute", "minutes", "hour", "hours", "day", "days", "hr",
    ];
    let mut rest = text.trim().trim_start_matches('-');
    let (mut parts, mut digits) = (0, 0);
    while !rest.is_empty() {
        let end = |of: fn(&char) -> bool| {
            move |text: &str| text.find(|c: char| !of(&c)).unwrap_or(text.len())
        };
        let (number, after) = rest.split_at(end(|c| c.is_ascii_digit() || *c == '.')(rest));
        let after = after.trim_start();
        let (unit, after) = after.split_at(end(|c| c.is_alphabetic())(after));
        if number.is_empty() || !UNITS.contains(&unit.to_lowercase().as_str()) {
            return false;
        }
        rest = after.trim_start();
        parts += 1;
        digits += number.len();
    }
    (1..=5).contains(&parts) && digits <= 24
}

/// True if a text looks like a date, a time of day or both.
pub(super) fn is_time(text: &str) -> bool {
    let part = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | 'Z' | '+' | '.' | ' ');
    text.len() <= 32 && text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_near_those_of_secrets() {
        let check = |key: &str, expected: bool| assert_eq!(is_near_secret(key), expected, "{key}");
        for key in [
            "password",
            "pasword",
            "passwrod",
            "pw",
            "db_pwd",
            "PASSWORT",
            "tokn",
            "tkoen",
            "api-token",
            "haeders",
            "heders",
            "hdrs_env",
            "evn",
            "ulr",
            "uri",
            "X-Api-Key",
            "usr",
            "usernmae",
            "comunity",
            "secert",
            "cookies",
            "dsn",
            "webhook",
            "auht",
            "bodi",
            "comand",
        ] {
            check(key, true);
        }
        for key in [
            "intervall",
            "interval",
            "timout",
            "tiemout",
            "weigth",
            "width",
            "nmae",
            "hots",
            "downafter",
            "maintenace",
            "paralell",
            "polcy",
            "retires",
            "x",
        ] {
            check(key, false);
        }
    }

    #[test]
    fn names_that_hold_no_secret() {
        let check =
            |name: &str, expected: bool| assert_eq!(is_plain_name(name), expected, "{name}");
        for name in [
            "intervall",
            "X-Api-Key",
            "Content-Type",
            "UP_NO_SUCH_VARIABLE",
            "maxRedirects",
            "X-Hub-Signature-256",
            "ä",
            "DNT",
            "a_b",
            "OperStatus",
        ] {
            check(name, true);
        }
        for name in [
            "",
            "hunter2",
            "X-hunter2",
            "AbCdEf",
            "aBcDe",
            "5",
            "correcthorsebatterystaple",
            "Bearer abc",
            "a:b",
            "MIIEvQIBADANBg",
            "a--b",
            "aB",
            "-a",
        ] {
            check(name, false);
        }
    }

    #[test]
    fn spans_and_numbers() {
        for text in ["30s", "1h30m", "-5s", "5 minutes", "1.5h", "30S"] {
            assert!(is_span(text), "{text}");
        }
        for text in ["", "30", "hunter2", "7hunter2", "5x", "s", "1s1s1s1s1s1s"] {
            assert!(!is_span(text), "{text}");
        }
        assert!(is_number("-1") && is_number("0.5") && !is_number("a") && !is_number(""));
        assert!(is_time("2026-12-24 22:00") && !is_time("tonight"));
    }
}
