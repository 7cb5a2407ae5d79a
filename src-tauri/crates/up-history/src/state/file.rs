//! The file of a state: its lock, its schema, and what becomes of one that cannot be read.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, params};
use up_core::Timestamp;
use up_core::state::{SavedNotice, VERSION};
use up_files::private;

use super::{Owner, PendingNotice, ShownNotice, error};
use crate::store::{StoreError, StoreErrorCode};

/// `PRAGMA application_id`, in ASCII `UpSt`.
const APPLICATION: i32 = 0x5570_5374;
/// How long to wait for somebody who reads.
const BUSY: Duration = Duration::from_secs(5);

/// Times are Unix seconds. `notices.row` is the notice as JSON; `deliveries.fate` is 0 while the
/// sink does not have it, 1 delivered, 2 refused, 3 superseded.
const SCHEMA: &str = "
CREATE TABLE rows(
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY(kind, key)
) WITHOUT ROWID;
CREATE TABLE meta(
    key TEXT PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;
CREATE TABLE notices(
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id INTEGER NOT NULL,
    date REAL NOT NULL,
    row TEXT NOT NULL
);
CREATE INDEX notices_by_id ON notices(id, date);
CREATE INDEX notices_by_date ON notices(date);
CREATE TABLE deliveries(
    seq INTEGER NOT NULL,
    sink TEXT NOT NULL,
    fate INTEGER NOT NULL,
    date REAL NOT NULL, -- when it became so
    why TEXT,
    place TEXT, -- where the sink shows it
    PRIMARY KEY(seq, sink)
) WITHOUT ROWID;
CREATE INDEX deliveries_waiting ON deliveries(seq) WHERE fate = 0;
CREATE INDEX deliveries_shown ON deliveries(seq) WHERE place IS NOT NULL;
";

/// What a file holds.
pub(super) struct StoredState {
    pub(super) connection: Connection,
    pub(super) rows: Vec<(String, String, String)>,
    pub(super) alive: Option<Timestamp>,
    pub(super) waiting: Vec<PendingNotice>,
    pub(super) shown: Vec<ShownNotice>,
}

/// Why a file cannot be taken up.
enum StateRefusal {
    /// What is in it cannot be read.
    Damaged(String),
    /// A newer Up wrote it.
    Newer(i64),
    /// The system refuses.
    Refused(StoreError),
}

impl From<rusqlite::Error> for StateRefusal {
    fn from(trouble: rusqlite::Error) -> Self {
        use rusqlite::Error::{FromSqlConversionFailure, InvalidColumnType, SqliteFailure};
        let is_damage = match trouble.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => true,
            // A table that is not there, say.
            Some(ErrorCode::Unknown) => matches!(trouble, SqliteFailure(..)),
            _ => matches!(
                trouble,
                FromSqlConversionFailure(..)
                    | InvalidColumnType(..)
                    | rusqlite::Error::SqlInputError { .. }
            ),
        };
        if is_damage {
            Self::Damaged(trouble.to_string())
        } else {
            let why = format!("it cannot be kept over a restart: {trouble}");
            Self::Refused(error(StoreErrorCode::Refused, &why))
        }
    }
}

/// Takes the lock of that file; says when its last holder was last there. Whoever dies lets it go.
pub(super) fn lock(data: &Path, file: &Path) -> Result<(File, Option<Timestamp>), StoreError> {
    let path = file.with_extension("lock");
    let refused = |e: std::io::Error| {
        let why = format!("{} cannot be used: {e}", path.display());
        error(StoreErrorCode::Refused, &why)
    };
    private::data_folder(data).map_err(refused)?;
    if let Some(folder) = file.parent() {
        private::data_folder(folder).map_err(refused)?;
    }
    let is_new = !path.exists();
    let lock = private::file(&path).map_err(refused)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let why = "another Up runs with this configuration and this data folder and keeps it; \
                       this one forgets what it told when it ends";
            return Err(error(StoreErrorCode::Unavailable, why));
        }
        Err(TryLockError::Error(e)) => return Err(refused(e)),
    }
    let touched = lock.metadata().and_then(|metadata| metadata.modified());
    let touched = touched.ok().filter(|_| !is_new);
    let touched = touched.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok((lock, touched.map(|since| since.as_secs_f64())))
}

/// Opens the file, whose lock we hold. Says what was set aside, if anything.
pub(super) fn open(
    file: &Path,
    owner: &Owner,
) -> Result<(StoredState, Option<String>), StoreError> {
    let (end, why) = match try_open(file, owner) {
        Ok(kept) => return Ok((kept, None)),
        Err(StateRefusal::Refused(error)) => return Err(error),
        Err(StateRefusal::Damaged(why)) => ("damaged", format!("cannot be read ({why})")),
        Err(StateRefusal::Newer(version)) => (
            "newer",
            format!(
                "was written by a newer Up (version {version}, this one reads up to {VERSION})"
            ),
        ),
    };
    let said = put_aside(file, end, &why)?;
    let kept = try_open(file, owner).map_err(|refusal| match refusal {
        StateRefusal::Refused(error) => error,
        StateRefusal::Damaged(why) => error(StoreErrorCode::Format, &why),
        StateRefusal::Newer(_) => error(StoreErrorCode::Format, "it is of a newer Up"),
    })?;
    Ok((kept, Some(said)))
}

/// Sets the file aside; says so, for a person.
pub(super) fn put_aside(file: &Path, end: &str, why: &str) -> Result<String, StoreError> {
    let aside = set_aside(file, end).map_err(|e| {
        let why = format!("{} {why}, and cannot be set aside: {e}", file.display());
        error(StoreErrorCode::Format, &why)
    })?;
    Ok(format!(
        "{} {why}; it is set aside as {}, and what was told before is forgotten",
        file.display(),
        aside.display()
    ))
}

/// Gives the file another name, with what SQLite has beside it. One that was set aside before goes.
fn set_aside(file: &Path, end: &str) -> std::io::Result<PathBuf> {
    let beside = |file: &Path, part: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(part);
        PathBuf::from(name)
    };
    let aside = file.with_extension(format!("{end}.db"));
    for part in ["-wal", "-shm", ""] {
        match std::fs::rename(beside(file, part), beside(&aside, part)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                // What is left of one that was set aside before does not belong to this one.
                let _ = std::fs::remove_file(beside(&aside, part));
            }
            other => other?,
        }
    }
    Ok(aside)
}

fn try_open(file: &Path, owner: &Owner) -> Result<StoredState, StateRefusal> {
    private::file(file).map_err(|e| {
        let why = format!("{} cannot be written: {e}", file.display());
        StateRefusal::Refused(error(StoreErrorCode::Refused, &why))
    })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    prepare(&connection, owner)?;
    let rows = rows(&connection)?;
    let alive = connection.query_row(
        "SELECT max(value) FROM meta WHERE key = 'alive'",
        [],
        |row| row.get::<_, Option<f64>>(0),
    )?;
    let waiting = waiting(&connection)?;
    let shown = shown(&connection)?;
    Ok(StoredState {
        connection,
        rows,
        alive,
        waiting,
        shown,
    })
}

fn prepare(connection: &Connection, owner: &Owner) -> Result<(), StateRefusal> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0))?;
    if tables == 0 {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.execute_batch(&format!("BEGIN EXCLUSIVE;{SCHEMA}"))?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
        connection.pragma_update(None, "user_version", VERSION)?;
        let config = owner.config.display().to_string();
        for (key, value) in [("program", owner.program), ("config", &*config)] {
            let insert = "INSERT INTO meta(key, value) VALUES(?1, ?2)";
            connection.execute(insert, [key, value])?;
        }
        connection.execute_batch("COMMIT")?;
    }
    if number("application_id")? != i64::from(APPLICATION) {
        return Err(StateRefusal::Damaged("it is something else".into()));
    }
    let version = number("user_version")?;
    if version > VERSION {
        return Err(StateRefusal::Newer(version));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What people were told is on the disk before they are, also if the power goes.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", 4 << 20)?;
    connection.pragma_update(None, "cache_size", -1024)?;
    Ok(())
}

fn rows(connection: &Connection) -> Result<Vec<(String, String, String)>, StateRefusal> {
    let mut statement = connection.prepare("SELECT kind, key, value FROM rows")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn waiting(connection: &Connection) -> Result<Vec<PendingNotice>, StateRefusal> {
    let mut statement = connection.prepare(
        "SELECT sink, row FROM deliveries JOIN notices USING(seq) WHERE fate = 0 ORDER BY seq, sink",
    )?;
    let mut rows = statement.query([])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let notice = notice(row.get_ref(1)?);
        let notice = notice.ok_or_else(|| StateRefusal::Damaged("a notice is no notice".into()))?;
        let sink = row.get(0)?;
        waiting.push(PendingNotice { sink, notice });
    }
    Ok(waiting)
}

fn shown(connection: &Connection) -> Result<Vec<ShownNotice>, StateRefusal> {
    let mut statement = connection.prepare(
        "SELECT sink, row, place FROM deliveries JOIN notices USING(seq) \
         WHERE place IS NOT NULL ORDER BY seq DESC LIMIT 200",
    )?;
    let mut rows = statement.query([])?;
    let mut shown = Vec::new();
    while let Some(row) = rows.next()? {
        let notice = notice(row.get_ref(1)?);
        let notice = notice.ok_or_else(|| StateRefusal::Damaged("a notice is no notice".into()))?;
        let (sink, place) = (row.get(0)?, row.get(2)?);
        shown.push(ShownNotice {
            sink,
            notice,
            place,
        });
    }
    shown.reverse();
    Ok(shown)
}

/// A notice as it stands in a column.
pub(super) fn notice(column: ValueRef<'_>) -> Option<SavedNotice> {
    serde_json::from_slice(column.as_bytes().ok()?).ok()
}

/// Opens a state that somebody else may be writing, to read what was told. `None` of what is no
/// state of ours, or of a newer Up.
pub(super) fn open_to_read(file: &Path) -> Result<Option<Connection>, StoreError> {
    let explain = |e: rusqlite::Error| {
        let why = format!("{} cannot be read: {e}", file.display());
        error(StoreErrorCode::Refused, &why)
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(explain)?;
    connection.busy_timeout(BUSY).map_err(explain)?;
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let application = number("application_id").map_err(explain)?;
    let version = number("user_version").map_err(explain)?;
    let is_ours = application == i64::from(APPLICATION) && version <= VERSION;
    Ok(is_ours.then_some(connection))
}

/// Notes that the owner is there now.
pub(super) fn alive(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let upsert = "INSERT OR REPLACE INTO meta(key, value) VALUES('alive', ?1)";
    connection.prepare_cached(upsert)?.execute(params![now])?;
    Ok(())
}
