//! Regular expressions of up.toml: checked when the configuration is read, compiled for each check.
//!
//! A source is idle most of the time, and a compiled expression with its caches takes some hundred
//! times the memory of its text.

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

/// The largest memory of a compiled expression, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// Above this number of bytes, compiling an expression takes longer than a slice.
const LARGE: usize = 64 << 10;

/// The largest number of characters of an expression that messages show.
const MAX_SHOWN: usize = 80;

/// A regular expression that is known to compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: Arc<str>,
    /// True if it is matched against bytes that need not be UTF-8.
    on_bytes: bool,
    /// True if compiling it takes longer than a slice.
    is_large: bool,
}

impl Pattern {
    /// Checks an expression for texts. The error says what is wrong with it, as one line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text, false)
    }

    /// Checks an expression for bytes. The error says what is wrong with it, as one line.
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
                // The report of regex-automata shows the position over several lines. Its last line
                // says what is wrong.
                let report = error
                    .source()
                    .map_or_else(|| error.to_string(), ToString::to_string);
                let last = report.lines().last().unwrap_or_default();
                let what = last.strip_prefix("error: ").unwrap_or(last);
                Err(format!("{text:?} is no regular expression: {what}"))
            }
        }
    }

    /// Compiles the NFA, with the groups that `groups` selects.
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

    /// The expression for messages.
    pub(crate) fn shown(&self) -> String {
        one_line(&self.text, MAX_SHOWN)
    }

    /// Starts a search for a match in a text that arrives in blocks.
    pub(crate) async fn search(&self, pace: &mut Pace) -> Search {
        if self.is_large {
            pace.rest().await;
        }
        Search::of(self)
    }

    /// True if `text` has a match.
    pub(crate) async fn is_in(&self, text: &DecodedText<'_>, pace: &mut Pace) -> bool {
        self.search(pace).await.is_in(text, pace).await
    }

    /// The text of the first group of the first match in `text`, or of the match if there is no
    /// group. At most the first 64 KiB of it.
    pub(crate) async fn first(&self, text: &DecodedText<'_>, pace: &mut Pace) -> Option<String> {
        // Most long texts have no match, and the search finds this out faster than the capture.
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
