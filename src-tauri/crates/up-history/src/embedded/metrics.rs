//! Metrics: what checks measured, beside their samples. A value arrives in `metrics_recent`, in the same
//! transaction as its sample. When samples are folded, values are too: into spans of five minutes, an
//! hour in a pack, which live as long as samples do, and into spans of an hour, a day in a pack, which
//! live until `keep`. The values themselves are not kept.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use up_core::{Sample, metric};

use super::rollups::RollupMarks;
use super::time::hour;
use crate::packing::{fraction, number, put, put_fraction};

pub(super) use names::MetricNames;
use pack::{MetricPack, pack, unpack};

mod digits;
#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod names;
mod pack;
pub(super) mod read;
mod span;

/// As many rows are folded at once.
const FOLDED: i64 = 100_000;

/// Bits of a pack's id that are its path's number; the hour or the day stands above.
const PATH_BITS: u32 = 24;

const FIVE_MINUTES: i64 = 300_000_000;
const HOUR: i64 = 3_600_000_000;
const HOURS_OF_DAY: i64 = 24;

/// Packs of one width.
#[derive(Clone, Copy)]
struct PackTable {
    name: &'static str,
    /// How many spans a pack may have.
    slots: u32,
}

/// Spans of five minutes, by the hour.
const FINE: PackTable = PackTable {
    name: "metrics_5min",
    slots: 12,
};
/// Spans of an hour, by the day.
const HOURS: PackTable = PackTable {
    name: "metrics_hour",
    slots: 24,
};

impl PackTable {
    /// The pack of a path's hour or day; `None` if there is none or it is damaged.
    fn get(
        self,
        connection: &Connection,
        time: i64,
        path: i64,
    ) -> rusqlite::Result<Option<MetricPack>> {
        let found: Option<Vec<u8>> = connection
            .prepare_cached(&format!("SELECT pack FROM {} WHERE id = ?1", self.name))?
            .query_row([time << PATH_BITS | path], |row| row.get(0))
            .optional()?;
        Ok(found.and_then(|packed| unpack(&packed, self.slots)))
    }

    /// Adds spans to the pack of a path's hour or day.
    fn add(self, tx: &Connection, time: i64, path: i64, more: MetricPack) -> rusqlite::Result<()> {
        let mut all = self.get(tx, time, path)?.unwrap_or_default();
        for (key, span) in more {
            if all.len() >= pack::MOST && !all.contains_key(&key) {
                continue;
            }
            all.entry(key).or_default().add(&span);
        }
        tx.prepare_cached(&format!(
            "INSERT OR REPLACE INTO {}(id, pack) VALUES(?1, ?2)",
            self.name
        ))?
        .execute(params![time << PATH_BITS | path, pack(&all)])
        .map(drop)
    }

    /// The first and the last hour or day of any path; `None` if there are no packs.
    fn extent(self, connection: &Connection) -> rusqlite::Result<Option<(i64, i64)>> {
        let end = |which: &str| -> rusqlite::Result<Option<i64>> {
            connection
                .prepare_cached(&format!("SELECT {which}(id) FROM {}", self.name))?
                .query_row([], |row| row.get(0))
        };
        let ends = end("min")?.zip(end("max")?);
        Ok(ends.map(|(first, last)| (first >> PATH_BITS, last >> PATH_BITS)))
    }

    /// Removes packs of before an hour or day, so many at the most; true if there were any.
    fn prune(self, tx: &Connection, before: i64, most: i64) -> rusqlite::Result<bool> {
        let removed = tx
            .prepare_cached(&format!(
                "DELETE FROM {0} WHERE id IN (SELECT id FROM {0} WHERE id < ?1 LIMIT ?2)",
                self.name
            ))?
            .execute([before << PATH_BITS, most])?;
        Ok(removed > 0)
    }
}

/// Keeps what a sample measured. Most samples measured nothing, and cost nothing here.
pub(super) fn record(
    tx: &Connection,
    names: &mut MetricNames,
    (path, at): (i64, i64),
    sample: &Sample,
) -> rusqlite::Result<()> {
    if sample.detail.is_empty() {
        return Ok(());
    }
    let mut packed = Vec::new();
    for metric in metric::metrics(&sample.detail, sample.date) {
        if let Some(id) = names.id(tx, path, &metric, hour(at) / HOURS_OF_DAY)? {
            put(&mut packed, id.unsigned_abs());
            put_fraction(&mut packed, metric.value);
        }
    }
    if packed.is_empty() {
        return Ok(());
    }
    tx.prepare_cached("INSERT INTO metrics_recent(path, at, pack) VALUES(?1, ?2, ?3)")?
        .execute(params![path, at, packed])
        .map(drop)
}

/// Hands out the metrics and values of a recent row, up to the first that is damaged.
fn values(mut packed: &[u8], mut take: impl FnMut(i64, f64)) {
    while let Some(id) = number(&mut packed) {
        let Some(value) = fraction(&mut packed).filter(|value| value.is_finite()) else {
            return;
        };
        take(id.cast_signed(), value);
    }
}

/// What rows that others edited must look like; they are left out otherwise.
const SOUND: &str = "typeof(path) = 'integer' AND path BETWEEN 0 AND (1 << 24) - 1
     AND typeof(at) = 'integer' AND at >= 0 AND typeof(pack) = 'blob'";

/// Folds what is older than this.
pub(super) fn fold_before(tx: &Connection, before: i64) -> rusqlite::Result<()> {
    let last: Option<i64> = tx
        .prepare_cached("SELECT max(id) FROM (SELECT id FROM metrics_recent ORDER BY id LIMIT ?1)")?
        .query_row([FOLDED], |row| row.get(0))?;
    let Some(last) = last else {
        return Ok(());
    };
    let (mut fine, mut hours) = (BTreeMap::new(), BTreeMap::new());
    let mut select = tx.prepare_cached(&format!(
        "SELECT path, at, pack FROM metrics_recent WHERE at < ?1 AND id <= ?2 AND {SOUND} ORDER BY id"
    ))?;
    let mut rows = select.query([before, last])?;
    while let Some(row) = rows.next()? {
        let (path, at): (i64, i64) = (row.get(0)?, row.get(1)?);
        let hour = hour(at);
        let fine: &mut MetricPack = fine.entry((hour, path)).or_default();
        let day: &mut MetricPack = hours.entry((hour / HOURS_OF_DAY, path)).or_default();
        values(row.get_ref(2)?.as_blob()?, |id, value| {
            let slot = at % HOUR / FIVE_MINUTES;
            fine.entry((id, slot as u32)).or_default().take(value);
            let slot = hour % HOURS_OF_DAY;
            day.entry((id, slot as u32)).or_default().take(value);
        });
    }
    let pruned = RollupMarks::read(tx)?.pruned * HOURS_OF_DAY;
    // Late values of a time of which only hours are kept.
    let fine = fine.into_iter().filter(|((hour, _), _)| *hour >= pruned);
    for ((hour, path), more) in fine {
        FINE.add(tx, hour, path, more)?;
    }
    for ((day, path), more) in hours {
        HOURS.add(tx, day, path, more)?;
    }
    tx.prepare_cached("DELETE FROM metrics_recent WHERE at < ?1 AND id <= ?2")?
        .execute([before, last])
        .map(drop)
}

/// Removes so much at the most of what is too old: five-minute spans of days whose samples are gone,
/// all else of before the day `keep`. False when nothing was left.
pub(super) fn prune(tx: &Connection, keep: i64, most: i64) -> rusqlite::Result<bool> {
    let pruned = RollupMarks::read(tx)?.pruned * HOURS_OF_DAY;
    Ok(FINE.prune(tx, pruned, most)? || HOURS.prune(tx, keep, most)? || names::prune(tx, keep)?)
}
