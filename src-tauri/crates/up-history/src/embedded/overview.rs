//! What a span comes to for every path: whole days from their rollups, in the order in which they lie on
//! the disk, and the rest path by path.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use up_core::Timestamp;
use up_core::path::is_path;

use super::blocks;
use super::buckets::{DAYS, PATH_BITS};
use super::ordered::OrderedRows;
use super::recent::{self, SampleRow};
use super::rollups::{RollupMarks, day, day_begin};
use super::spans::{PathSpans, look_back};
use super::text;
use super::time::micros;
use crate::answer::{DurationDetail, PathOverview, Rollup, unpack_statuses};

/// Of every path that has samples in the span, sorted by path.
pub(super) fn overview(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> rusqlite::Result<Vec<PathOverview>> {
    let (from, to) = (micros(from), micros(to));
    let marks = RollupMarks::read(connection)?;
    // The days that lie wholly in the span and are rolled up for every path.
    let first = day(from.saturating_sub(1)) + 1;
    let days = (first, day(to).min(marks.day).max(first));
    let mut whole = WholeDays::read(connection, days)?;
    // What stands into the span lies before it.
    let since = from - look_back();
    let blocks = blocks::within(connection, since, to)?;
    let mut recent: BTreeMap<i64, Vec<SampleRow>> = BTreeMap::new();
    recent::all(connection, |row| {
        if (since..to).contains(&row.at) {
            recent.entry(row.path).or_default().push(row);
        }
    })?;
    let mut select = connection.prepare_cached("SELECT id, path FROM paths ORDER BY path")?;
    let mut paths = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = paths.next()? {
        let id: i64 = row.get(0)?;
        // What cannot be a path of Up's could only be shown as another.
        let Some(path) = text::text(row, 1)?.filter(|path| is_path(path)) else {
            continue;
        };
        let mut recent = recent.remove(&id).unwrap_or_default();
        recent.sort_by_key(|row| row.at);
        let is_late = |row: &SampleRow| (days.0..days.1).contains(&day(row.at));
        let middle = match whole.of.remove(&id) {
            _ if recent.iter().any(is_late) || whole.damaged.contains(&id) => None,
            rolled => Some(rolled.unwrap_or_default()),
        };
        let rows = OrderedRows::given(id, (since, to), &blocks, &recent);
        let spans = PathSpans::of(connection, id, rows)?;
        let mut spans = spans.with(DurationDetail::Sums);
        let mut total = spans.standing(from)?;
        match middle {
            Some(middle) if days.0 < days.1 => {
                spans.add_span(&mut total, from, day_begin(days.0))?;
                total.merge(&middle);
                spans.add_span(&mut total, day_begin(days.1), to)?;
            }
            _ => spans.add_span(&mut total, from, to)?,
        }
        found.extend(total.overview(path, to.div_euclid(1_000)));
    }
    Ok(found)
}

/// What whole days come to.
#[derive(Default)]
struct WholeDays {
    of: BTreeMap<i64, Rollup>,
    /// The paths of which a rollup is damaged.
    damaged: BTreeSet<i64>,
}

impl WholeDays {
    /// Of the days from the first up to, but without, the second.
    fn read(connection: &Connection, (first, end): (i64, i64)) -> rusqlite::Result<Self> {
        let mut found = Self::default();
        let mut select = connection.prepare_cached(
            "SELECT id, pack FROM rollups_day WHERE id >= ?1 AND id < ?2 ORDER BY id",
        )?;
        let mut rows = select.query([first << PATH_BITS, end << PATH_BITS])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let (day, path) = (id >> PATH_BITS, id & ((1 << PATH_BITS) - 1));
            let begin = day * DAYS.millis;
            match unpack_statuses(row.get_ref(1)?.as_blob()?, begin, DAYS.millis) {
                Some(whole) => found.of.entry(path).or_default().merge(&whole),
                None => drop(found.damaged.insert(path)),
            }
        }
        Ok(found)
    }
}
