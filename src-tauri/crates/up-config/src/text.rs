//! A configuration's text: which line and column a byte has, and a line made safe to show.

use std::cell::OnceCell;
use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use up_core::redact::HIDDEN;

use crate::error::Location;
use crate::mask::{KnownKeys, Mask, Message};

/// One file's text.
pub(crate) struct ConfigText<'t> {
    file: String,
    all: &'t str,
    /// What up.toml may hold, made when the first place is asked for.
    known: fn() -> &'static KnownKeys,
    mask: OnceCell<Mask>,
    /// How many lines end before each block of [`BLOCK`] bytes; made when the first place is asked
    /// for.
    breaks: OnceCell<Vec<usize>>,
}

/// Line breaks are counted once for so many bytes, and again from there.
const BLOCK: usize = 4096;

/// The number of columns of a line that are shown. A longer line is cut around the location.
const SHOWN: usize = 160;
/// So many of them before the place.
const BEFORE: usize = 60;

impl<'t> ConfigText<'t> {
    /// That text (without a byte order mark) of the file of that name.
    pub(crate) fn new(file: String, text: &'t str, known: fn() -> &'static KnownKeys) -> Self {
        Self {
            file,
            all: text,
            known,
            mask: OnceCell::new(),
            breaks: OnceCell::new(),
        }
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    pub(crate) fn text(&self) -> &'t str {
        self.all
    }

    /// The line of a byte, counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        let bytes = self.all.as_bytes();
        let ends = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count() - 1;
        let breaks = self.breaks.get_or_init(|| {
            let mut before = 0;
            let add = |block: &[u8]| {
                let count = before;
                before += ends(block);
                count
            };
            bytes.chunks(BLOCK).map(add).collect()
        });
        let at = at.min(bytes.len());
        let block = (at / BLOCK).min(breaks.len().saturating_sub(1));
        breaks.get(block).unwrap_or(&0) + ends(&bytes[block * BLOCK..at]) + 1
    }

    /// Line and column of a byte, counted from 1; columns are characters.
    pub(crate) fn line_and_column(&self, at: usize) -> (usize, usize) {
        let at = self.boundary(at);
        let line = self.line_around(at);
        let column = self.all[line.start..at.min(line.end)].chars().count() + 1;
        (self.line(at), column)
    }

    /// The place of those bytes; what does not fit its first line is left out.
    pub(crate) fn place(&self, span: Range<usize>) -> Location {
        let start = self.boundary(span.start);
        let (line, column) = self.line_and_column(start);
        let range = self.line_around(start);
        let hidden = self.mask().within(&range);
        let hidden: Vec<_> = hidden
            .filter(|part| !is_binary(&self.all[part.clone()]))
            .map(|part| part.start - range.start..part.end - range.start)
            .collect();
        let shown = &self.all[range.clone()];
        let start = start.min(range.end) - range.start;
        let end = self.boundary(span.end).clamp(range.start, range.end) - range.start;
        let (excerpt, indent, width) = excerpt(shown, start..end.max(start), &hidden);
        Location {
            line,
            column,
            excerpt,
            indent,
            width,
        }
    }

    /// What is not shown of it.
    fn mask(&self) -> &Mask {
        self.mask.get_or_init(|| Mask::of((self.known)(), self.all))
    }

    /// Hides in messages what is hidden in this text; each comes with the byte that it is about.
    /// `also` are secrets that stand elsewhere.
    pub(crate) fn hide_in(&self, messages: Vec<(&mut String, usize)>, also: &[&str]) {
        let mut messages: Vec<_> = messages
            .into_iter()
            .map(|(text, at)| Message {
                text,
                line: self.line_around(self.boundary(at)),
            })
            .collect();
        self.mask()
            .hide_in((self.known)(), self.all, &mut messages, also);
    }

    /// The bytes of the line that holds that byte, without its break.
    fn line_around(&self, at: usize) -> Range<usize> {
        let start = self.all[..at].rfind('\n').map_or(0, |end| end + 1);
        let rest = &self.all[at..];
        let end = at + rest.find('\n').unwrap_or(rest.len());
        start..start + self.all[start..end].trim_end_matches('\r').len()
    }

    /// `at`, or the nearest byte before it at which a character begins.
    fn boundary(&self, at: usize) -> usize {
        self.all.floor_char_boundary(at)
    }
}

/// What to show of a line without its `hidden` parts, how many terminal columns of it stand before
/// `span`, and how many in it.
fn excerpt(line: &str, span: Range<usize>, hidden: &[Range<usize>]) -> (String, usize, usize) {
    let (from, to) = cut(line, span.start);
    let mut shown = String::new();
    if from > 0 {
        shown.push('…');
    }
    // Where the last character begins: a character without width is drawn onto it.
    let mut base = 0;
    let (mut indent, mut end) = (None, None);
    let mut masked = hidden.iter().peekable();
    for (at, c) in line[from..to].char_indices() {
        let (at, c) = (from + at, tame(c));
        while masked.next_if(|part| part.end <= at).is_some() {}
        if at >= span.start {
            // What stands in a hidden part is pointed at by all of it.
            let is_inside = |part: &&Range<usize>| at > part.start.max(from);
            let back = masked.peek().is_some_and(is_inside) || c.width() == Some(0);
            indent.get_or_insert_with(|| shown[..if back { base } else { shown.len() }].width());
        }
        if at >= span.end {
            end.get_or_insert_with(|| shown.width());
        }
        match masked.peek() {
            Some(part) if part.contains(&at) => {
                if at == part.start.max(from) {
                    base = shown.len();
                    shown.push_str(HIDDEN);
                }
            }
            _ => {
                if c.width() != Some(0) {
                    base = shown.len();
                }
                shown.push(c);
            }
        }
    }
    let columns = shown.width();
    if to < line.len() {
        shown.push('…');
    }
    let indent = indent.unwrap_or(columns);
    let width = end.unwrap_or(columns).saturating_sub(indent).max(1);
    (shown, indent, width)
}

/// The bytes of a line that are shown for an error at the byte `at`: all of them, or those around the
/// location if the line is longer than [`SHOWN`].
fn cut(line: &str, at: usize) -> (usize, usize) {
    // Characters without width count too, so that a line of nothing else is bounded.
    let columns = |c: char| tame(c).width().unwrap_or(0).max(1);
    let fitting = |most: usize| {
        let mut taken = 0;
        move |c: &char| {
            taken += columns(*c);
            taken <= most
        }
    };
    let length = |text: &str, most| -> usize {
        let fit = text.chars().take_while(fitting(most));
        fit.map(char::len_utf8).sum()
    };
    if length(line, SHOWN) == line.len() {
        return (0, line.len());
    }
    let before = line[..at].chars().rev().take_while(fitting(BEFORE));
    let from = at - before.map(char::len_utf8).sum::<usize>();
    let is_drawn_onto_another = |c: &char| tame(*c).width() == Some(0);
    let loose = line[from..at].chars().take_while(is_drawn_onto_another);
    let from = from + loose.map(char::len_utf8).sum::<usize>();
    (from, from + length(&line[from..], SHOWN))
}

/// True of bytes that are no UTF-8, which should be seen, with too few letters for a secret.
fn is_binary(part: &str) -> bool {
    let is_odd = |c: &char| *c == '\u{fffd}' || *c == '\0';
    part.contains('\u{fffd}') && part.chars().filter(|c| !is_odd(c)).nth(3).is_none()
}

/// The character to show on a terminal for this one.
fn tame(c: char) -> char {
    match c {
        '\t' => ' ',
        // Characters that are invisible or change the direction of the text.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let check = |text: &str, at: usize, expected: (usize, usize)| {
            let made = ConfigText::new("up.toml".into(), text, crate::schema::known);
            assert_eq!(made.line_and_column(at), expected, "byte {at} of {text:?}");
        };
        check("", 0, (1, 1));
        check("", 9, (1, 1));
        check("ab\ncd", 1, (1, 2));
        check("ab\ncd", 2, (1, 3));
        check("ab\ncd", 3, (2, 1));
        check("ab\r\ncd\r\n", 5, (2, 2));
        check("ab\r\ncd\r\n", 8, (3, 1));
        check("äö = 1", 5, (1, 4));
        check(&"a\n".repeat(10_000), 12_346, (6174, 1));
        check(&"a\n".repeat(10_000), 20_000, (10_001, 1));
    }

    #[test]
    fn a_shown_line_is_safe_and_the_caret_stands_below_what_is_meant() {
        let check = |line: &str, meant: &str, expected: &str| {
            let start = line.find(meant).expect("what is meant is in the line");
            let text = ConfigText::new(String::new(), line, crate::schema::known);
            let place = text.place(start..start + meant.len());
            let (shown, indent, width) = (place.excerpt, place.indent, place.width);
            let carets = format!("{:indent$}{}", "", "^".repeat(width));
            assert_eq!(format!("{shown}\n{carets}"), expected, "{line:?}");
        };
        check("name = 5", "5", "name = 5\n       ^");
        check("\tname = \"ä\"", "ä", " name = \"ä\"\n         ^");
        let (shown, ..) = excerpt("a\u{1b}[31m\u{202e}", 0..1, &[]);
        assert_eq!(shown, "a\u{fffd}[31m\u{fffd}");
        check(
            "a = { password = \"hunter2\", b = 5 }",
            "5",
            "a = { password = \"•••\", b = 5 }\n                            ^",
        );
    }

    #[test]
    fn carets_stand_below_characters_of_any_width() {
        let check = |line: &str, meant: &str, hidden: &str, expected: &str| {
            let of = |part: &str| {
                let start = line.find(part).expect("it is in the line");
                start..start + part.len()
            };
            let hidden = (!hidden.is_empty()).then(|| of(hidden));
            let (shown, indent, width) = excerpt(line, of(meant), hidden.as_slice());
            let carets = format!("{:indent$}{}", "", "^".repeat(width));
            assert_eq!(format!("{shown}\n{carets}"), expected, "{line:?}");
        };
        check("名前 = \"a\"", "= ", "", "名前 = \"a\"\n     ^^");
        check("a = \"日本\" x", "日本", "", "a = \"日本\" x\n     ^^^^");
        check("a = \"日本\" x", "x", "", "a = \"日本\" x\n           ^");
        check("e\u{301} = 5", "5", "", "e\u{301} = 5\n    ^");
        check("e\u{301} = 5", "\u{301}", "", "e\u{301} = 5\n^");
        check("\t\u{1f680}\tb", "b", "", " \u{1f680} b\n    ^");
        check(
            "a = \"\u{1f44d}\u{1f3fd}\" x",
            "x",
            "",
            "a = \"\u{1f44d}\u{1f3fd}\" x\n         ^",
        );
        check("\u{2764}\u{fe0f} x", "x", "", "\u{2764}\u{fe0f} x\n   ^");
        check(
            "\u{1f1e9}\u{1f1ea} x",
            "x",
            "",
            "\u{1f1e9}\u{1f1ea} x\n   ^",
        );
        check(
            "\u{1f468}\u{200d}\u{1f467} x",
            "x",
            "",
            "\u{1f468}\u{fffd}\u{1f467} x\n      ^",
        );
        check(
            "a\u{61c}\u{feff}\u{ad} x",
            "x",
            "",
            "a\u{fffd}\u{fffd}\u{fffd} x\n     ^",
        );
        check("헬로 = ｱx", "x", "", "헬로 = ｱx\n        ^");
        check(
            "a = \"日本\", b = 語",
            "語",
            "日本",
            "a = \"•••\", b = 語\n               ^^",
        );
        check("日 = \"日本語\"", "本", "日本語", "日 = \"•••\"\n      ^^^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let check = |before: &str, after: &str, expected_indent: usize| {
            let line = format!("{}!{}", before.repeat(300), after.repeat(300));
            let at = before.len() * 300;
            let (shown, indent, width) = excerpt(&line, at..at + 1, &[]);
            assert_eq!((indent, width), (expected_indent, 1), "{shown}");
            assert!(shown.width() <= SHOWN + 2, "{shown}");
            assert!(shown.chars().count() <= SHOWN + 2, "{shown}");
            let place = shown.find('!').expect("the place is shown");
            assert_eq!(shown[..place].width(), indent, "{shown}");
        };
        check("y", "z", BEFORE + 1);
        check("日", "本", BEFORE + 1);
        check("\u{1f680}", "\u{1f680}", BEFORE + 1);
        check("e\u{301}", "z", BEFORE / 2 + 1);
        check("\u{301}", "\u{301}", 1);
        check("", "日", 0);
    }
}
