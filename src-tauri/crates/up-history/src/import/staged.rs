//! The samples of a file while they wait to be added: in a temporary database on the disk, which
//! SQLite removes when it is closed, and which no other user can read.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};
use up_core::{CauseCode, Timestamp};

use super::{ImportError, ImportedSample};
use crate::sample::{KeptCause, Point};

/// So many samples are handed out at a time, about.
const STEP: usize = 5_000;

/// At the most, where the samples of one path and day have to be handed out together.
const MOST: usize = 200_000;

/// The longest time between the first and the last sample that are handed out together, in seconds.
const LONGEST: f64 = 31.0 * 86_400.0;

const DAY: f64 = 86_400.0;

/// So many names are remembered while a file is read.
const NAMES: usize = 10_000;

const SCHEMA: &str = "
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -4096;
PRAGMA temp_store = FILE;
CREATE TABLE paths(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE causes(id INTEGER PRIMARY KEY, code TEXT NOT NULL, text TEXT NOT NULL, UNIQUE(code, text));
CREATE TABLE samples(path INTEGER NOT NULL, date REAL NOT NULL, status REAL, duration REAL NOT NULL, cause INTEGER);
CREATE TABLE sorted(id INTEGER PRIMARY KEY, path INTEGER NOT NULL, date REAL NOT NULL, status REAL, duration REAL NOT NULL, cause INTEGER);
BEGIN;
";

/// The samples of a file, checked.
pub struct StagedImport {
    connection: Connection,
    paths: HashMap<Arc<str>, i64>,
    /// How many were put in.
    total: u64,
    /// The number of the one that was handed out last.
    handed_out: i64,
    /// Samples of before this time are handed out a path and day at a time.
    pruned: Timestamp,
    remarks: Vec<String>,
}

impl StagedImport {
    /// None yet.
    pub(crate) fn new() -> Result<Self, ImportError> {
        // An empty name makes a temporary file of its own.
        let connection = Connection::open("").map_err(failed)?;
        connection.execute_batch(SCHEMA).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(16);
        Ok(Self {
            connection,
            paths: HashMap::new(),
            total: 0,
            handed_out: 0,
            pruned: 0.0,
            remarks: Vec::new(),
        })
    }

    /// Puts a sample in. Its numbers have been checked.
    pub(crate) fn put(&mut self, path: &str, sample: &Point) -> Result<(), ImportError> {
        let put = |this: &mut Self| -> rusqlite::Result<()> {
            let path = this.path(path)?;
            let cause = match &sample.cause {
                Some(cause) => Some(this.cause(cause)?),
                None => None,
            };
            this.connection
                .prepare_cached("INSERT INTO samples VALUES(?1, ?2, ?3, ?4, ?5)")?
                .execute(params![
                    path,
                    sample.date,
                    sample.status,
                    sample.duration,
                    cause
                ])
                .map(drop)
        };
        put(self).map_err(failed)?;
        self.total += 1;
        Ok(())
    }

    fn path(&mut self, path: &str) -> rusqlite::Result<i64> {
        if let Some(number) = self.paths.get(path) {
            return Ok(*number);
        }
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO paths(path) VALUES(?1)")?
            .execute([path])?;
        let number = self
            .connection
            .prepare_cached("SELECT id FROM paths WHERE path = ?1")?
            .query_row([path], |row| row.get(0))?;
        if self.paths.len() >= NAMES {
            self.paths.clear();
        }
        self.paths.insert(path.into(), number);
        Ok(number)
    }

    fn cause(&self, cause: &KeptCause) -> rusqlite::Result<i64> {
        let code = cause.code.map_or("", CauseCode::code);
        let find = || {
            self.connection
                .prepare_cached("SELECT id FROM causes WHERE code = ?1 AND text = ?2")?
                .query_row([code, cause.text()], |row| row.get(0))
                .optional()
        };
        if let Some(number) = find()? {
            return Ok(number);
        }
        self.connection
            .prepare_cached("INSERT INTO causes(code, text) VALUES(?1, ?2)")?
            .insert([code, cause.text()])
    }

    /// Notes something that a person should know of the file.
    pub(crate) fn remark(&mut self, remark: String) {
        self.remarks.push(remark);
    }

    /// What a person should know of the file, a line each.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// How many samples the file has.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many paths the file has samples of.
    pub fn path_count(&self) -> Result<u64, ImportError> {
        self.count("SELECT count(*) FROM paths WHERE ?1 IS NOT NULL", 0.0)
    }

    /// How many samples are older than this.
    pub fn older_than(&self, date: Timestamp) -> Result<u64, ImportError> {
        self.count("SELECT count(*) FROM samples WHERE date < ?1", date)
    }

    fn count(&self, query: &str, date: Timestamp) -> Result<u64, ImportError> {
        let count = |row: &Row<'_>| row.get::<_, i64>(0);
        let count = self.connection.query_row(query, [date], count);
        count.map(i64::unsigned_abs).map_err(failed)
    }

    /// Sorts the samples, to be handed out by date. Those of before `pruned` come first, and are handed
    /// out a path and day at a time: of these days, the history may have nothing but rollups.
    pub fn sort(&mut self, pruned: Timestamp) -> Result<(), ImportError> {
        self.pruned = pruned;
        let sort = |condition: &str, order: &str| {
            let query = format!(
                "INSERT INTO sorted(path, date, status, duration, cause)
                 SELECT path, date, status, duration, cause FROM samples
                 WHERE date {condition} ?1 ORDER BY {order}, rowid"
            );
            self.connection.execute(&query, [pruned])
        };
        sort("<", "path, date")
            .and_then(|_| sort(">=", "date"))
            .and_then(|_| self.connection.execute("DELETE FROM samples", []))
            .map(drop)
            .map_err(failed)
    }

    /// The next samples, some thousands at a time; none when all were handed out.
    pub fn next_step(&mut self) -> Result<Vec<ImportedSample>, ImportError> {
        let (step, last) = self.read_step().map_err(failed)?;
        self.handed_out = last;
        Ok(step)
    }

    fn read_step(&self) -> rusqlite::Result<(Vec<ImportedSample>, i64)> {
        let mut select = self.connection.prepare_cached(
            "SELECT s.id, p.path, s.date, s.status, s.duration, c.code, c.text
             FROM sorted s JOIN paths p ON p.id = s.path LEFT JOIN causes c ON c.id = s.cause
             WHERE s.id > ?1 ORDER BY s.id",
        )?;
        let mut rows = select.query([self.handed_out])?;
        let mut step: Vec<ImportedSample> = Vec::with_capacity(STEP);
        let mut last = self.handed_out;
        while let Some(row) = rows.next()? {
            let path = row.get_ref(1)?.as_str()?;
            let date: f64 = row.get(2)?;
            let before = step.last();
            if self.ends_step(&step, path, date) {
                break;
            }
            let path = match before {
                Some(before) if &*before.path == path => Arc::clone(&before.path),
                _ => path.into(),
            };
            step.push(ImportedSample {
                path,
                point: Point {
                    date,
                    status: row.get(3)?,
                    duration: row.get(4)?,
                    cause: cause(row)?,
                },
            });
            last = row.get(0)?;
        }
        Ok((step, last))
    }

    /// True if this sample belongs to the next step.
    fn ends_step(&self, step: &[ImportedSample], path: &str, date: f64) -> bool {
        let (Some(first), Some(before)) = (step.first(), step.last()) else {
            return false;
        };
        let day = |date: f64| (date / DAY).floor() as i64;
        let was_old = before.point.date < self.pruned;
        if step.len() >= MOST || was_old != (date < self.pruned) {
            return true;
        }
        if was_old {
            let is_same = &*before.path == path && day(before.point.date) == day(date);
            return !is_same && step.len() >= STEP;
        }
        step.len() >= STEP || date - first.point.date > LONGEST
    }
}

fn cause(row: &Row<'_>) -> rusqlite::Result<Option<KeptCause>> {
    let code: Option<String> = row.get(5)?;
    let Some(text) = row.get::<_, Option<String>>(6)? else {
        return Ok(None);
    };
    let code = code.and_then(|code| code.parse().ok());
    Ok(Some(KeptCause::new(code, text)))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn failed(error: rusqlite::Error) -> ImportError {
    ImportError::Staging(error.to_string())
}
