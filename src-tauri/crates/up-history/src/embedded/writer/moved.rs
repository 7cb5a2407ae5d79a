//! The writer's file may be moved, replaced or damaged while it writes.

use rusqlite::Connection;
use up_files::FileIdentity;

use super::HistoryWriter;
use crate::embedded::file::{self, explain};
use crate::embedded::recent::FULL;
use crate::embedded::upkeep::UpkeepKind;
use crate::store::StoreError;

impl HistoryWriter {
    /// Opens the file anew if it was moved or replaced. What the log has goes into the moved file
    /// first, so that it is whole.
    pub(super) fn follow_file(&mut self) -> Result<(), StoreError> {
        if self.is_file_there() {
            return Ok(());
        }
        // Of a file that was removed, or copied to another disk, nothing is left to be made whole.
        let _ = self.empty_log();
        let text = format!(
            "{} was moved or replaced while Up ran. Up goes on in the file that is there now; samples \
             that a MongoDB lacks went with the other one",
            self.file.display()
        );
        self.reopen()?;
        self.shared.troubles.set(UpkeepKind::Moved, Some(text));
        Ok(())
    }

    /// True while the path leads to the file that is open.
    pub(super) fn is_file_there(&self) -> bool {
        match (&FileIdentity::of(&self.file), &self.identity) {
            (Some(there), Some(open)) => there.is_same_file(open),
            _ => false,
        }
    }

    /// Moves all of the log into the file that is open, wherever that is.
    pub(super) fn empty_log(&self) -> rusqlite::Result<()> {
        (self.connection).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        self.shared.readers.forget_connections();
        // The old connection must not hold the names of the new one's log.
        self.connection = Connection::open_in_memory().map_err(|e| explain(&self.file, &e))?;
        self.identity = None;
        self.interned.forget();
        let opened = file::open(&self.file)?;
        self.shared.troubles.set_aside(opened.set_aside);
        (self.connection, self.identity) = (opened.connection, opened.identity);
        (self.full, self.pause, self.rolling) = (FULL, (0, 0), true);
        Ok(())
    }

    /// Sets the file aside if SQLite finds it damaged as a whole, and begins a new one.
    pub(super) fn replace_if_damaged(&mut self, trouble: &rusqlite::Error) {
        if !file::is_damage(trouble) || self.is_sound() {
            return;
        }
        if let Ok(text) = file::replace_damaged(&self.file, self.identity.as_ref(), trouble)
            && self.reopen().is_ok()
        {
            self.shared.troubles.set_aside(Some(text));
        }
    }

    fn is_sound(&self) -> bool {
        let check = "PRAGMA quick_check(1)";
        let found = (self.connection).query_row(check, [], |row| row.get::<_, String>(0));
        found.is_ok_and(|found| found == "ok")
    }
}
