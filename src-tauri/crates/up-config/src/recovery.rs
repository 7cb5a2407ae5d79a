//! All syntax errors of a text at once, without those that only follow from another.

use std::ops::Range;

use toml::de::{DeTable, Error};
use toml_parser::{ParseError, Source};

use crate::syntax;

/// The largest text, in bytes, of which more than the first error is told: the parser that goes on
/// after an error keeps all of them, and each costs far more memory than what it is about.
const LARGEST: usize = 512 * 1024;

/// A syntax error as a person is told it.
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// The bytes that are to blame.
    pub(crate) span: Range<usize>,
}

/// The syntax errors of a text that the parser refused with its `first` one: that one, and of each
/// other line the first; no more than `most`.
pub(crate) fn syntax_errors(text: &str, first: &Error, most: usize) -> Vec<SyntaxError> {
    if text.len() > LARGEST {
        return vec![told(text, first)];
    }
    let (_, errors) = DeTable::parse_recoverable(text);
    let mut cascade = Cascade::of(text);
    let mut found: Vec<SyntaxError> = Vec::new();
    let mut lines: Vec<Range<usize>> = Vec::new();
    for error in errors {
        let told = told(text, &error);
        let start = told.span.start;
        let is_told = |line: &Range<usize>| line.contains(&start) || line.end == start;
        if lines.iter().any(is_told) || cascade.holds(&error) {
            continue;
        }
        let line = line_around(text, start);
        cascade.went_on_after(&error, &text[line.clone()]);
        lines.push(line);
        found.push(told);
        if found.len() >= most {
            break;
        }
    }
    found
}

fn told(text: &str, error: &Error) -> SyntaxError {
    let span = start_and_end(error);
    let (message, help) = syntax::rephrase(error.message(), text, &span);
    let span = syntax::visible(text, span);
    SyntaxError {
        message,
        help,
        span,
    }
}

fn start_and_end(error: &Error) -> Range<usize> {
    error.span().unwrap_or(0..0)
}

/// The bytes of the line that holds that byte, without its line break.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let at = text.floor_char_boundary(at);
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    start..end
}

/// The mistakes after which the parser takes what is right for wrong.
struct Cascade {
    /// The first bracket of a value that is never closed: all that follows was read as part of it.
    unclosed: usize,
    /// True when an error behind that bracket was told.
    told_of_unclosed: bool,
    /// The first header that could not be read: the keys below it were read as keys of the table
    /// above it, and may seem to stand there twice.
    broken_header: usize,
}

impl Cascade {
    fn of(text: &str) -> Self {
        let mut unclosed = usize::MAX;
        let mut look = |error: ParseError| {
            let is_unclosed = ["unclosed array", "unclosed inline table"];
            if let (true, Some(bracket)) =
                (is_unclosed.contains(&error.description()), error.context())
            {
                unclosed = unclosed.min(bracket.start());
            }
        };
        let tokens = Source::new(text).lex().into_vec();
        toml_parser::parser::parse_document(&tokens, &mut (), &mut look);
        Self {
            unclosed,
            told_of_unclosed: false,
            broken_header: usize::MAX,
        }
    }

    /// True of an error that may follow from one that was told.
    fn holds(&mut self, error: &Error) -> bool {
        let start = start_and_end(error).start;
        if start > self.unclosed {
            return std::mem::replace(&mut self.told_of_unclosed, true);
        }
        is_of_two_keys(error) && start > self.broken_header
    }

    /// The parser went on after that error in that line.
    fn went_on_after(&mut self, error: &Error, line: &str) {
        let is_header =
            line.trim_start().starts_with('[') || line.contains(']') && !line.contains('=');
        if is_header && !is_of_two_keys(error) {
            self.broken_header = self.broken_header.min(start_and_end(error).start);
        }
    }
}

/// True of an error about a key that stands where another one is.
fn is_of_two_keys(error: &Error) -> bool {
    let message = error.message();
    message.starts_with("duplicate key") || message.starts_with("cannot extend value")
}
