//! The metrics of each path are kept once and referred to by number; this is the writer's memory of
//! which number is whose.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use up_core::metric::MAX_METRICS;
use up_core::{Metric, MetricLimits, Range};

/// Beyond this the memory is emptied: it is filled again from the file, only slower.
const MOST_PATHS: usize = 50_000;

/// Which number is whose, as far as it has been asked for: the metrics of each path.
#[derive(Default)]
pub(in super::super) struct MetricNames(HashMap<i64, Vec<NamedMetric>>);

/// A metric as the file has it.
pub(super) struct NamedMetric {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) limits: MetricLimits,
    /// The latest day that the file has it down for.
    last: i64,
}

impl MetricNames {
    /// Forgets everything.
    pub(in super::super) fn forget(&mut self) {
        self.0.clear();
    }

    /// The number of a path's metric that has a value on this day; `None` if the path has too many
    /// others: a plugin may give its figures new names each time.
    pub(super) fn id(
        &mut self,
        tx: &Connection,
        path: i64,
        metric: &Metric,
        day: i64,
    ) -> rusqlite::Result<Option<i64>> {
        if self.0.len() >= MOST_PATHS {
            self.0.clear();
        }
        let known = self.0.entry(path).or_default();
        let place = known.iter().position(|known| known.name == metric.name);
        let last = match place.map(|place| &known[place]) {
            Some(known)
                if known.last >= day
                    && known.unit == metric.unit
                    && known.limits == metric.limits =>
            {
                return Ok(Some(known.id));
            }
            Some(known) => Some(known.last),
            None => last_day(tx, path, &metric.name)?,
        };
        let is_lively = last.is_some_and(|last| last >= day - 1);
        if !is_lively && count_lively(tx, path, day)? >= MAX_METRICS {
            return Ok(None);
        }
        let (warn, crit) = (text(metric.limits.warn), text(metric.limits.crit));
        let kept = tx
            .prepare_cached(
                "INSERT INTO metrics(path, name, unit, warn, crit, min, max, last)
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT(path, name) DO UPDATE SET unit = excluded.unit, warn = excluded.warn,
                     crit = excluded.crit, min = excluded.min, max = excluded.max,
                     last = max(last, excluded.last)
                 RETURNING id, name, unit, warn, crit, min, max, last",
            )?
            .query_row(
                params![
                    path,
                    metric.name,
                    metric.unit,
                    warn,
                    crit,
                    metric.limits.min,
                    metric.limits.max,
                    day
                ],
                named,
            )?;
        let id = kept.id;
        if let Some(place) = place {
            known[place] = kept;
        } else {
            // Those that ended are asked for again, should they come back.
            known.truncate(2 * MAX_METRICS);
            known.push(kept);
        }
        Ok(Some(id))
    }
}

fn text(range: Option<Range>) -> Option<String> {
    range.map(|range| range.to_string())
}

/// The latest day of a path's metric, if the file has it.
fn last_day(tx: &Connection, path: i64, name: &str) -> rusqlite::Result<Option<i64>> {
    tx.prepare_cached("SELECT last FROM metrics WHERE path = ?1 AND name = ?2")?
        .query_row(params![path, name], |row| row.get(0))
        .optional()
}

/// How many metrics of a path had values on this day or the one before.
fn count_lively(tx: &Connection, path: i64, day: i64) -> rusqlite::Result<usize> {
    let count: i64 = tx
        .prepare_cached("SELECT count(*) FROM metrics WHERE path = ?1 AND last >= ?2")?
        .query_row([path, day - 1], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The metrics of a path that have values on this day or later, those first that had one last.
pub(super) fn of_path(
    connection: &Connection,
    path: i64,
    since: i64,
) -> rusqlite::Result<Vec<NamedMetric>> {
    const MOST: usize = 8 * MAX_METRICS;
    connection
        .prepare_cached(&format!(
            "SELECT id, name, unit, warn, crit, min, max, last FROM metrics
             WHERE path = ?1 AND last >= ?2 AND octet_length(name) < 1000
             ORDER BY last DESC, id LIMIT {MOST}"
        ))?
        .query_map([path, since], named)?
        .collect()
}

/// Reads a row. What somebody else put there in another form is as good as not there.
fn named(row: &Row<'_>) -> rusqlite::Result<NamedMetric> {
    let range = |column| {
        let text: Option<String> = row.get(column).unwrap_or(None);
        text.and_then(|text| Range::parse(&text))
    };
    let number = |column| row.get(column).unwrap_or(None);
    Ok(NamedMetric {
        id: row.get(0)?,
        name: row.get(1)?,
        unit: row.get(2)?,
        limits: MetricLimits {
            warn: range(3),
            crit: range(4),
            min: number(5),
            max: number(6),
        },
        last: row.get(7)?,
    })
}

/// Forgets metrics that have had no value since this day; true if there were any.
pub(super) fn prune(tx: &Connection, keep: i64) -> rusqlite::Result<bool> {
    let removed = tx
        .prepare_cached("DELETE FROM metrics WHERE last < ?1")?
        .execute([keep])?;
    if removed > 0 {
        // Whoever remembers which number is whose must ask again, in this process or another.
        tx.prepare_cached("UPDATE marks SET names = names + 1")?
            .execute([])?;
    }
    Ok(removed > 0)
}
