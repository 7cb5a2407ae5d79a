//! Foreign text made safe to display: one bounded line of visible characters.
//!
//! Every text that Up did not write itself passes [`one_line`] where it enters: a peer's answer, a
//! row of a store, a note, another process's words. So no sink has to clean it again.

use std::str::Chars;

/// Makes `text` one line of at most `max` bytes. Control characters and runs of white space become
/// one space, and invisible characters and a terminal's control sequences are removed, so that a
/// peer's text can neither forge a line, control a terminal, nor look like another text.
pub fn one_line(text: &str, max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(max));
    let mut gap = false;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if let Some(after) = after_sequence(c, &rest) {
            rest = after;
            continue;
        }
        if c.is_whitespace() || c.is_control() {
            gap = !line.is_empty();
            continue;
        }
        let before = if gap { None } else { line.chars().next_back() };
        if is_unseen(before, c, rest.clone().next()) {
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

/// What follows the control sequence of a terminal (ECMA-48) that `c` begins, such as that of a
/// colour; `None` if `c` begins none. What is no whole sequence is cleaned character by character.
fn after_sequence<'t>(c: char, after: &Chars<'t>) -> Option<Chars<'t>> {
    let mut rest = after.clone();
    match c {
        '\u{1b}' => match rest.next()? {
            ']' | 'P' | 'X' | '^' | '_' => after_string(rest),
            // The designation of a character set, with which `tput sgr0` ends.
            '[' | ' '..='/' => after_csi(rest),
            _ => None,
        },
        '\u{9b}' => after_csi(rest),
        '\u{9d}' | '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => after_string(rest),
        _ => None,
    }
}

/// What follows the parameters and the final character of a control sequence.
fn after_csi(mut rest: Chars<'_>) -> Option<Chars<'_>> {
    let is_last = |c: &char| !matches!(c, ' '..='?');
    let last = rest.find(is_last)?;
    matches!(last, '@'..='~').then_some(rest)
}

/// What follows a control string, such as the title of a window or the address of a link. No other
/// control character may be in it, so that one without an end does not take the lines after it.
fn after_string(mut rest: Chars<'_>) -> Option<Chars<'_>> {
    match rest.find(|c| c.is_control())? {
        '\u{7}' | '\u{9c}' => Some(rest),
        '\u{1b}' => (rest.next()? == '\\').then_some(rest),
        _ => None,
    }
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
        check("two\r\nlines\u{1b}[31m", "two lines");
        check("a\u{0}b\u{7f}c\u{9b}31md\u{85}e\u{2028}f", "a b cd e f");
        check("right\u{202e}to left", "rightto left");
        check("a \u{200b} b", "a b");
        check("0123456789abcdefghijk", "0123456789abcdefg…");
        check("äöüäöüäöüäöü", "äöüäöüäö…");
        check("", "");
    }

    #[test]
    fn a_terminals_control_sequences_are_left_out_whole() {
        let check = |text: &str, expected: &str| assert_eq!(one_line(text, 100), expected);
        check("\u{1b}[31mred \u{1b}[0mend", "red end");
        check("\u{1b}[1;38;5;196mred\u{1b}[K", "red");
        check("bold\u{1b}(B\u{1b}[m.", "bold.");
        check("\u{9b}4m\u{9b}0mline", "line");
        check("\u{1b}]0;title\u{7}text", "text");
        check("\u{1b}]8;;http://a\u{1b}\\link\u{1b}]8;;\u{1b}\\.", "link.");
        check("\u{9d}0;title\u{9c}text", "text");
        check("\u{1b}P1$r\u{1b}\\text", "text");
        // What is not whole loses its control characters only.
        check("\u{1b}[31", "[31");
        check("\u{1b}[31\nred", "[31 red");
        check("\u{1b}]0;title\nred", "]0;title red");
        check("\u{1b}\u{1b}[1mred", "red");
        check("[31m", "[31m");
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
        for part in [
            "x",
            "\u{1b}",
            "\u{1b}[1",
            "\u{1b}]",
            "\u{202e}",
            "漢",
            " \u{200b}",
        ] {
            assert!(
                one_line(&part.repeat(1 << 20), 300).len() <= 300,
                "{part:?}"
            );
        }
    }
}
