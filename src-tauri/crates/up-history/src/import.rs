//! Reads the histories that other files hold, so that they can be added to the embedded history: the
//! comma-separated values that Up exports, and the databases of Uptime Kuma and Gatus.
//!
//! A file is read and checked as a whole before anything is added. Its samples wait in a temporary
//! database ([`StagedImport`]), sorted, so that a file of any size and order takes little memory.

mod cause;
mod csv;
mod date;
mod gatus;
mod kuma;
mod sqlite;
mod staged;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use up_core::Timestamp;

use crate::sample::Point;

pub use csv::COLUMNS;
pub use staged::StagedImport;

/// A sample of another file.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedSample {
    /// The path that it is added to.
    pub path: Arc<str>,
    /// What it says.
    pub point: Point,
}

/// Why a file could not be imported. Nothing of it was added.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A field is not what it should be.
    #[error("{file}, line {line}, column {column} ({name}): {problem}")]
    Field {
        /// The file.
        file: String,
        /// The line that the row begins on, from 1 on.
        line: u64,
        /// The number of the column, from 1 on.
        column: usize,
        /// The name of the column.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file as a whole is not what it should be, or cannot be read.
    #[error("{file}: {problem}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The samples cannot be put into a temporary file.
    #[error("the samples cannot be sorted in a temporary file: {0}")]
    Staging(String),
}

/// What is to be read, and to which paths its samples belong.
#[derive(Clone, Copy, Debug)]
pub struct ImportRequest<'r> {
    /// The file; `-` is standard input.
    pub file: &'r Path,
    /// The path of the samples, or the tree below which the paths of the file are put.
    pub path: Option<&'r str>,
    /// The time now. No sample may be much younger.
    pub now: Timestamp,
}

/// How far ahead of the clock a sample may be, in seconds: clocks differ.
const AHEAD: f64 = 86_400.0;

/// The first bytes of an SQLite file.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Reads and checks a file. `progress` is called now and then with the number of samples so far.
pub fn stage(
    request: &ImportRequest<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<StagedImport, ImportError> {
    let name = request.file.display().to_string();
    let unreadable = |error: io::Error| ImportError::File {
        file: name.clone(),
        problem: format!("it cannot be read: {error}"),
    };
    let mut input: Box<dyn Read> = if request.file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(request.file).map_err(unreadable)?)
    };
    let mut start = Vec::with_capacity(SQLITE.len());
    (&mut input)
        .take(SQLITE.len() as u64)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    let mut staged = StagedImport::new()?;
    if start == SQLITE {
        drop(input);
        sqlite::read(request, &name, &mut staged, progress)?;
    } else {
        csv::read(
            &mut io::Cursor::new(start).chain(input),
            request,
            &name,
            &mut staged,
            progress,
        )?;
    }
    Ok(staged)
}

/// What is wrong with a date, if anything is.
pub(crate) fn date_problem(date: Timestamp, now: Timestamp) -> Option<String> {
    if !(0.0..253_402_300_800.0).contains(&date) {
        return Some("not Unix seconds from 1970 to 9999".into());
    }
    (date > now + AHEAD).then(|| "more than a day after now; dates are Unix seconds".into())
}
