//! Of which paths the file has samples, how many, and from when to when.

use std::collections::BTreeMap;

use rusqlite::Connection;
use up_core::Timestamp;
use up_core::path::is_path;

use super::Embedded;
use super::blocks;
use super::buckets::{Buckets, DAYS};
use super::read::number;
use super::rollups::{RollupMarks, day, day_begin};
use super::spans::PathSpans;
use super::text;
use super::time::micros;
use crate::answer::{DurationDetail, Rollup};
use crate::store::{PathExtent, StoreError};

/// Bits of an id that are the path's number.
const PATH_BITS: u32 = 24;

impl Embedded {
    pub(super) async fn read_extents(&self) -> Result<Vec<PathExtent>, StoreError> {
        self.inner.shared.readers.query(extents).await
    }
}

/// Of one path in a span.
pub(super) fn of_path(
    connection: &Connection,
    path: String,
    (from, to): (Timestamp, Timestamp),
) -> rusqlite::Result<Option<PathExtent>> {
    let Some(number) = number(connection, &path)? else {
        return Ok(None);
    };
    let (from, to) = (micros(from), micros(to));
    let mut total = Rollup::default();
    let history = PathSpans::new(connection, number, from, to)?;
    (history.with(DurationDetail::Sums)).add_span(&mut total, from, to)?;
    let extent = total.extent();
    Ok(extent.map(|(count, unknown, (first, last))| PathExtent {
        path,
        count,
        unknown,
        first: first as f64 / 1e3,
        last: last as f64 / 1e3,
    }))
}

/// What is known of the samples of a path. Milliseconds.
#[derive(Clone, Copy)]
struct Extent {
    count: u64,
    unknown: u64,
    first: i64,
    last: i64,
}

impl Default for Extent {
    fn default() -> Self {
        Self {
            count: 0,
            unknown: 0,
            first: i64::MAX,
            last: i64::MIN,
        }
    }
}

impl Extent {
    fn add(&mut self, count: u64, unknown: u64, ends: (i64, i64)) {
        self.count += count;
        self.unknown += unknown;
        self.first = self.first.min(ends.0);
        self.last = self.last.max(ends.1);
    }

    fn add_sample(&mut self, millis: i64, is_known: bool) {
        self.add(u64::from(is_known), u64::from(!is_known), (millis, millis));
    }
}

/// Of every path, from its rollups, and from samples where it has none yet.
fn extents(connection: &Connection) -> rusqlite::Result<Vec<PathExtent>> {
    let marks = RollupMarks::read(connection)?;
    let mut found: BTreeMap<i64, Extent> = BTreeMap::new();
    let split = |id: i64| (id >> PATH_BITS, id & ((1 << PATH_BITS) - 1));
    let mut select = connection.prepare_cached("SELECT id FROM rollups_day ORDER BY id")?;
    let mut rolled = select.query([])?;
    while let Some(row) = rolled.next()? {
        let (day, path) = split(row.get(0)?);
        if let Some(buckets) = Buckets::get(connection, (day, DAYS, path), DurationDetail::Sums)?
            && marks.has(day, path)
            && let Some((count, unknown, ends)) = buckets.whole()
        {
            found.entry(path).or_default().add(count, unknown, ends);
        }
    }
    let mut select = connection.prepare_cached("SELECT id FROM runs WHERE id >= ?1 AND id < ?2")?;
    for block in blocks::within(connection, day_begin(marks.day), i64::MAX)? {
        let (first, end) = block.ids();
        let mut runs = select.query([first, end])?;
        while let Some(run) = runs.next()? {
            let (_, path) = split(run.get(0)?);
            let extent = found.entry(path).or_default();
            blocks::read(connection, &block, path, |row| {
                if !marks.has(day(row.at), path) {
                    extent.add_sample(row.millis(), row.known_status().is_some());
                }
            })?;
        }
    }
    let mut select = connection.prepare_cached(
        "SELECT path, at, status FROM recent WHERE typeof(path) = 'integer'
         AND typeof(at) = 'integer' AND typeof(status) IN ('real', 'null')",
    )?;
    let mut recent = select.query([])?;
    while let Some(row) = recent.next()? {
        let (at, status): (i64, Option<f64>) = (row.get(1)?, row.get(2)?);
        let millis = (at + 500).div_euclid(1_000);
        let extent = found.entry(row.get(0)?).or_default();
        extent.add_sample(millis, status.is_some_and(|s| (0.0..=1.0).contains(&s)));
    }
    let mut select = connection.prepare_cached("SELECT id, path FROM paths ORDER BY path")?;
    let mut paths = select.query([])?;
    let mut extents = Vec::with_capacity(found.len());
    while let Some(row) = paths.next()? {
        let (Some(extent), Some(path)) = (found.get(&row.get(0)?), text::text(row, 1)?) else {
            continue;
        };
        // What cannot be a path of Up's could only be shown as another.
        if extent.first <= extent.last && is_path(&path) {
            extents.push(PathExtent {
                path,
                count: extent.count,
                unknown: extent.unknown,
                first: extent.first as f64 / 1e3,
                last: extent.last as f64 / 1e3,
            });
        }
    }
    Ok(extents)
}
