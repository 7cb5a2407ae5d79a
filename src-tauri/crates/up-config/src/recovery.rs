//! Finds all syntax errors of a text at once. An error that only follows from another is left out.

use std::ops::Range;

use toml::de::{DeTable, Error};
use toml_parser::{ParseError, Source};

use crate::syntax;

/// The largest text, in bytes, of which more than the first error is reported. The recovering parser
/// keeps all errors in memory, and each takes far more of it than the text that it is about.
const LARGEST: usize = 512 * 1024;

/// A syntax error in sentences for people.
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// The wrong bytes.
    pub(crate) span: Range<usize>,
}

/// The syntax errors of a text: at most one for each line, and at most `most`. `first` is the error
/// with which the parser refused the text.
pub(crate) fn syntax_errors(text: &str, first: &Error, most: usize) -> Vec<SyntaxError> {
    if text.len() > LARGEST {
        return vec![describe(text, first)];
    }
    let (_, errors) = DeTable::parse_recoverable(text);
    let mut cascade = Cascade::of(text);
    let mut found: Vec<SyntaxError> = Vec::new();
    let mut lines: Vec<Range<usize>> = Vec::new();
    for error in errors {
        let described = describe(text, &error);
        let start = described.span.start;
        let is_of_line = |line: &Range<usize>| line.contains(&start) || line.end == start;
        if lines.iter().any(is_of_line) || cascade.explains(&error) {
            continue;
        }
        let line = line_around(text, start);
        cascade.add(&error, &text[line.clone()]);
        lines.push(line);
        found.push(described);
        if found.len() >= most {
            break;
        }
    }
    found
}

fn describe(text: &str, error: &Error) -> SyntaxError {
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

/// The bytes of the line around the byte `at`, without its line break.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let at = text.floor_char_boundary(at);
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    start..end
}

/// The errors found so far after which the parser reports correct text as wrong.
struct Cascade {
    /// The position of the first bracket that is never closed. Everything after it is parsed as part
    /// of its value.
    unclosed: usize,
    /// True when an error after that bracket was reported.
    unclosed_reported: bool,
    /// The position of the first header that could not be parsed. The keys below it are parsed as keys
    /// of the table above, where they may seem to be duplicates.
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
            unclosed_reported: false,
            broken_header: usize::MAX,
        }
    }

    /// True if an error may only follow from one that was reported.
    fn explains(&mut self, error: &Error) -> bool {
        let start = start_and_end(error).start;
        if start > self.unclosed {
            return std::mem::replace(&mut self.unclosed_reported, true);
        }
        is_of_two_keys(error) && start > self.broken_header
    }

    /// Adds an error in that line.
    fn add(&mut self, error: &Error, line: &str) {
        let is_header =
            line.trim_start().starts_with('[') || line.contains(']') && !line.contains('=');
        if is_header && !is_of_two_keys(error) {
            self.broken_header = self.broken_header.min(start_and_end(error).start);
        }
    }
}

/// True of an error about a key that is already there.
fn is_of_two_keys(error: &Error) -> bool {
    let message = error.message();
    message.starts_with("duplicate key") || message.starts_with("cannot extend value")
}
