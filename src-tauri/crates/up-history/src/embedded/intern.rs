//! Paths, causes and metrics are kept once and referred to by number; this is the writer's memory of which
//! number is whose.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, params};
use up_core::{Cause, CauseCode, Kind};

use super::metrics::MetricNames;

/// Beyond this the memory is emptied: it is filled again from the file, only slower.
const MOST_PATHS: usize = 200_000;
const MOST_TEXTS: usize = 1_024;

/// Which number is whose, as far as it has been asked for.
#[derive(Default)]
pub(super) struct Interned {
    /// How often names had been removed from the file when this was remembered.
    removals: i64,
    paths: HashMap<Arc<str>, Path>,
    /// Two steps, so that looking one up copies no text.
    causes: HashMap<CauseCode, HashMap<Box<str>, Used>>,
    pub(super) metrics: MetricNames,
}

struct Path {
    kind: Kind,
    used: Used,
}

#[derive(Clone, Copy)]
struct Used {
    id: i64,
    /// The latest hour that the file has it down for; pruning goes by that.
    last: i64,
}

impl Interned {
    /// Forgets everything.
    pub(super) fn forget(&mut self) {
        self.paths.clear();
        self.causes.clear();
        self.metrics.forget();
    }

    /// Forgets everything if names were removed since, by this process or another: a number that is
    /// not in the file any more belongs to nobody, or soon to somebody else.
    pub(super) fn refresh(&mut self, tx: &Connection) -> rusqlite::Result<()> {
        let removals = tx
            .prepare_cached("SELECT names FROM marks")?
            .query_row([], |row| row.get(0))?;
        if removals != self.removals {
            self.forget();
            self.removals = removals;
        }
        Ok(())
    }

    /// The number of a path that has a sample in this hour.
    pub(super) fn path(
        &mut self,
        tx: &Connection,
        path: &Arc<str>,
        kind: Kind,
        hour: i64,
    ) -> rusqlite::Result<i64> {
        if let Some(known) = self.paths.get(path)
            && known.kind == kind
            && known.used.last >= hour
        {
            return Ok(known.used.id);
        }
        if self.paths.len() >= MOST_PATHS {
            self.paths.clear();
        }
        let used = tx
            .prepare_cached(
                "INSERT INTO paths(path, kind, last) VALUES(?1, ?2, ?3)
                 ON CONFLICT(path) DO UPDATE SET kind = excluded.kind,
                     last = max(last, excluded.last)
                 RETURNING id, last",
            )?
            .query_row(params![&**path, kind.0, hour], used)?;
        self.paths.insert(Arc::clone(path), Path { kind, used });
        Ok(used.id)
    }

    /// The number of a cause that is used in this hour.
    pub(super) fn cause(
        &mut self,
        tx: &Connection,
        cause: &Cause,
        hour: i64,
    ) -> rusqlite::Result<i64> {
        let texts = self.causes.entry(cause.code).or_default();
        if let Some(known) = texts.get(&cause.text)
            && known.last >= hour
        {
            return Ok(known.id);
        }
        if texts.len() >= MOST_TEXTS {
            texts.clear();
        }
        let used = tx
            .prepare_cached(
                "INSERT INTO causes(code, text, last) VALUES(?1, ?2, ?3)
                 ON CONFLICT(code, text) DO UPDATE SET last = max(last, excluded.last)
                 RETURNING id, last",
            )?
            .query_row(params![cause.code.code(), &*cause.text, hour], used)?;
        texts.insert(cause.text.clone(), used);
        Ok(used.id)
    }
}

fn used(row: &rusqlite::Row<'_>) -> rusqlite::Result<Used> {
    Ok(Used {
        id: row.get(0)?,
        last: row.get(1)?,
    })
}
