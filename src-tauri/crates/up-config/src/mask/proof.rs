//! Decides which part of a value, key or comment is hidden: everything that is not proven harmless.

use std::ops::Range;

use up_core::redact::{looks_random, looks_secret, secret_parts};

use super::known::{KeyPosition, KnownKeys, KnownNode, Secrecy, TextKind};
use super::words::{
    is_comment_word, is_near_secret, is_number, is_plain_name, is_short_word, is_span, is_time,
};

/// The part of a text that must not be shown.
#[derive(Debug, PartialEq)]
pub(super) enum Hidden {
    Nothing,
    All,
    /// These bytes.
    Parts(Vec<Range<usize>>),
}

impl Hidden {
    fn unless(harmless: bool) -> Self {
        if harmless { Self::Nothing } else { Self::All }
    }
}

/// The longest text that is shown, in bytes.
const LONGEST: usize = 250;

/// Decides about a string in quotes on one line.
pub(super) fn of_string(known: &KnownKeys, spot: KeyPosition, text: &str) -> Hidden {
    let node = match spot {
        KeyPosition::Odd { near } => {
            return Hidden::unless(!near && is_harmless_anywhere(known, text));
        }
        KeyPosition::At(node) => known.at(node),
    };
    let is_word = node.words.iter().any(|word| word == text);
    match node.secrecy {
        Secrecy::Secret => Hidden::unless(node.text_kind == TextKind::KeyFile && is_key_file(text)),
        Secrecy::Pointer => Hidden::unless(is_place(text)),
        _ if is_word => Hidden::Nothing,
        Secrecy::Guarded => Hidden::All,
        Secrecy::None if !node.text => Hidden::unless(is_nearly(node, text)),
        Secrecy::None => {
            let harmless = match node.text_kind {
                TextKind::Name => secret_parts(text).is_some() || text.chars().all(is_of_names),
                TextKind::Url => secret_parts(text).is_some() || is_host(text),
                TextKind::Host => text.chars().all(is_of_hosts),
                TextKind::Pattern => quotes(text).count().is_multiple_of(2),
                TextKind::KeyFile => is_key_file(text),
            };
            // Behind a quote, another value may have been: a part of the file between them was lost.
            let is_joined = node.text_kind != TextKind::Pattern && quotes(text).next().is_some();
            if harmless && !is_joined {
                of_text(text)
            } else {
                Hidden::All
            }
        }
    }
}

/// Decides about a value without quotes.
pub(super) fn of_bare(known: &KnownKeys, spot: KeyPosition, text: &str) -> Hidden {
    let node = match spot {
        KeyPosition::Odd { near } => {
            let harmless = ["true", "false"].contains(&text) || is_harmless_anywhere(known, text);
            return Hidden::unless(!near && harmless);
        }
        KeyPosition::At(node) => known.at(node),
    };
    if matches!(node.secrecy, Secrecy::Secret | Secrecy::Pointer) {
        return Hidden::All;
    }
    let is_value = || ["true", "false"].contains(&text) || is_number(text) || is_time(text);
    let is_word = node.words.iter().any(|word| word == text);
    Hidden::unless(is_word || node.secrecy == Secrecy::None && (is_value() || is_span(text)))
}

/// Decides about a key. `confirmed` is true if the tokens after it show that it is a key.
pub(super) fn of_key(known: &KnownKeys, spot: KeyPosition, key: &str, confirmed: bool) -> Hidden {
    if known.has(spot, key) {
        return Hidden::Nothing;
    }
    if !confirmed {
        return Hidden::All;
    }
    let harmless = match spot {
        KeyPosition::Odd { near: true } => false,
        KeyPosition::At(node) if known.at(node).secrecy == Secrecy::Secret => false,
        _ if known.takes_any_key(spot) => key.split('/').all(|part| {
            part.is_empty()
                || part.chars().all(|c| c.is_ascii_digit()) && part.len() <= 3
                || is_plain_name(part)
        }),
        _ => known.has_anywhere(key) || is_plain_name(key) && !has_more_than_a_key(known, key),
    };
    Hidden::unless(harmless)
}

/// Decides about the text of a comment, on a line of which nothing else is hidden.
pub(super) fn of_comment(text: &str) -> Hidden {
    let text = text.trim();
    let is_word = |word: &str| is_comment_word(word.trim_end_matches([',', '.', ';', '?', '!']));
    let mut words = text.split_whitespace();
    let few = words.clone().count() <= 12;
    Hidden::unless(few && !looks_secret(text) && words.all(is_word))
}

/// True if a text is not a secret at any key, except a key like that of a secret.
fn is_harmless_anywhere(known: &KnownKeys, text: &str) -> bool {
    known.is_word(text) || is_span(text) || is_number(text) && text.len() <= 6
}

/// True if a text was meant as a value of a key that takes no free text.
fn is_nearly(node: &KnownNode, text: &str) -> bool {
    let is_like = |word: &String| strsim::damerau_levenshtein(word, text) <= 1;
    is_short_word(text)
        || is_span(text)
        || is_number(text)
        || ["true", "false"].contains(&text)
        || text.len() <= 30 && node.words.iter().any(is_like)
        || text.len() <= 20 && is_plain_name(text)
}

/// True if a text looks like the name of a variable, file or keyring entry.
fn is_place(text: &str) -> bool {
    let mut parts = text.split(['/', '.', '\\', ':', ' ', '@', '~']);
    text.len() <= LONGEST && parts.all(|part| part.is_empty() || is_plain_name(part))
}

/// True if a text looks like the name of a private key file.
fn is_key_file(text: &str) -> bool {
    let ends = |ending: &str| text.len() > ending.len() && text.ends_with(ending);
    is_place(text) && [".pem", ".key"].iter().any(|ending| ends(ending))
}

/// True for the characters of names, paths, addresses and comparisons.
fn is_of_names(c: char) -> bool {
    c.is_alphanumeric() || " .,-_/:()[]&+'<>\\".contains(c)
}

/// True for the characters of the names and addresses of hosts.
fn is_of_hosts(c: char) -> bool {
    c.is_alphanumeric() || ".-_/:[]%".contains(c)
}

/// The quotes in a text, without the apostrophes of words such as `Bob's`.
fn quotes(text: &str) -> impl Iterator<Item = usize> {
    let is_in_word = |at: usize| {
        let behind = &text[at + 1..];
        let end = behind.find(|c: char| !c.is_alphanumeric());
        let is_letter = |c: char| c.is_alphabetic();
        text[..at].ends_with(is_letter) && (1..=2).contains(&end.unwrap_or(behind.len()))
    };
    let all = text.match_indices(['"', '\'']);
    all.filter(move |(at, quote)| *quote == "\"" || !is_in_word(*at))
        .map(|(at, _)| at)
}

/// True if a text looks like a host that was written in place of a URL.
fn is_host(text: &str) -> bool {
    let labels = text.strip_suffix('/').unwrap_or(text).split('.');
    let is_label = |label: &str| label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let dotted = labels.clone().count() > 1;
    (dotted || text.len() <= 4) && labels.into_iter().all(is_label)
}

/// Decides about a text at a key whose values are never secrets.
fn of_text(text: &str) -> Hidden {
    let escaped = ["\\u", "\\U", "\\x"]
        .iter()
        .any(|escape| text.contains(escape));
    if text.len() > LONGEST || escaped {
        return Hidden::All;
    }
    // A text without any of these is a single value with both its quotes.
    let is_one = !text.contains([' ', ',', '"', '\'', '`', '<', '>']);
    if let Some(parts) = secret_parts(text).filter(|_| is_one) {
        return if parts.is_empty() {
            Hidden::Nothing
        } else {
            Hidden::Parts(parts)
        };
    }
    if text.contains('=') {
        return Hidden::All;
    }
    let is_part_of_url = text.contains(":/") || text.contains("//") || text.contains('@');
    let lower = text.to_ascii_lowercase();
    let is_hook = lower.contains('/') && (lower.contains("hook") || lower.contains("services/"));
    let word_of_secret = looks_secret(text) && text.contains([':', '"', '\'']);
    let random = text.split(|c: char| !c.is_alphanumeric()).any(looks_random);
    Hidden::unless(!(is_part_of_url || is_hook || word_of_secret || random))
}

/// True for a known key with more text attached to it, like `passwordhunter`.
fn has_more_than_a_key(known: &KnownKeys, key: &str) -> bool {
    let plain = key.to_lowercase();
    let is_stuck = |name: &str| {
        name.len() >= 3
            && plain.len() >= name.len() + 4
            && !key.contains(['-', '_'])
            && plain.starts_with(name)
    };
    is_near_secret(key) && known.all_keys().any(is_stuck)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_quote_another_value_may_have_been() {
        let check = |text: &str, expected: usize| {
            assert_eq!(quotes(text).count(), expected, "{text}");
        };
        check("192.0.2.1", 0);
        check("Bob's router isn't on", 0);
        check("192.0'correcthorse", 1);
        check("web'ab", 0);
        check("web'abc", 1);
        check("3'4", 1);
        check("'ok' or \"up\"", 4);
    }
}
