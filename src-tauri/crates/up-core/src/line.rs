//! Foreign text made safe to display: one bounded line of visible characters.
//!
//! Every text that Up did not write itself passes [`one_line`] where it enters: a peer's answer, a
//! row of a store, a note, another process's words. So no sink has to clean it again.

/// Makes `text` one line of at most `max` bytes. Control characters and runs of white space become
/// one space, and invisible characters are removed, so that a peer's text can neither forge a line,
/// control a terminal, nor look like another text.
pub fn one_line(text: &str, max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(max));
    let mut gap = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_whitespace() || c.is_control() {
            gap = !line.is_empty();
            continue;
        }
        let before = if gap { None } else { line.chars().next_back() };
        if is_unseen(before, c, rest.peek().copied()) {
            continue;
        }
        if line.len() + c.len_utf8() + usize::from(gap) + '…'.len_utf8() > max {
            line.push('…');
            return line;
        }
        if std::mem::take(&mut gap) {
            line.push(' ');
        }
        line.push(c);
    }
    line
}

/// True of a text without control characters and invisible characters.
pub fn is_plain(text: &str) -> bool {
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}')
            || is_unseen(before, c, rest.peek().copied())
        {
            return false;
        }
        before = Some(c);
    }
    true
}

/// True of an invisible character: bidirectional controls, which make a line look like another one,
/// and all others that Unicode marks as ignorable. Joiners and variation selectors are kept where
/// scripts and emoji need them: after a character beyond ASCII, and a joiner also before one.
fn is_unseen(before: Option<char>, c: char, after: Option<char>) -> bool {
    let needed = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !is_joiner(c));
    match c {
        '\u{fe00}'..='\u{fe0f}' => before.is_none_or(is_selector) || !needed(before),
        c if is_joiner(c) => !needed(before) || !needed(after),
        _ => matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        ),
    }
}

/// True of the zero width non-joiner and the zero width joiner.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peers_words_stay_one_bounded_line() {
        let check = |text: &str, expected: &str| assert_eq!(one_line(text, 20), expected);
        check("  plain  words ", "plain words");
        check("two\r\nlines\u{1b}[31m", "two lines [31m");
        check("a\u{0}b\u{7f}c\u{9b}31md\u{85}e\u{2028}f", "a b c 31md e f");
        check("right\u{202e}to left", "rightto left");
        check("a \u{200b} b", "a b");
        check("0123456789abcdefghijk", "0123456789abcdefg…");
        check("äöüäöüäöüäöü", "äöüäöüäö…");
        check("", "");
    }

    #[test]
    fn what_is_not_seen_is_left_out() {
        let check = |text: &str, expected: &str| {
            assert_eq!(one_line(text, 100), expected, "{text:?}");
            assert_eq!(is_plain(text), text == expected, "{text:?}");
            assert!(is_plain(expected), "{expected:?}");
        };
        for c in [
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fe0f}',
            '\u{fffb}',
            '\u{e0001}',
            '\u{e0020}',
        ] {
            check(&format!("ad{c}min"), "admin");
            check(&format!("{c}admin{c}"), "admin");
        }
        // Persian needs its non-joiner, and emoji their joiners and selectors.
        check("می\u{200c}خواهم", "می\u{200c}خواهم");
        check("❤\u{fe0f}\u{200d}🔥", "❤\u{fe0f}\u{200d}🔥");
        check("é\u{200d}\u{200d}è", "é\u{200d}è");
        check("é\u{200d}", "é");
        check("é\u{fe0f}\u{fe0f}è", "é\u{fe0f}è");
        check("naïve 漢字 (ok)", "naïve 漢字 (ok)");
    }

    #[test]
    fn any_amount_is_bounded() {
        for part in ["x", "\u{1b}", "\u{202e}", "漢", " \u{200b}"] {
            assert!(
                one_line(&part.repeat(1 << 20), 300).len() <= 300,
                "{part:?}"
            );
        }
    }
}
