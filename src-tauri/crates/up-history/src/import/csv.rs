//! Comma-separated values as `up history PATH --csv` and `up history export` write them: RFC 4180 with
//! a header. The columns may come in any order, and only `date` and `status` must be there.

use std::io::{ErrorKind, Read};

use csv_core::{ReadRecordResult, Reader};
use up_core::CauseCode;
use up_core::cause::one_line;
use up_core::path::is_path;

use super::staged::StagedImport;
use super::{ImportError, ImportRequest, date_problem};
use crate::sample::{KeptCause, Point};

/// The columns of one path's samples, in the order in which they are exported. An export of several
/// paths has `path` before them.
pub const COLUMNS: [&str; 5] = ["date", "status", "duration", "cause_code", "cause"];
const PATH: &str = "path";

/// The longest row, in bytes: a path may be 40 KB.
const LONGEST_ROW: usize = 64 << 10;
/// The most fields of a row.
const MOST_FIELDS: usize = 64;

/// The longest duration, in seconds: an hour is more than any check takes.
const LONGEST_DURATION: f64 = 1e9;

/// After so many samples the progress is reported.
const REPORT: u64 = 10_000;

/// Reads all rows.
pub(super) fn read(
    input: &mut dyn Read,
    request: &ImportRequest<'_>,
    file: &str,
    staged: &mut StagedImport,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ImportError> {
    let mut rows = Rows::new(input, file);
    let Some(header) = rows.next_row()? else {
        return Err(rows.problem("it is empty; the first line must name the columns, such as \"date,status,duration,cause_code,cause\""));
    };
    let layout = Layout::of(&header, request.path, file)?;
    while let Some(row) = rows.next_row()? {
        let (path, sample) = layout.sample(&row, request, file)?;
        staged.put(&path, &sample)?;
        if staged.total().is_multiple_of(REPORT) {
            progress(staged.total());
        }
    }
    Ok(())
}

/// A row: its fields, and the line that it begins on.
struct CsvRow {
    line: u64,
    fields: Vec<String>,
}

impl CsvRow {
    fn fault(&self, file: &str, column: usize, name: &str, problem: String) -> ImportError {
        ImportError::Field {
            file: file.into(),
            line: self.line,
            column: column + 1,
            name: name.into(),
            problem,
        }
    }
}

/// The cause code that `text` is, or what is wrong with it.
fn cause_code(text: &str) -> Result<CauseCode, String> {
    text.parse().map_err(|()| {
        let all: Vec<_> = CauseCode::ALL.iter().map(|code| code.code()).collect();
        let all = all.join(", ");
        format!("{text:?} is not a cause code of Up, which are: {all}")
    })
}

/// Which field is what.
struct Layout {
    columns: Vec<String>,
    path: Option<usize>,
    /// Of each of [`COLUMNS`], where it is.
    known: [Option<usize>; 5],
}

impl Layout {
    fn of(header: &CsvRow, path: Option<&str>, file: &str) -> Result<Self, ImportError> {
        let mut layout = Self {
            columns: header.fields.clone(),
            path: None,
            known: [None; 5],
        };
        for (column, name) in header.fields.iter().enumerate() {
            let place = match COLUMNS.iter().position(|known| known == name) {
                Some(known) => &mut layout.known[known],
                None if name == PATH => &mut layout.path,
                None => {
                    let problem = format!(
                        "the first line must name the columns, of which Up knows path, {}",
                        COLUMNS.join(", ")
                    );
                    return Err(header.fault(file, column, name, problem));
                }
            };
            if place.replace(column).is_some() {
                return Err(header.fault(file, column, name, "the column is there twice".into()));
            }
        }
        for (known, name) in [(0, "date"), (1, "status")] {
            if layout.known[known].is_none() {
                let problem = format!("the first line names no column {name}");
                return Err(header.fault(file, 0, name, problem));
            }
        }
        if layout.path.is_none() && path.is_none() {
            return Err(ImportError::File {
                file: file.into(),
                problem: "it has no column path: name the path of its samples by --path".into(),
            });
        }
        Ok(layout)
    }

    fn sample(
        &self,
        row: &CsvRow,
        request: &ImportRequest<'_>,
        file: &str,
    ) -> Result<(String, Point), ImportError> {
        let fault = |column: usize, problem: String| {
            let name = self.columns.get(column).map_or("", String::as_str);
            row.fault(file, column, name, problem)
        };
        if row.fields.len() != self.columns.len() {
            let (found, expected) = (row.fields.len(), self.columns.len());
            let column = found.min(expected);
            return Err(fault(
                column,
                format!("the row has {found} fields, and the first line {expected}"),
            ));
        }
        let field = |known: usize| {
            let column = self.known[known]?;
            Some((column, row.fields.get(column)?.as_str()))
        };
        let number = |known: usize| match field(known) {
            None | Some((_, "")) => Ok(None),
            Some((column, text)) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Some((column, number))),
                _ => Err(fault(column, format!("{text:?} is not a number"))),
            },
        };
        // A number such as 1e308 is said as it was written, not with all its digits.
        let written = |column: usize| one_line(&row.fields[column], 40);
        let date = match number(0)? {
            Some((column, date)) => match date_problem(date, request.now) {
                None => date,
                Some(problem) => {
                    return Err(fault(column, format!("{} is {problem}", written(column))));
                }
            },
            None => return Err(fault(self.known[0].unwrap_or(0), "there is no date".into())),
        };
        let status = match number(1)? {
            Some((column, status)) if !(0.0..=1.0).contains(&status) => {
                let problem = format!("{} is not from 0 to 1", written(column));
                return Err(fault(column, problem));
            }
            status => status.map(|(_, status)| status),
        };
        let duration = match number(2)? {
            Some((column, duration)) if !(0.0..=LONGEST_DURATION).contains(&duration) => {
                return Err(fault(
                    column,
                    format!(
                        "{} is not a duration from 0 to {LONGEST_DURATION:e} seconds",
                        written(column)
                    ),
                ));
            }
            duration => duration.map_or(0.0, |(_, duration)| duration),
        };
        let code = match field(3) {
            None | Some((_, "")) => None,
            Some((column, text)) => {
                Some(cause_code(text).map_err(|problem| fault(column, problem))?)
            }
        };
        let text = field(4).map_or("", |(_, text)| unguarded(text));
        let cause = (code.is_some() || !text.is_empty()).then(|| KeptCause::new(code, text));
        let path = self.path_of(row, request.path, file)?;
        Ok((
            path,
            Point {
                date,
                status,
                duration,
                cause,
            },
        ))
    }

    fn path_of(
        &self,
        row: &CsvRow,
        below: Option<&str>,
        file: &str,
    ) -> Result<String, ImportError> {
        let below = below.unwrap_or_default();
        let Some(column) = self.path else {
            return Ok(below.into());
        };
        let text = row.fields.get(column).map_or("", |text| unguarded(text));
        let path = format!("{below}{text}");
        if !text.starts_with('/') || !is_path(&path) {
            return Err(row.fault(file, column, PATH, format!("{text:?} is not a path")));
        }
        Ok(path)
    }
}

/// A text without the apostrophe that an export puts before what a spreadsheet would take for a
/// formula.
fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
    }
}

/// The rows of a file, of which one is held at a time.
struct Rows<'r> {
    input: &'r mut dyn Read,
    file: &'r str,
    reader: Reader,
    buffer: Vec<u8>,
    /// The fields of the row that is being read, and where each ends.
    text: Vec<u8>,
    ends: [usize; MOST_FIELDS],
    /// The line that comes next, from 1 on.
    line: u64,
    /// What of the buffer has not been parsed.
    rest: (usize, usize),
}

impl<'r> Rows<'r> {
    fn new(input: &'r mut dyn Read, file: &'r str) -> Self {
        Self {
            input,
            file,
            reader: Reader::new(),
            buffer: vec![0; 64 << 10],
            text: vec![0; LONGEST_ROW],
            ends: [0; MOST_FIELDS],
            line: 1,
            rest: (0, 0),
        }
    }

    fn problem(&self, problem: impl Into<String>) -> ImportError {
        ImportError::File {
            file: self.file.into(),
            problem: problem.into(),
        }
    }

    /// Reads more if all was parsed; false at the end.
    fn fill(&mut self) -> Result<bool, ImportError> {
        while self.rest.0 == self.rest.1 {
            match self.input.read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(read) => self.rest = (0, read),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(self.problem(format!("it cannot be read: {e}"))),
            }
        }
        Ok(true)
    }

    /// Passes over the ends of lines, which the parser leaves before the next row.
    fn pass_line_ends(&mut self) -> Result<(), ImportError> {
        while self.fill()? {
            match self.buffer[self.rest.0] {
                b'\n' => self.line += 1,
                b'\r' => {}
                _ => break,
            }
            self.rest.0 += 1;
        }
        Ok(())
    }

    fn next_row(&mut self) -> Result<Option<CsvRow>, ImportError> {
        self.pass_line_ends()?;
        let line = self.line;
        let (mut written, mut fields) = (0, 0);
        loop {
            // At the end of the file, the parser is given nothing.
            self.fill()?;
            let input = &self.buffer[self.rest.0..self.rest.1];
            let (result, taken, wrote, ended) =
                self.reader
                    .read_record(input, &mut self.text[written..], &mut self.ends[fields..]);
            self.line += input[..taken].split(|b| *b == b'\n').skip(1).count() as u64;
            self.rest.0 += taken;
            written += wrote;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(self.problem(format!(
                        "the row that begins on line {line} is too long, or has too many fields"
                    )));
                }
            }
        }
        let mut begin = 0;
        let mut row = CsvRow {
            line,
            fields: Vec::with_capacity(fields),
        };
        for (column, end) in self.ends[..fields].iter().enumerate() {
            let field = str::from_utf8(&self.text[begin..*end])
                .map_err(|_| row.fault(self.file, column, "", "it is not UTF-8".into()))?;
            row.fields.push(field.into());
            begin = *end;
        }
        Ok(Some(row))
    }
}
