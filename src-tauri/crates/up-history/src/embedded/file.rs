//! The file: how it is opened, what tells it from somebody else's, its schema, and what SQLite's
//! complaints mean to a person.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use up_files::FileIdentity;
use up_files::private;

use up_core::line::one_line;

use super::NAME;
use super::aside::{clear_left_log, hold_folder, set_aside};
use super::schema::{VERSION, upgrade, version};
use crate::store::{StoreError, StoreErrorCode};

/// `PRAGMA application_id`, in ASCII `UpHi`. It tells a history of ours from any other SQLite file.
const APPLICATION: i32 = 0x5570_4869;

/// The longest that is said of a trouble, in bytes: a path of the system may be 4 KiB.
const MOST_WORDS: usize = 5_000;

/// How long to wait while another process writes.
const BUSY: Duration = Duration::from_secs(5);

/// The file as it was opened for writing.
pub(super) struct OpenedFile {
    pub(super) connection: Connection,
    pub(super) identity: Option<FileIdentity>,
    /// Where a damaged file was found, what became of it, for a person.
    pub(super) set_aside: Option<String>,
}

/// Opens the file for writing, making it and its folder if they are not there. A history of ours that
/// is damaged is set aside, and a new one begun. Blocks while another process is making it.
pub(super) fn open(file: &Path) -> Result<OpenedFile, StoreError> {
    match open_patiently(file) {
        Err(Damaged(identity, why)) => {
            let aside = replace_damaged(file, identity.as_deref(), &why)?;
            let opened = open_patiently(file).map_err(|refusal| refusal.error(file))?;
            Ok(OpenedFile {
                set_aside: Some(aside),
                ..opened
            })
        }
        other => other.map_err(|refusal| refusal.error(file)),
    }
}

/// Sets a damaged file aside; says so, for a person.
pub(super) fn replace_damaged(
    file: &Path,
    identity: Option<&FileIdentity>,
    why: &rusqlite::Error,
) -> Result<String, StoreError> {
    let _held = hold_folder(file);
    let found = FileIdentity::of(file);
    let is_other = match (&found, identity) {
        (Some(found), Some(damaged)) => !found.is_same_file(damaged),
        (None, _) => true,
        (_, None) => false,
    };
    if is_other {
        return Ok(format!(
            "{} was damaged and has been replaced",
            file.display()
        ));
    }
    let aside = set_aside(file).map_err(|e| {
        let why = format!(
            "{} is damaged ({why}), and cannot be set aside: {e}",
            file.display()
        );
        error(StoreErrorCode::Format, &why)
    })?;
    Ok(format!(
        "{} was damaged ({why}): it is set aside as {}, and a new history has begun",
        file.display(),
        aside.display()
    ))
}

#[expect(
    clippy::disallowed_methods,
    reason = "all of this blocks, and its callers know; there is no clock to be passed in"
)]
fn open_patiently(file: &Path) -> Result<OpenedFile, OpenRefusal> {
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
            other => return other,
        }
    }
}

fn try_open(file: &Path) -> Result<OpenedFile, OpenRefusal> {
    let identity = FileIdentity::of(file);
    let fresh = is_fresh(file)?;
    let opened = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(OpenRefusal::from)
        .and_then(|connection| prepare(&connection, file, fresh).map(|()| connection));
    match opened {
        Ok(connection) => Ok(OpenedFile {
            connection,
            identity,
            set_aside: None,
        }),
        Err(OpenRefusal::Sqlite(e)) if is_damage(&e) => Err(Damaged(identity.map(Box::new), e)),
        Err(refusal) => Err(refusal),
    }
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
    let _held = hold_folder(file);
    if fs::symlink_metadata(file).is_err_and(|e| e.kind() == ErrorKind::NotFound) {
        clear_left_log(file)?;
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
        "{} is not a history of Up and is left as it is; move it away (a running Up then begins a new one), or set UP_DATA_DIR to another folder",
        file.display()
    );
    Err(error(StoreErrorCode::Format, &why))
}

enum OpenRefusal {
    Ours(StoreError),
    Sqlite(rusqlite::Error),
    /// This file is a history of ours, and cannot be read.
    Damaged(Option<Box<FileIdentity>>, rusqlite::Error),
}

use OpenRefusal::Damaged;

impl From<StoreError> for OpenRefusal {
    fn from(error: StoreError) -> Self {
        Self::Ours(error)
    }
}

impl OpenRefusal {
    fn error(self, file: &Path) -> StoreError {
        match self {
            Self::Ours(error) => error,
            Self::Sqlite(e) | Damaged(_, e) => explain(file, &e),
        }
    }

    /// How long this may be due to another process that is just making the file.
    fn patience(&self) -> Duration {
        match self {
            // Its header is written in one stroke, but may be read in the middle of that.
            Self::Ours(_) | Damaged(..) => Duration::from_millis(50),
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
    let (code, message) = match trouble.sqlite_error_code() {
        _ if is_damage(trouble) => (Format, format!("{at} is damaged ({trouble})")),
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

/// True of what SQLite says of a damaged file, and of values that we never write.
pub(super) fn is_damage(trouble: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, InvalidColumnType};
    let code = trouble.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    ) || matches!(
        trouble,
        FromSqlConversionFailure(..) | InvalidColumnType(..)
    )
}
