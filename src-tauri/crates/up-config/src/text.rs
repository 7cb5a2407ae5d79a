//! A configuration's text: which line and column a byte has, and a line made safe to show.

use std::cell::OnceCell;
use std::ops::Range;

use crate::error::Place;

/// One file's text.
pub(crate) struct Text<'t> {
    file: String,
    all: &'t str,
    /// How many lines end before each block of [`BLOCK`] bytes; made when the first place is asked
    /// for.
    breaks: OnceCell<Vec<usize>>,
}

/// Line breaks are counted once for so many bytes, and again from there.
const BLOCK: usize = 4096;

/// So many characters of a line are shown; a longer one is cut around the place.
const SHOWN: usize = 160;
/// So many of them before the place.
const BEFORE: usize = 60;

impl<'t> Text<'t> {
    /// That text (without a byte order mark) of the file of that name.
    pub(crate) fn new(file: String, text: &'t str) -> Self {
        Self {
            file,
            all: text,
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
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        let start = self.boundary(span.start);
        let (line, column) = self.line_and_column(start);
        let range = self.line_around(start);
        let shown = &self.all[range.clone()];
        let start = start.min(range.end) - range.start;
        let end = self.boundary(span.end).clamp(range.start, range.end) - range.start;
        let (excerpt, indent, width) = excerpt(shown, start..end.max(start));
        Place {
            line,
            column,
            excerpt,
            indent,
            width,
        }
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

/// What to show of a line, how many characters of it stand before `span`, and how many in it.
fn excerpt(line: &str, span: Range<usize>) -> (String, usize, usize) {
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
    let hidden = crate::secrets::hidden_parts(line);
    let mut masked = hidden.iter().peekable();
    for (at, c) in chars_on(from).take_while(|(at, _)| *at < to) {
        if at >= span.start {
            indent.get_or_insert(columns);
        }
        if at >= span.end {
            end.get_or_insert(columns);
        }
        while masked.next_if(|part| part.end <= at).is_some() {}
        match masked.peek() {
            Some(part) if part.contains(&at) => {
                if at == part.start.max(from) {
                    shown.push_str("•••");
                    columns += 3;
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
            let made = Text::new("up.toml".into(), text);
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
            let (shown, indent, width) = excerpt(line, start..start + meant.len());
            let carets = format!("{:indent$}{}", "", "^".repeat(width));
            assert_eq!(format!("{shown}\n{carets}"), expected, "{line:?}");
        };
        check("name = 5", "5", "name = 5\n       ^");
        check("\tä = \u{1b}[31m", "ä", " ä = \u{fffd}[31m\n ^");
        check(
            "a = { password = \"hunter2\", b = 5 }",
            "5",
            "a = { password = \"•••\", b = 5 }\n                            ^",
        );
        let long = format!("x = \"{}\" !", "y".repeat(300));
        let (shown, indent, _) = excerpt(&long, 307..308);
        assert_eq!(shown.chars().nth(indent), Some('!'), "cut around the place");
        assert!(shown.chars().count() <= SHOWN + 2);
    }
}
