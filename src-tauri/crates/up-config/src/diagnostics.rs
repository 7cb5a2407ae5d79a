//! Collects errors and warnings while a configuration is read.

use std::ops::Range;

use up_source::Secret;

use crate::error::{ConfigError, Mistake};
use crate::text::ConfigText;

/// The errors and warnings found so far in one file.
pub(crate) struct Diagnostics<'t> {
    text: &'t ConfigText<'t>,
    mistakes: Vec<Mistake>,
    /// The byte that each mistake is about.
    starts: Vec<usize>,
    more: bool,
    /// `FILE:LINE:COL: …` lines.
    pub(crate) warnings: Vec<String>,
}

impl<'t> Diagnostics<'t> {
    pub(crate) fn new(text: &'t ConfigText<'t>) -> Self {
        Self {
            text,
            mistakes: Vec::new(),
            starts: Vec::new(),
            more: false,
            warnings: Vec::new(),
        }
    }

    /// Records a mistake at these bytes of the text.
    pub(crate) fn error(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        if self.is_full() {
            self.more = true;
            return;
        }
        self.starts.push(span.start);
        self.mistakes.push(Mistake {
            file: self.text.file().to_owned(),
            place: Some(self.text.place(span)),
            message: message.into(),
            help,
        });
    }

    /// Records a warning at this byte of the text: something that is allowed, but unwise.
    pub(crate) fn warn(&mut self, at: usize, message: &str) {
        if self.warnings.len() < ConfigError::MOST {
            let (line, column) = self.text.line_and_column(at);
            let file = self.text.file();
            self.warnings
                .push(format!("{file}:{line}:{column}: {message}"));
        }
    }

    /// True if no further mistake would be recorded, so that reading on is of no use.
    pub(crate) fn is_full(&self) -> bool {
        self.mistakes.len() >= ConfigError::MOST
    }

    /// Like `is_full`, and also records that diagnostics were truncated.
    pub(crate) fn gives_up(&mut self) -> bool {
        self.more |= self.is_full();
        self.is_full()
    }

    /// True while no mistake was recorded.
    pub(crate) fn is_clean(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// The line of this byte, counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.text.line(at)
    }

    /// The whole text of the file.
    pub(crate) fn text(&self) -> &'t str {
        self.text.text()
    }

    /// Returns the warnings, or the error if there are mistakes. No message contains a text that is
    /// hidden in the file, or one of the secrets that were read from `elsewhere`.
    pub(crate) fn finish(mut self, elsewhere: &[Secret]) -> Result<Vec<String>, ConfigError> {
        if self.mistakes.is_empty() {
            Ok(self.warnings)
        } else {
            let also: Vec<&str> = elsewhere.iter().map(Secret::reveal).collect();
            let each = self.mistakes.iter_mut().zip(&self.starts);
            let texts = each.flat_map(|(mistake, at)| {
                let texts = [Some(&mut mistake.message), mistake.help.as_mut()];
                texts.into_iter().flatten().map(|text| (text, *at))
            });
            self.text.hide_in(texts.collect(), &also);
            let mut mistakes = self.mistakes;
            // A person works through a file from the top; the sort is stable.
            mistakes.sort_by_key(|mistake| {
                let place = mistake.place.as_ref();
                place.map_or((0, 0), |place| (place.line, place.column))
            });
            Err(ConfigError::new(mistakes, self.more))
        }
    }
}
