//! Names and paths within a line that people read: long names are cut in the middle, because their
//! ends differ as often as their beginnings, and names written from right to left are kept apart
//! from the words beside them.

use std::borrow::Cow;

/// The longest name that a line shows whole, in characters.
pub const NAME: usize = 40;

/// `name` with at most `most` characters, cut in the middle.
pub fn short(name: &str, most: usize) -> Cow<'_, str> {
    let count = name.chars().count();
    if count <= most {
        return Cow::Borrowed(name);
    }
    let kept = most.saturating_sub(1);
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    let at = |number| {
        name.char_indices()
            .nth(number)
            .map_or(name.len(), |(at, _)| at)
    };
    let (head, tail) = (&name[..at(head)], &name[at(count - tail)..]);
    Cow::Owned(format!("{}…{}", head.trim_end(), tail.trim_start()))
}

/// `text` in Unicode's isolates if any of it is written from right to left. The words beside it then
/// stay in their order.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_right_to_left) {
        Cow::Owned(format!("\u{2068}{text}\u{2069}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// `line`, which begins on the left even if it begins with a name that is written from right to
/// left: a line takes its direction from its first letter, within isolates too where Pango draws it.
pub fn left_to_right(line: String) -> String {
    if line.chars().any(is_right_to_left) {
        format!("\u{200e}{line}")
    } else {
        line
    }
}

/// A path whose names are short and isolated.
pub fn path(path: &str) -> String {
    let names = path.split('/');
    let names: Vec<String> = names
        .map(|name| isolated(&short(name, NAME)).into_owned())
        .collect();
    names.join("/")
}

/// True of the letters of the scripts that are written from right to left.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_ends() {
        let check = |name: &str, most, expected: &str| assert_eq!(short(name, most), expected);
        check("short", 5, "short");
        check("longer", 5, "lo…er");
        check("longer", 4, "lo…r");
        check("äöüßäöüß", 5, "äö…üß");
        check("a long  name", 7, "a l…ame");
        check("x", 0, "…");
        let long = "x".repeat(200);
        assert_eq!(short(&long, NAME).chars().count(), NAME);
        assert_eq!(path(&format!("/Root/{long}")).chars().count(), 6 + NAME);
    }

    #[test]
    fn what_is_written_from_right_to_left_is_isolated() {
        assert_eq!(isolated("mail"), "mail");
        assert_eq!(isolated("שרת"), "\u{2068}שרת\u{2069}");
        assert_eq!(path("/R/خادم 1"), "/R/\u{2068}خادم 1\u{2069}");
        assert_eq!(left_to_right("mail".into()), "mail");
        assert_eq!(left_to_right("שרת: UP".into()), "\u{200e}שרת: UP");
    }
}
