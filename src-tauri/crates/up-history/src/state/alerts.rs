//! What was told, for whoever asks: read from the files while their owners may be writing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use up_core::line::one_line;
use up_core::{Notice, NoticeKind, Timestamp};

use super::{DeliveryState, FOLDER, Owner, error, file};
use crate::store::{StoreError, StoreErrorCode};

/// Every program that keeps such a state.
const PROGRAMS: [&str; 2] = ["watch", "tray"];
/// The longest text of a sink or a reason that is read, in bytes.
const LONGEST: usize = 500;

/// What of it is asked.
#[derive(Clone, Debug, Default)]
pub struct AlertQuery {
    /// Of which configuration; of all without one.
    pub config: Option<PathBuf>,
    /// Told at that time or later.
    pub from: Timestamp,
    /// So many at the most, the newest.
    pub most: usize,
}

/// A notice that was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Which program told it.
    pub program: String,
    /// The notice.
    pub notice: Notice,
    /// Whom it was told by.
    pub deliveries: Vec<DeliveryRecord>,
    /// How the outage ended; `None` while it goes on.
    pub end: Option<IncidentEnd>,
}

/// What became of it at one sink.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryRecord {
    /// The sink.
    pub sink: String,
    /// What became of it.
    pub fate: DeliveryState,
    /// Since when that is so.
    pub date: Timestamp,
}

/// How an outage ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IncidentEnd {
    /// By which notice.
    pub kind: NoticeKind,
    /// When it was over.
    pub date: Timestamp,
}

/// What was told, newest first.
pub fn alerts(data: &Path, asked: &AlertQuery) -> Result<Vec<Alert>, StoreError> {
    let mut alerts = Vec::new();
    for file in files(data, asked)? {
        let Some(connection) = file::open_to_read(&file)? else {
            continue;
        };
        let mut told = read(&connection, asked).map_err(|e| {
            let why = format!("{} cannot be read: {e}", file.display());
            error(StoreErrorCode::Format, &why)
        })?;
        // Ids are of one program.
        endings(&mut told);
        alerts.extend(keyed(told));
    }
    alerts.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    alerts.truncate(asked.most);
    Ok(alerts.into_iter().map(|(_, alert)| alert).collect())
}

/// Gives each notice of one program the time that it is sorted by: its date, but never later than
/// that of a notice that was told after it, as when the wall clock was set back in between.
fn keyed(newest_first: Vec<Alert>) -> impl Iterator<Item = (Timestamp, Alert)> {
    newest_first
        .into_iter()
        .scan(Timestamp::INFINITY, |last, alert| {
            *last = last.min(alert.notice.date);
            Some((*last, alert))
        })
}

fn files(data: &Path, asked: &AlertQuery) -> Result<Vec<PathBuf>, StoreError> {
    if let Some(config) = &asked.config {
        let own = PROGRAMS.map(|program| Owner::new(program, config).file(data));
        return Ok(own.into_iter().filter(|file| file.exists()).collect());
    }
    let folder = data.join(FOLDER);
    let listed = match std::fs::read_dir(&folder) {
        Ok(listed) => listed,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => {
            let why = format!("{} cannot be read: {e}", folder.display());
            return Err(error(StoreErrorCode::Refused, &why));
        }
    };
    let is_state = |file: &PathBuf| {
        // One that was set aside has another dot in its name.
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        file.extension().is_some_and(|end| end == "db")
            && stem.is_some_and(|stem| !stem.contains('.'))
    };
    let files = listed.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = files.filter(is_state).collect();
    files.sort();
    Ok(files)
}

/// Newest first, without their ends.
fn read(connection: &Connection, asked: &AlertQuery) -> rusqlite::Result<Vec<Alert>> {
    // One state, however long it takes to read.
    connection.execute_batch("BEGIN")?;
    let program = "SELECT value FROM meta WHERE key = 'program'";
    let program = connection.query_row(program, [], |row| text(row, 0))?;
    let mut sinks = connection
        .prepare("SELECT sink, fate, date, why FROM deliveries WHERE seq = ?1 ORDER BY sink")?;
    // Also what was told after those, when the wall clock was set back in between.
    let mut notices = connection.prepare(
        "SELECT seq, row FROM notices WHERE seq >= (SELECT min(seq) FROM notices WHERE date >= ?1) \
         ORDER BY seq DESC LIMIT ?2",
    )?;
    let most = i64::try_from(asked.most).unwrap_or(i64::MAX);
    let mut rows = notices.query(params![asked.from, most])?;
    let mut alerts = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(saved) = file::notice(row.get_ref(1)?) else {
            continue;
        };
        let deliveries = sinks.query_map([row.get::<_, i64>(0)?], delivery)?;
        alerts.push(Alert {
            program: program.clone(),
            notice: saved.notice(),
            deliveries: deliveries.collect::<Result<_, _>>()?,
            end: None,
        });
    }
    Ok(alerts)
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<DeliveryRecord> {
    Ok(DeliveryRecord {
        sink: text(row, 0)?,
        fate: match row.get::<_, i64>(1)? {
            1 => DeliveryState::Delivered,
            2 => DeliveryState::Refused(text(row, 3)?),
            3 => DeliveryState::Superseded,
            _ => DeliveryState::Waiting,
        },
        date: row.get(2)?,
    })
}

/// A text, whatever somebody else may have put there.
fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) => one_line(&String::from_utf8_lossy(bytes), LONGEST),
        _ => String::new(),
    })
}

/// Finds how each outage ended. An outage that another took in ended with that, and one that
/// returned under its id ended more than once.
fn endings(newest_first: &mut [Alert]) {
    let mut ends: HashMap<u64, Option<IncidentEnd>> = HashMap::new();
    for alert in newest_first {
        let notice = &alert.notice;
        if notice.open().next().is_none() {
            let date = notice.back().filter_map(|member| member.until);
            let date = date.reduce(f64::max).unwrap_or(notice.date);
            let kind = notice.kind;
            ends.insert(notice.id, Some(IncidentEnd { kind, date }));
        } else if notice.kind == NoticeKind::Withdrawn {
            let (kind, date) = (notice.kind, notice.date);
            ends.insert(notice.id, Some(IncidentEnd { kind, date }));
        }
        alert.end = ends.get(&notice.id).copied().flatten();
        for taken in &notice.replaces {
            ends.insert(*taken, alert.end);
        }
    }
}
