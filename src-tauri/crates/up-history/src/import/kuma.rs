//! Uptime Kuma, versions 1 and 2: `monitor` and `heartbeat`. A heartbeat's `time` is UTC, its `ping`
//! milliseconds; its `duration` is the time since the heartbeat before it, and says nothing of the check.

use super::cause::cause;
use super::sqlite::{ForeignHistory, LONGEST_TEXT, Named, date_of, number_of, text_of};
use crate::sample::Point;

const DOWN: i64 = 0;
const UP: i64 = 1;
/// A failed check that is tried again before the monitor is down.
const PENDING: i64 = 2;
const MAINTENANCE: i64 = 3;

/// Reads all heartbeats.
pub(super) fn read(history: &mut ForeignHistory<'_>) -> rusqlite::Result<()> {
    let connection = history.connection;
    let has_groups: bool = connection.query_row(
        "SELECT count(*) FROM pragma_table_info('monitor') WHERE name = 'parent'",
        [],
        |row| row.get(0),
    )?;
    let parent = if has_groups { "parent" } else { "NULL" };
    let monitors = connection
        .prepare(&format!(
            "SELECT id, substr(name, 1, 1000), {parent} FROM monitor ORDER BY id"
        ))?
        .query_map([], |row| {
            Ok(Named {
                number: row.get(0)?,
                name: text_of(row, 1)?,
                parent: row.get(2)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let paths = history.paths(&monitors);
    let mut maintained = 0_u64;
    let mut heartbeats = connection.prepare(&format!(
        "SELECT status, time, ping, substr(msg, 1, {LONGEST_TEXT}) FROM heartbeat
         WHERE monitor_id = ?1 ORDER BY time"
    ))?;
    for monitor in &monitors {
        let Some(path) = paths.get(&monitor.number) else {
            continue;
        };
        let mut rows = heartbeats.query([monitor.number])?;
        while let Some(row) = rows.next()? {
            let status = number_of(row, 0)?.map(|status| status as i64);
            if status == Some(MAINTENANCE) {
                maintained += 1;
                continue;
            }
            let (status, cause) = match status {
                Some(UP) => (Some(1.0), None),
                Some(DOWN | PENDING) => (Some(0.0), Some(cause(&text_of(row, 3)?))),
                _ => (None, None),
            };
            let sample = date_of(row, 1)?.filter(|_| status.is_some());
            let ping = number_of(row, 2)?.unwrap_or(0.0);
            let sample = sample.map(|date| Point {
                date,
                status,
                duration: ping / 1e3,
                cause,
            });
            if !history.take(path, sample) {
                return Ok(());
            }
        }
    }
    if maintained > 0 {
        history.remark(format!(
            "left out {maintained} heartbeats of maintenance: the history has gaps there, as it has \
             for maintenance in Up"
        ));
    }
    let orphans: i64 = connection.query_row(
        "SELECT count(*) FROM heartbeat WHERE monitor_id NOT IN (SELECT id FROM monitor)",
        [],
        |row| row.get(0),
    )?;
    if orphans > 0 {
        history.remark(format!(
            "left out {orphans} heartbeats of monitors that were deleted"
        ));
    }
    Ok(())
}
