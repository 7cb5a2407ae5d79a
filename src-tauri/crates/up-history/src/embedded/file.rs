//! The file: how it is opened, what tells it from somebody else's, its schema, and what SQLite's
//! complaints mean to a person.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use up_files::private;

use up_core::line::one_line;

use super::NAME;
use crate::store::{StoreError, StoreErrorCode};

/// `PRAGMA application_id`, in ASCII `UpHi`. It tells a history of ours from any other SQLite file.
const APPLICATION: i32 = 0x5570_4869;

/// `PRAGMA user_version`: what this Up writes. A file of an earlier version is brought to it when it is
/// opened; what that takes time for is done in steps afterwards.
const VERSION: i64 = 2;

/// The longest that is said of a trouble, in bytes: a path of the system may be 4 KiB.
const MOST_WORDS: usize = 5_000;

/// How long to wait while another process writes.
const BUSY: Duration = Duration::from_secs(5);

/// The schema of version 1. Samples arrive in `recent` and are folded into `blocks`, whose `runs` are packed (see
/// the modules of these names). Times are microseconds since 1970.
const SCHEMA: &str = "
CREATE TABLE paths(
    id INTEGER PRIMARY KEY CHECK(id < 1 << 24), -- it is a part of a run's id
    path TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    last INTEGER NOT NULL -- the hour of its newest sample
);
CREATE TABLE causes(
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    text TEXT NOT NULL,
    last INTEGER NOT NULL, -- the hour it was last used in
    UNIQUE(code, text)
);
CREATE TABLE recent(
    id INTEGER PRIMARY KEY,
    path INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status REAL, -- NULL: unknown
    duration INTEGER NOT NULL,
    cause INTEGER
);
CREATE TABLE blocks(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
);
CREATE TABLE runs(
    id INTEGER PRIMARY KEY, -- block << 24 | path
    samples BLOB NOT NULL
);
CREATE TABLE notes(
    date INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY(date, message)
) WITHOUT ROWID;
-- Who is fed from here, and what each has not acknowledged yet, in the order of arrival.
CREATE TABLE targets(
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    next INTEGER NOT NULL -- the next seq; never goes back, so that none is used twice
);
CREATE TABLE outbox(
    target INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    agent TEXT NOT NULL,
    at INTEGER NOT NULL,
    path INTEGER, -- NULL: a note
    status REAL,
    duration INTEGER,
    cause INTEGER,
    note TEXT,
    PRIMARY KEY(target, seq)
) WITHOUT ROWID;
CREATE TABLE state(
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
";

/// What version 2 adds: rollups, each a pack of one path's buckets of one day. Their ids are
/// day << 24 | path, and each width lies apart, so that what is made together lies together.
const ROLLUPS: &str = "
CREATE TABLE rollups_5min(id INTEGER PRIMARY KEY, pack BLOB NOT NULL);
CREATE TABLE rollups_hour(id INTEGER PRIMARY KEY, pack BLOB NOT NULL);
CREATE TABLE rollups_day(id INTEGER PRIMARY KEY, pack BLOB NOT NULL);
-- One row: days before `day` are rolled up, of that day the paths up to `path`; samples of days
-- before `pruned` are gone. `names` grows whenever paths or causes are removed.
CREATE TABLE marks(
    day INTEGER NOT NULL,
    path INTEGER NOT NULL,
    pruned INTEGER NOT NULL,
    names INTEGER NOT NULL
);
INSERT INTO marks VALUES(0, 0, 0, 0);
";

/// What brings a file of each version, from 0 on, to the next.
const UPGRADES: [&str; VERSION as usize] = [SCHEMA, ROLLUPS];

/// Opens the file for writing, making it and its folder if they are not there. Blocks while another
/// process is making it.
#[expect(
    clippy::disallowed_methods,
    reason = "all of this blocks, and its callers know; there is no clock to be passed in"
)]
pub(super) fn open(file: &Path) -> Result<Connection, StoreError> {
    create(file).map_err(|e| {
        let why = format!("{} cannot be written: {e}", file.display());
        error(StoreErrorCode::Refused, &why)
    })?;
    let since = Instant::now();
    loop {
        match try_open(file) {
            // Another process is making the file. SQLite itself does not wait for all of that.
            Err(e) if since.elapsed() < e.patience() => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(OpenRefusal::Sqlite(e)) => return Err(explain(file, &e)),
            Err(OpenRefusal::Ours(e)) => return Err(e),
            Ok(connection) => return Ok(connection),
        }
    }
}

fn try_open(file: &Path) -> Result<Connection, OpenRefusal> {
    let fresh = is_fresh(file)?;
    let connection = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    prepare(&connection, file, fresh)?;
    Ok(connection)
}

/// Opens one more connection that only reads. The file is known to be ours.
pub(super) fn open_to_read(file: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    // KiB: a few are open at once, and most of what they read they read once.
    connection.pragma_update(None, "cache_size", -1024)?;
    Ok(connection)
}

fn connect(file: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// History tells where someone lives on the network, so it is its owner's only.
fn create(file: &Path) -> std::io::Result<()> {
    if let Some(parent) = file.parent() {
        private::data_folder(parent)?;
    }
    // Somebody may keep it on a larger disk, and a link of theirs in its place.
    let elsewhere = fs::read_link(file).and_then(|_| fs::canonicalize(file));
    private::file(elsewhere.as_deref().unwrap_or(file)).map(drop)
}

/// True of a file with nothing in it, which is free to be made a history: an empty one, or what
/// another process has only begun (now, or before its machine lost power). What is not ours is
/// refused by its first hundred bytes, before SQLite could as much as roll back its journal.
fn is_fresh(file: &Path) -> Result<bool, StoreError> {
    let mut header = Vec::with_capacity(100);
    let read = fs::File::open(file).and_then(|f| f.take(100).read_to_end(&mut header));
    if let Err(e) = read {
        let why = format!("{} cannot be read: {e}", file.display());
        return Err(error(StoreErrorCode::Refused, &why));
    }
    if header.is_empty() {
        return Ok(true);
    }
    // https://sqlite.org/fileformat.html: the magic string, the size in pages at offset 28, the
    // user version at 60 and the application id at 68. One page has room for no table.
    let number = |at: usize| {
        header
            .get(at..at + 4)?
            .try_into()
            .ok()
            .map(i32::from_be_bytes)
    };
    if header.starts_with(b"SQLite format 3\0") {
        if number(68) == Some(APPLICATION) {
            return Ok(false);
        }
        if [number(28), number(60), number(68)] == [Some(1), Some(0), Some(0)] {
            return Ok(true);
        }
    }
    let why = format!(
        "{} is not a history of Up and is left as it is; move it away, or set UP_DATA_DIR to another folder",
        file.display()
    );
    Err(error(StoreErrorCode::Format, &why))
}

enum OpenRefusal {
    Ours(StoreError),
    Sqlite(rusqlite::Error),
}

impl From<StoreError> for OpenRefusal {
    fn from(error: StoreError) -> Self {
        Self::Ours(error)
    }
}

impl OpenRefusal {
    /// How long this may be due to another process that is just making the file.
    fn patience(&self) -> Duration {
        match self {
            // Its header is written in one stroke, but may be read in the middle of that.
            Self::Ours(_) => Duration::from_millis(50),
            Self::Sqlite(e) => match e.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => BUSY,
                _ => Duration::ZERO,
            },
        }
    }
}

impl From<rusqlite::Error> for OpenRefusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn prepare(connection: &Connection, file: &Path, fresh: bool) -> Result<(), OpenRefusal> {
    // Until the version is known to be one of ours nothing is written, not even at closing.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if fresh {
        // Before WAL, so that the header that `is_fresh` reads is in the file itself.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.execute_batch("BEGIN EXCLUSIVE")?;
        // Another process may have been quicker.
        upgrade(connection)?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
        connection.execute_batch("COMMIT")?;
    }
    let found = version(connection)?;
    if found > VERSION {
        let why = format!(
            "{} was written by a newer Up (version {found}, this one reads up to {VERSION}) and is left as it is; use that Up, or set UP_DATA_DIR to another folder",
            file.display()
        );
        return Err(OpenRefusal::Ours(error(StoreErrorCode::Format, &why)));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    if found < VERSION {
        let tx = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        upgrade(&tx)?;
        tx.commit()?;
    }
    // In WAL mode NORMAL loses at most the last moments to a power cut, and never tears the file.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    // KiB: a block's pages stay in memory while it is written to.
    connection.pragma_update(None, "cache_size", -4096)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// Brings the file to this Up's version.
fn upgrade(tx: &Connection) -> rusqlite::Result<()> {
    // A version below zero was never written; nothing is skipped for it.
    let found = usize::try_from(version(tx)?).unwrap_or_default();
    for step in UPGRADES.iter().skip(found) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", VERSION)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

pub(super) fn error(code: StoreErrorCode, message: &str) -> StoreError {
    StoreError {
        name: NAME.into(),
        code,
        // SQLite's words may quote what a foreign file has.
        message: one_line(message, MOST_WORDS),
    }
}

/// What SQLite said, for a person.
pub(super) fn explain(file: &Path, trouble: &rusqlite::Error) -> StoreError {
    use StoreErrorCode::{Format, Refused, Unavailable};
    let at = file.display();
    let damaged = matches!(
        trouble,
        rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..)
    );
    let (code, message) = match trouble.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            (Format, damage(file, trouble))
        }
        _ if damaged => (Format, damage(file, trouble)),
        Some(ErrorCode::DiskFull) => (
            Refused,
            format!("the disk that holds {at} is full; make room there"),
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => (
            Refused,
            format!("{at} cannot be written ({trouble}); check who may write it and its folder"),
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            (Unavailable, format!("another program keeps {at} locked"))
        }
        _ => (Refused, format!("{at} cannot be used: {trouble}")),
    };
    error(code, &message)
}

fn damage(file: &Path, trouble: &rusqlite::Error) -> String {
    format!(
        "{} is damaged ({trouble}); it is left as it is: move it away and Up begins a new one",
        file.display()
    )
}
