//! The tables of the file, and how a file of an earlier version gets those of the next.

use rusqlite::Connection;

/// `PRAGMA user_version`: what this Up writes. A file of an earlier version is brought to it when it is
/// opened; what that takes time for is done in steps afterwards.
pub(super) const VERSION: i64 = 10;

/// Version 1. Samples arrive in `recent` and are folded into `blocks`, whose `runs` are packed (see
/// the modules of these names). Times are microseconds since 1970.
const SAMPLES: &str = "
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

/// Version 3: what retention goes by (see the module of this name).
const RETENTION: &str = "
-- The days that have samples, in the order in which they were first stored.
CREATE TABLE days(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    day INTEGER NOT NULL UNIQUE
);
INSERT OR IGNORE INTO days(day)
    SELECT first / 86400000000 FROM blocks UNION SELECT at / 86400000000 FROM recent ORDER BY 1;
-- One row: samples of days before `raw` and everything before `keep` may be removed, as it was found
-- when `number` was the newest day's.
CREATE TABLE retention(raw INTEGER, keep INTEGER, number INTEGER NOT NULL);
INSERT INTO retention VALUES(NULL, NULL, 0);
-- The number of the newest day when the row was put here: its age, whatever its date is.
ALTER TABLE outbox ADD COLUMN came INTEGER NOT NULL DEFAULT 0;
";

/// Version 4: the version by which the runs of a block are packed.
const CODEC: &str = "ALTER TABLE blocks ADD COLUMN codec INTEGER NOT NULL DEFAULT 1;";

/// Version 5: hourly rollups of days whose samples are gone, without histograms of their durations. They
/// lie apart, so that their pages are full; those of a file of version 4 are moved in steps. Incidents are
/// found when a day is rolled up: all days whose samples are there are rolled up again.
const COARSE_HOURS: &str = "
CREATE TABLE rollups_hour_coarse(id INTEGER PRIMARY KEY, pack BLOB NOT NULL);
CREATE TABLE incidents(
    path INTEGER NOT NULL,
    begin INTEGER NOT NULL, -- the first failed check
    until INTEGER, -- the first good one after it; NULL while it lasts
    level INTEGER NOT NULL, -- the worst that was believed
    cause INTEGER,
    PRIMARY KEY(path, begin)
) WITHOUT ROWID;
UPDATE marks SET day = pruned, path = 0;
";

/// Version 6: the blocks of a span are found by when they begin.
const BLOCKS: &str = "CREATE INDEX blocks_by_time ON blocks(first, last, codec);";

/// Version 7: who said that an outage is known, and why.
const ACKNOWLEDGEMENTS: &str = "
CREATE TABLE acknowledgements(
    at INTEGER NOT NULL,
    path TEXT NOT NULL, -- of a source, or of a tree above it
    note TEXT,
    PRIMARY KEY(at, path)
) WITHOUT ROWID;
";

/// Version 8: metrics (see the module of this name).
const METRICS: &str = "
CREATE TABLE metrics(
    id INTEGER PRIMARY KEY,
    path INTEGER NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    warn TEXT, -- a range, as Nagios writes it
    crit TEXT,
    min REAL,
    max REAL,
    last INTEGER NOT NULL, -- the day of its newest value
    UNIQUE(path, name)
);
-- What has just been measured: of each metric its number and the value.
CREATE TABLE metrics_recent(
    id INTEGER PRIMARY KEY,
    path INTEGER NOT NULL,
    at INTEGER NOT NULL,
    pack BLOB NOT NULL
);
CREATE TABLE metrics_5min(id INTEGER PRIMARY KEY, pack BLOB NOT NULL); -- hour << 24 | path
CREATE TABLE metrics_hour(id INTEGER PRIMARY KEY, pack BLOB NOT NULL); -- day << 24 | path
";

/// Version 9: a note may be about one path, and be removed (see the module of notes).
const NOTES: &str = "
CREATE TABLE notes_of_paths(
    date INTEGER NOT NULL,
    path TEXT NOT NULL, -- empty: about everything
    message TEXT NOT NULL,
    changed INTEGER NOT NULL, -- when it was written or removed
    removed INTEGER NOT NULL, -- 1: it is no longer there, which a MongoDB may not know yet
    PRIMARY KEY(date, path, message)
) WITHOUT ROWID;
INSERT INTO notes_of_paths SELECT date, '', message, date, 0 FROM notes;
DROP TABLE notes;
ALTER TABLE notes_of_paths RENAME TO notes;
CREATE INDEX notes_by_change ON notes(changed);
ALTER TABLE outbox ADD COLUMN note_path TEXT;
ALTER TABLE outbox ADD COLUMN note_removed INTEGER; -- 1: the note is to be removed
CREATE INDEX outbox_notes ON outbox(at) WHERE note IS NOT NULL;
";

/// Version 10: who gave an acknowledgement.
const PERSONS: &str = "ALTER TABLE acknowledgements ADD COLUMN person TEXT;";

/// What brings a file of each version, from 0 on, to the next.
const UPGRADES: [&str; VERSION as usize] = [
    SAMPLES,
    ROLLUPS,
    RETENTION,
    CODEC,
    COARSE_HOURS,
    BLOCKS,
    ACKNOWLEDGEMENTS,
    METRICS,
    NOTES,
    PERSONS,
];

/// Brings the file to this Up's version.
pub(super) fn upgrade(tx: &Connection) -> rusqlite::Result<()> {
    // A version below zero was never written; nothing is skipped for it.
    let found = usize::try_from(version(tx)?).unwrap_or_default();
    for step in UPGRADES.iter().skip(found) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", VERSION)
}

/// The version of the file; 0 when nothing is in it.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
