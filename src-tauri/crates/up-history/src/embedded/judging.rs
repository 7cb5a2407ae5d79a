//! By which rules the samples of a path are judged. They are kept with the history, so that who has no
//! configuration finds the same incidents. What was judged by former rules stays as it was believed.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rusqlite::{Connection, OptionalExtension, params};

use super::Embedded;
use crate::answer::{IncidentRules, RulesOfPaths, path_and_above};
use crate::store::StoreError;

/// What the keys of these rows of `state` begin with; a path follows.
const KEY: &str = "rules ";

impl Embedded {
    /// Keeps the rules of all paths at or below this one, in the place of those that were kept.
    pub fn judge_by(
        &self,
        root: &str,
        rules: RulesOfPaths,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let root = root.to_owned();
        self.write(move |writer| writer.transaction(|tx, _| keep(tx, &root, &rules)))
            .boxed()
    }
}

fn keep(tx: &Connection, root: &str, rules: &RulesOfPaths) -> rusqlite::Result<()> {
    // After `/` comes `0`.
    tx.execute(
        "DELETE FROM state WHERE key = ?1 OR (key >= ?1 || '/' AND key < ?1 || '0')",
        [format!("{KEY}{root}")],
    )?;
    let mut insert = tx.prepare("INSERT OR REPLACE INTO state(key, value) VALUES(?1, ?2)")?;
    for (path, rules) in rules.iter() {
        let value = format!("{} {}", rules.down_after, rules.up_after);
        insert.execute(params![format!("{KEY}{path}"), value])?;
    }
    Ok(())
}

/// The rules of the path with this number.
pub(super) fn rules_of(connection: &Connection, path: i64) -> rusqlite::Result<IncidentRules> {
    let path: Option<String> = connection
        .prepare_cached("SELECT path FROM paths WHERE id = ?1")?
        .query_row([path], |row| row.get(0))
        .optional()?;
    let mut select = connection.prepare_cached("SELECT value FROM state WHERE key = ?1")?;
    for path in path.iter().flat_map(|path| path_and_above(path)) {
        let value: Option<String> = select
            .query_row([format!("{KEY}{path}")], |row| row.get(0))
            .optional()?;
        if let Some(rules) = value.and_then(|value| read(&value)) {
            return Ok(rules);
        }
    }
    Ok(IncidentRules::default())
}

fn read(value: &str) -> Option<IncidentRules> {
    let (down_after, up_after) = value.split_once(' ')?;
    let times = |text: &str| text.parse().ok().filter(|times: &u32| *times > 0);
    Some(IncidentRules {
        down_after: times(down_after)?,
        up_after: times(up_after)?,
    })
}
