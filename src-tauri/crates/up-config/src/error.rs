//! The error of a wrong configuration: for each mistake its location, a message, the line and help.

use std::fmt;

use up_core::cause::one_line;

/// The mistakes in a configuration, at most [`ConfigError::MOST`] of them. The text of the error
/// has one block of lines for each mistake, and each block begins with `FILE:LINE:COL: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    mistakes: Vec<Mistake>,
    more: bool,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The path of the file, as the caller gave it.
    pub file: String,
    /// The location in the file; `None` if the file itself could not be read.
    pub place: Option<Location>,
    /// What is wrong: one line, without secrets.
    pub message: String,
    /// What to write instead: one line.
    pub help: Option<String>,
}

/// A location in a file, and the line there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The text of the line without control characters and secrets, of bounded length.
    pub excerpt: String,
    /// The number of terminal columns that `excerpt` takes before the location.
    pub indent: usize,
    /// The number of terminal columns that the mistake takes in `excerpt`, at least 1.
    pub width: usize,
}

/// The longest message or help, in bytes.
const LONGEST: usize = 600;

impl ConfigError {
    /// The largest number of mistakes in one error. The rest is reported after these are corrected.
    pub const MOST: usize = 20;

    /// An error with these mistakes, of which there is at least one; `more` if there may be others.
    pub(crate) fn new(mistakes: Vec<Mistake>, more: bool) -> Self {
        Self { mistakes, more }
    }

    /// The error of a file that could not be read.
    pub(crate) fn unreadable(file: String, message: &str, help: Option<String>) -> Self {
        let mistake = Mistake {
            file,
            place: None,
            message: message.into(),
            help,
        };
        Self::new(vec![mistake], false)
    }

    /// The mistakes, in the order in which they were found; at least one.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.mistakes.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            mistake.fmt(f)?;
        }
        if self.more {
            write!(f, "\n\nthere may be more mistakes: correct these first")?;
        }
        Ok(())
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = one_line(&self.message, LONGEST);
        match &self.place {
            None => write!(f, "{}: {message}", self.file)?,
            Some(place) => {
                write!(f, "{}:{}:{}: ", self.file, place.line, place.column)?;
                write!(f, "{message}\n    {}\n    ", place.excerpt)?;
                write!(f, "{:1$}", "", place.indent)?;
                f.write_str(&"^".repeat(place.width))?;
            }
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {}", one_line(help, LONGEST))?;
        }
        Ok(())
    }
}
