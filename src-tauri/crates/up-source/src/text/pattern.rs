//! Regular expressions: checked when the configuration is read, compiled anew for each check.
//!
//! A source rests much longer than it is asked, and a compiled expression with its caches is some
//! hundred times larger than its text.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

use regex_automata::nfa::thompson::{BuildError, Config, NFA, WhichCaptures};
use regex_automata::util::syntax;
use up_core::cause::one_line;

use super::DecodedText;
use super::capture::Capture;
use super::pace::Pace;
use super::search::Search;

/// The most memory that a compiled expression may take, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// A compiled expression of this size takes longer to make than a slice.
const LARGE: usize = 64 << 10;

/// The most of an expression that is told.
const MAX_SHOWN: usize = 80;

/// An expression that compiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: Arc<str>,
    /// What it is held against need not be UTF-8.
    on_bytes: bool,
    is_large: bool,
}

impl Pattern {
    /// Takes an expression for texts in; on failure, what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text, false)
    }

    /// Takes an expression for bytes in; on failure, what is wrong with it.
    pub(crate) fn parse_for_bytes(text: &str) -> Result<Self, String> {
        Self::read(text, true)
    }

    fn read(text: &str, on_bytes: bool) -> Result<Self, String> {
        let mut pattern = Self {
            text: text.into(),
            on_bytes,
            is_large: false,
        };
        match pattern.compile(WhichCaptures::All) {
            Ok(nfa) => {
                pattern.is_large = nfa.memory_usage() > LARGE;
                Ok(pattern)
            }
            Err(error) if error.size_limit().is_some() => Err(format!(
                "{text:?} is too large a regular expression: compiled, it takes over 1 MiB"
            )),
            Err(error) => {
                // The report draws the place over several lines; its last says what is wrong.
                let report = error
                    .source()
                    .map_or_else(|| error.to_string(), ToString::to_string);
                let last = report.lines().last().unwrap_or_default();
                let what = last.strip_prefix("error: ").unwrap_or(last);
                Err(format!("{text:?} is no regular expression: {what}"))
            }
        }
    }

    /// Its NFA, with those of its groups.
    pub(super) fn compile(&self, groups: WhichCaptures) -> Result<NFA, Box<BuildError>> {
        let config = Config::new()
            .utf8(!self.on_bytes)
            .nfa_size_limit(Some(MAX_SIZE))
            .which_captures(groups);
        NFA::compiler()
            .syntax(syntax::Config::new().utf8(!self.on_bytes))
            .configure(config)
            .build(&self.text)
            .map_err(Box::new)
    }

    /// It as it is shown.
    pub(crate) fn shown(&self) -> String {
        one_line(&self.text, MAX_SHOWN)
    }

    /// A search for a match in a text that comes in blocks.
    pub(crate) async fn search(&self, pace: &mut Pace) -> Search {
        if self.is_large {
            pace.rest().await;
        }
        Search::of(self)
    }

    /// Whether `text` has a match.
    pub(crate) async fn is_in(&self, text: &DecodedText<'_>, pace: &mut Pace) -> bool {
        self.search(pace).await.is_in(text, pace).await
    }

    /// The first group of the first match in `text`; the match itself where there is no group. Of
    /// a long one only the beginning.
    pub(crate) async fn first(&self, text: &DecodedText<'_>, pace: &mut Pace) -> Option<String> {
        // Most of what is long has no match, which is found out fast.
        if !self.is_in(text, pace).await {
            return None;
        }
        pace.breathe().await;
        let mut capture = Capture::of(self)?;
        let mut blocks = text.blocks();
        while let Some(block) = blocks.next() {
            if capture.feed(block, pace).await {
                break;
            }
        }
        let range = capture.end(pace).await?;
        Some(text.part(range))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.shown())
    }
}
