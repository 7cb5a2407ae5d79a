//! The SQLite file of another monitor. Which one it is says its content, not its name.

use std::collections::{BTreeSet, HashMap};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use up_core::Timestamp;
use up_core::path::{is_path, join, tame_name};

use super::staged::StagedImport;
use super::{ImportError, ImportRequest, date, date_problem, gatus, kuma};
use crate::sample::Point;

/// The longest duration that is believed, in seconds.
const LONGEST_DURATION: f64 = 1e6;

/// The longest message that is read, in bytes.
pub(super) const LONGEST_TEXT: u32 = 100_000;

/// After so many samples the progress is reported.
const REPORT: u64 = 10_000;

/// Reads all samples of the file.
pub(super) fn read(
    request: &ImportRequest<'_>,
    file: &str,
    staged: &mut StagedImport,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ImportError> {
    let fault = |problem: String| ImportError::File {
        file: file.into(),
        problem,
    };
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(request.file, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.pragma_update(None, "cache_size", -4096)?;
        let tables = connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?
            .query_map([], |row| row.get::<_, String>(0))?
            .collect::<rusqlite::Result<BTreeSet<_>>>()?;
        Ok((connection, tables))
    };
    let unreadable = |e: &rusqlite::Error| fault(format!("it cannot be read: {e}"));
    let (connection, tables) = open().map_err(|e: rusqlite::Error| unreadable(&e))?;
    let has = |names: [&str; 2]| names.iter().all(|name| tables.contains(*name));
    let mut reading = ForeignHistory {
        connection: &connection,
        prefix: request.path.unwrap_or_default(),
        now: request.now,
        staged,
        progress,
        failed: None,
        refused: 0,
    };
    let read = if has(["monitor", "heartbeat"]) {
        kuma::read(&mut reading)
    } else if has(["endpoints", "endpoint_results"]) {
        gatus::read(&mut reading)
    } else if has(["recent", "runs"]) {
        return Err(fault(
            "it is a history of Up: export it by `UP_DATA_DIR=ITS_FOLDER up history export`, and \
             import that"
                .into(),
        ));
    } else {
        return Err(fault(
            "it is an SQLite file, but neither of Uptime Kuma nor of Gatus".into(),
        ));
    };
    let (failed, refused) = (reading.failed.take(), reading.refused);
    if let Some(error) = failed {
        return Err(error);
    }
    read.map_err(|e| unreadable(&e))?;
    if refused > 0 {
        staged.remark(format!(
            "left out {refused} sample{} whose date or status cannot be one",
            if refused == 1 { "" } else { "s" }
        ));
    }
    Ok(())
}

/// A file of another monitor while it is read.
pub(super) struct ForeignHistory<'r> {
    pub(super) connection: &'r Connection,
    prefix: &'r str,
    now: Timestamp,
    staged: &'r mut StagedImport,
    progress: &'r mut dyn FnMut(u64),
    /// Why a sample could not be staged.
    failed: Option<ImportError>,
    /// How many samples could not be any.
    refused: u64,
}

impl ForeignHistory<'_> {
    /// Takes a sample of a path. What cannot be a sample is counted, and left out. False if nothing
    /// more can be taken.
    pub(super) fn take(&mut self, path: &str, sample: Option<Point>) -> bool {
        let is_sample = |sample: &Point| date_problem(sample.date, self.now).is_none();
        let Some(mut sample) = sample.filter(is_sample) else {
            self.refused += 1;
            return true;
        };
        if !(0.0..=LONGEST_DURATION).contains(&sample.duration) {
            sample.duration = 0.0;
        }
        if let Err(error) = self.staged.put(path, &sample) {
            self.failed = Some(error);
            return false;
        }
        if self.staged.total().is_multiple_of(REPORT) {
            (self.progress)(self.staged.total());
        }
        true
    }

    /// Notes something that a person should know of the file.
    pub(super) fn remark(&mut self, remark: String) {
        self.staged.remark(remark);
    }

    /// The paths of things that may have a parent, by their numbers. Those of one name below one
    /// parent are told apart by their numbers.
    pub(super) fn paths(&self, things: &[Named]) -> HashMap<i64, String> {
        let by_number: HashMap<i64, &Named> = things.iter().map(|t| (t.number, t)).collect();
        let mut seen: HashMap<(Option<i64>, String), i64> = HashMap::new();
        let mut names = HashMap::new();
        for thing in things {
            let name = tame_name(&thing.name).unwrap_or_else(|| thing.number.to_string());
            let first = *seen
                .entry((thing.parent, name.clone()))
                .or_insert(thing.number);
            let name = if first == thing.number {
                name
            } else {
                format!("{name} ({})", thing.number)
            };
            names.insert(thing.number, name);
        }
        let path = |thing: &Named| {
            let mut way = vec![thing.number];
            let mut above = thing.parent;
            // A parent of its own is none.
            while let Some(parent) = above.and_then(|parent| by_number.get(&parent)) {
                if way.contains(&parent.number) {
                    break;
                }
                way.push(parent.number);
                above = parent.parent;
            }
            let names = way.iter().rev().filter_map(|number| names.get(number));
            let path = names.fold(self.prefix.to_owned(), |path, name| join(&path, name));
            is_path(&path).then_some((thing.number, path))
        };
        things.iter().filter_map(path).collect()
    }
}

/// Something that has samples, or a group of such things.
pub(super) struct Named {
    pub(super) number: i64,
    pub(super) name: String,
    pub(super) parent: Option<i64>,
}

/// The date of a column, whatever form it has: a text, or Unix seconds, milliseconds or nanoseconds.
pub(super) fn date_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let number = |number: f64| match number.abs() {
        ..1e11 => number,
        ..1e14 => number / 1e3,
        _ => number / 1e9,
    };
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(integer) => Some(number(integer as f64)),
        ValueRef::Real(real) => Some(number(real)),
        ValueRef::Text(bytes) => str::from_utf8(bytes).ok().and_then(date::parse),
        _ => None,
    })
}

/// The number of a column, whatever form it has.
pub(super) fn number_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<f64>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(integer) => Some(integer as f64),
        ValueRef::Real(real) => Some(real),
        ValueRef::Text(bytes) => str::from_utf8(bytes).ok().and_then(|t| t.parse().ok()),
        _ => None,
    })
}

/// The text of a column; empty where there is none.
pub(super) fn text_of(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Null => String::new(),
    })
}
