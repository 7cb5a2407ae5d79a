//! What is wrong with a configuration, as a person reads it: place, message, the line, help.

use std::fmt;

use up_core::cause::one_line;

/// Everything that is wrong with a configuration, at most [`ConfigError::MOST`] mistakes of it.
/// Shown as one block of lines a mistake, the first of which begins `FILE:LINE:COL: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    mistakes: Vec<Mistake>,
    more: bool,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file, as it was named to us.
    pub file: String,
    /// Where in it; `None` when the file as such could not be read.
    pub place: Option<Location>,
    /// What is wrong: one line, without secrets.
    pub message: String,
    /// What to write instead: one line.
    pub help: Option<String>,
}

/// A place in a file, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// The line, made safe to show: no control characters, no secrets, of bounded length.
    pub excerpt: String,
    /// How many columns of a terminal `excerpt` takes before the place.
    pub indent: usize,
    /// How many columns it takes in the place, at least 1.
    pub width: usize,
}

/// The longest message or help, in bytes.
const LONGEST: usize = 600;

impl ConfigError {
    /// So many mistakes are told; whoever mends them is told of the rest.
    pub const MOST: usize = 20;

    /// Those mistakes, of which there is at least one; `more` when there may be others.
    pub(crate) fn new(mistakes: Vec<Mistake>, more: bool) -> Self {
        Self { mistakes, more }
    }

    /// A file that could not be read at all.
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
            write!(f, "\n\nthere may be more: mend these first")?;
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
