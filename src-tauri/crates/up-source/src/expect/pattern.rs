//! Regular expressions: checked when the configuration is read, made anew for each check.
//!
//! A source rests much longer than it is asked, and a compiled expression with its caches is some
//! hundred times larger than its text.

use std::fmt;

use regex::{Regex, RegexBuilder};
use up_core::cause::one_line;

/// The most memory that a compiled expression may take, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// The most of an expression that is told.
const MAX_SHOWN: usize = 80;

/// An expression that compiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Box<str>);

impl Pattern {
    /// Takes an expression in; on failure, what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        compile(text).map_err(|error| match error {
            regex::Error::Syntax(report) => {
                // The report draws the place over several lines; its last says what is wrong.
                let last = report.lines().last().unwrap_or_default();
                let what = last.strip_prefix("error: ").unwrap_or(last);
                format!("{text:?} is no regular expression: {what}")
            }
            _ => format!("{text:?} is too large a regular expression"),
        })?;
        Ok(Self(text.into()))
    }

    /// Whether `text` has a match.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        compile(&self.0).is_ok_and(|regex| regex.is_match(text))
    }

    /// The first group of the first match in `text`; the match itself where there is no group.
    pub(crate) fn first<'t>(&self, text: &'t str) -> Option<&'t str> {
        let captures = compile(&self.0).ok()?.captures(text)?;
        let found = captures.get(1).or_else(|| captures.get(0))?;
        Some(found.as_str())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", one_line(&self.0, MAX_SHOWN))
    }
}

fn compile(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text)
        .size_limit(MAX_SIZE)
        .dfa_size_limit(MAX_SIZE)
        .build()
}
