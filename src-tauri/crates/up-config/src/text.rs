//! A configuration's text: which line and column a byte has, and a line made safe to show.

use std::cell::OnceCell;
use std::ops::Range;

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

/// So many characters of a line are shown; a longer one is cut around the place.
const SHOWN: usize = 160;
/// So many characters stand for a hidden part.
const HIDDEN_WIDTH: usize = 3;
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

/// What to show of a line without its `hidden` parts, how many characters of it stand before
/// `span`, and how many in it.
fn excerpt(line: &str, span: Range<usize>, hidden: &[Range<usize>]) -> (String, usize, usize) {
    let chars_on = |from: usize| {
        line[from..]
            .char_indices()
            .map(move |(at, c)| (from + at, c))
    };
    let mut before = line[..span.start].char_indices().rev();
    let from = before.nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let from = if line.chars().nth(SHOWN).is_some() {
        from
    } else {
        0
    };
    let to = chars_on(from).nth(SHOWN).map_or(line.len(), |(at, _)| at);
    let mut shown = String::new();
    if from > 0 {
        shown.push('…');
    }
    let mut columns = shown.chars().count();
    let (mut indent, mut end) = (None, None);
    let mut masked = hidden.iter().peekable();
    for (at, c) in chars_on(from).take_while(|(at, _)| *at < to) {
        while masked.next_if(|part| part.end <= at).is_some() {}
        if at >= span.start {
            // What stands in a hidden part is pointed at by all of it.
            let is_inside = |part: &&Range<usize>| at > part.start.max(from);
            let back = masked.peek().is_some_and(is_inside);
            indent.get_or_insert(columns - if back { HIDDEN_WIDTH } else { 0 });
        }
        if at >= span.end {
            end.get_or_insert(columns);
        }
        match masked.peek() {
            Some(part) if part.contains(&at) => {
                if at == part.start.max(from) {
                    shown.push_str(HIDDEN);
                    columns += HIDDEN_WIDTH;
                }
            }
            _ => {
                shown.push(tame(c));
                columns += 1;
            }
        }
    }
    if to < line.len() {
        shown.push('…');
    }
    let indent = indent.unwrap_or(columns);
    let width = end.unwrap_or(columns).saturating_sub(indent).max(1);
    (shown, indent, width)
}

/// True of bytes that are no UTF-8, which should be seen, with too few letters for a secret.
fn is_binary(part: &str) -> bool {
    let is_odd = |c: &char| *c == '\u{fffd}' || *c == '\0';
    part.contains('\u{fffd}') && part.chars().filter(|c| !is_odd(c)).nth(3).is_none()
}

/// A character as it may stand on a terminal, one column wide where that can be had.
fn tame(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
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
        let long = format!("x = \"{}\" !", "y".repeat(300));
        let (shown, indent, _) = excerpt(&long, 307..308, &[]);
        assert_eq!(shown.chars().nth(indent), Some('!'), "cut around the place");
        assert!(shown.chars().count() <= SHOWN + 2);
    }
}
