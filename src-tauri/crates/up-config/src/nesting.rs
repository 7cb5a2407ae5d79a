//! Bounds the nesting of a file before it is parsed, because parsing and dropping nested values
//! both recurse, on a stack of unknown size.

use std::ops::Range;

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// The largest number of trees inside one another.
pub(crate) const MAX_TREES: usize = 64;

/// The largest depth of tables and arrays: that of the trees and of the keys of a source.
const MAX_LEVELS: usize = 78;

/// The largest number of tokens in a file. Parsing a token takes several times its size in memory.
const MAX_TOKENS: usize = 8_000_000;

/// The bound that a file exceeds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// More trees inside one another than [`MAX_TREES`].
    Trees,
    /// Deeper tables and arrays than [`MAX_LEVELS`].
    Levels,
    /// More tokens than [`MAX_TOKENS`].
    Tokens,
}

impl Excess {
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Trees => format!("trees are nested more than {MAX_TREES} deep"),
            Self::Levels => format!("tables and arrays are nested more than {MAX_LEVELS} deep"),
            Self::Tokens => "this file is too large".into(),
        }
    }

    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::Trees => "move the inner sources up: a tree may contain any number of them",
            Self::Levels => {
                "write sources as [[source]] and [[source.source]] tables, not within each other"
            }
            Self::Tokens => "divide the sources among several files, each for an Up of its own",
        }
    }
}

/// Finds the first place where `text`, valid TOML or not, exceeds a bound.
pub(crate) fn excess(text: &str) -> Option<(Excess, Range<usize>)> {
    // For each open bracket, the number of levels that were open before it.
    let mut open: Vec<usize> = Vec::new();
    let mut levels = 0_usize;
    // The number of names `source` at the start of the current header; `None` after another name.
    let mut sources = Some(0_usize);
    let mut at_line_start = true;
    for (count, token) in Source::new(text).lex().enumerate() {
        let span = token.span().start()..token.span().end();
        if count >= MAX_TOKENS {
            return Some((Excess::Tokens, span));
        }
        match token.kind() {
            TokenKind::Whitespace | TokenKind::Comment => continue,
            TokenKind::Newline => {
                if open.is_empty() {
                    levels = 0;
                }
                at_line_start = open.is_empty();
                continue;
            }
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                if at_line_start {
                    sources = Some(0);
                }
                open.push(levels);
                levels += 1;
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                levels = open.pop().unwrap_or(0);
                sources = None;
            }
            // Inside brackets, the next key or value follows.
            TokenKind::Comma => levels = open.last().map_or(0, |before| before + 1),
            TokenKind::Dot => levels += 1,
            TokenKind::Equals => sources = None,
            _ => {
                let is_source = text.get(span.clone()) == Some("source");
                sources = sources.filter(|_| is_source).map(|count| count + 1);
                if sources.is_some_and(|count| count > MAX_TREES) {
                    return Some((Excess::Trees, span));
                }
            }
        }
        at_line_start = false;
        if levels > MAX_LEVELS {
            return Some((Excess::Levels, span));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&(Excess, usize)>) {
        let found = excess(text).map(|(excess, span)| (excess, span.start));
        let shown: String = text.chars().take(60).collect();
        assert_eq!(found.as_ref(), expected, "{shown}");
    }

    fn header(depth: usize) -> String {
        format!("[[{}]]\n", vec!["source"; depth].join("."))
    }

    #[test]
    fn trees_may_be_as_deep_as_is_said() {
        let deep: String = (1..=MAX_TREES).map(header).collect();
        check(&deep, None);
        check(
            &format!("{deep}[source{}.alert]", ".source".repeat(63)),
            None,
        );
        let too_deep = format!("{deep}{}", header(MAX_TREES + 1));
        let last = "[[source.".len() + 7 * (MAX_TREES - 1);
        check(&too_deep, Some(&(Excess::Trees, deep.len() + last)));
        check(
            "a = 1\n[[source]] # x\nsource = 1\nb.source.source = 2",
            None,
        );
    }

    #[test]
    fn levels_are_bounded_whatever_they_are_made_of() {
        let brackets = format!("a = {}", "[".repeat(100_000));
        check(&brackets, Some(&(Excess::Levels, 4 + MAX_LEVELS)));
        let keys = format!("a{} = 1", ".a".repeat(100_000));
        check(&keys, Some(&(Excess::Levels, 1 + 2 * MAX_LEVELS)));
        let header = format!("[a{}]", ".a".repeat(100_000));
        check(&header, Some(&(Excess::Levels, 2 * MAX_LEVELS)));
        let mixed = format!("a = {}", "{ b.b.b = ".repeat(100_000));
        assert!(excess(&mixed).is_some(), "dotted keys count within tables");
        let wide = format!("a = [{}]", "[1.5, 2.5], ".repeat(100_000));
        check(&wide, None);
        let long = "a = 1.5\nb.c = [\n 1.5,\n 2.5\n]\n".repeat(10_000);
        check(&long, None);
    }
}
