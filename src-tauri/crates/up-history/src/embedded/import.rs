//! Adds samples of other files, some thousands in a transaction, between which others write. A sample
//! whose date is there already is left out, so that an import may be broken off and repeated.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{Connection, params};
use up_core::{CauseCode, Timestamp};

use super::Embedded;
use super::blocks;
use super::buckets::{Buckets, DAYS};
use super::outbox;
use super::recent::SampleRow;
use super::retention;
use super::rollups::{self, RollupMarks, day, day_begin};
use super::time::{hour, micros, seconds};
use super::writer::HistoryWriter;
use crate::answer::DurationDetail;
use crate::import::ImportedSample;
use crate::sample::KeptCause;
use crate::store::StoreError;

/// The kind of a path that has samples of other files only.
const IMPORTED: &str = "imported";

/// Dates are compared in milliseconds. Microseconds.
const MILLISECOND: i64 = 1_000;

/// What came of samples that were to be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportStep {
    /// How many were added.
    pub added: u64,
    /// How many were there already.
    pub present: u64,
    /// How many fall on a day of which the history has rollups only, so that it cannot be said whether
    /// they were there. They were not added.
    pub rolled_up: u64,
}

impl std::ops::AddAssign for ImportStep {
    fn add_assign(&mut self, more: Self) {
        self.added += more.added;
        self.present += more.present;
        self.rolled_up += more.rolled_up;
    }
}

impl Embedded {
    /// Adds these samples in one transaction, and puts those that were added before every target.
    /// Samples of one path and day before [`Embedded::pruned_before`] must come together.
    pub async fn import(&self, samples: Vec<ImportedSample>) -> Result<ImportStep, StoreError> {
        self.write(move |writer| writer.told(|tx, _, targets| import(tx, targets, &samples)))
            .await
    }

    /// Of days before this one, samples may have been removed, and only their rollups be there.
    pub async fn pruned_before(&self) -> Result<Timestamp, StoreError> {
        let marks = |c: &Connection| Ok(seconds(day_begin(RollupMarks::read(c)?.pruned)));
        self.inner.shared.readers.query(marks).await
    }

    /// Makes the rollups of the next days that lack them, in one transaction; false when none was left.
    pub async fn roll_up_step(&self) -> Result<bool, StoreError> {
        self.write(HistoryWriter::roll_up).await
    }
}

fn import(
    tx: &Connection,
    targets: &BTreeMap<String, String>,
    samples: &[ImportedSample],
) -> rusqlite::Result<ImportStep> {
    let mut step = ImportStep::default();
    let mut rows = Vec::with_capacity(samples.len());
    let mut dates: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut wanted = HashSet::new();
    let mut names: HashMap<&str, (i64, i64)> = HashMap::new();
    for sample in samples {
        let row = row(tx, &mut names, sample)?;
        // A file may have a sample twice.
        if wanted.insert((row.path, row.millis())) {
            dates.entry(row.path).or_default().push(row.at);
            rows.push(row);
        } else {
            step.present += 1;
        }
    }
    let stored = stored(tx, &mut dates, &wanted)?;
    let marks = RollupMarks::read(tx)?;
    let mut rolled_up: HashMap<(i64, i64), bool> = HashMap::new();
    let mut added = Vec::with_capacity(rows.len());
    for row in rows {
        if stored.contains(&(row.path, row.millis())) {
            step.present += 1;
            continue;
        }
        let day = day(row.at);
        if day < marks.pruned {
            let is_rolled_up = match rolled_up.get(&(day, row.path)) {
                Some(is_rolled_up) => *is_rolled_up,
                None => Buckets::get(tx, (day, DAYS, row.path), DurationDetail::Sums)?.is_some(),
            };
            rolled_up.insert((day, row.path), is_rolled_up);
            if is_rolled_up {
                step.rolled_up += 1;
                continue;
            }
        }
        added.push(row);
    }
    if added.is_empty() {
        return Ok(step);
    }
    // Days that are long over are no sign of the time that has passed since.
    let came = retention::newest(tx)?;
    for (key, agent) in targets {
        outbox::put_samples(tx, key, agent, came, &added)?;
    }
    blocks::insert(tx, &mut added)?;
    rollups::late(tx, &added)?;
    step.added += added.len() as u64;
    Ok(step)
}

/// Which of the samples that are wanted, by path and millisecond, the history has.
fn stored(
    tx: &Connection,
    dates: &mut HashMap<i64, Vec<i64>>,
    wanted: &HashSet<(i64, i64)>,
) -> rusqlite::Result<HashSet<(i64, i64)>> {
    let mut stored = HashSet::new();
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for dates in dates.values_mut() {
        dates.sort_unstable();
        first = first.min(dates.first().copied().unwrap_or(first));
        last = last.max(dates.last().copied().unwrap_or(last));
    }
    let (first, last) = (
        first.saturating_sub(MILLISECOND),
        last.saturating_add(MILLISECOND),
    );
    let mut take = |path: i64, millis: i64| {
        if wanted.contains(&(path, millis)) {
            stored.insert((path, millis));
        }
    };
    let mut recent = tx.prepare_cached(
        "SELECT path, at FROM recent WHERE at BETWEEN ?1 AND ?2
         AND typeof(at) = 'integer' AND typeof(path) = 'integer'",
    )?;
    let mut found = recent.query([first, last])?;
    while let Some(row) = found.next()? {
        let at: i64 = row.get(1)?;
        take(row.get(0)?, millis(at));
    }
    for block in blocks::within(tx, first, last.saturating_add(1))? {
        let (from, to) = (block.first - MILLISECOND, block.last + MILLISECOND);
        for (path, dates) in &*dates {
            let next = dates.partition_point(|at| *at < from);
            if dates.get(next).is_some_and(|at| *at <= to) {
                blocks::read(tx, &block, *path, |row| take(*path, row.millis()))?;
            }
        }
    }
    Ok(stored)
}

fn millis(at: i64) -> i64 {
    (at + MILLISECOND / 2).div_euclid(MILLISECOND)
}

/// A sample with its names as numbers. `names` has the paths' numbers, and the latest hour that the
/// file has each down for.
fn row<'s>(
    tx: &Connection,
    names: &mut HashMap<&'s str, (i64, i64)>,
    sample: &'s ImportedSample,
) -> rusqlite::Result<SampleRow> {
    let ImportedSample { path, point } = sample;
    let at = micros(point.date);
    let path = match names.get(&**path) {
        Some((number, latest)) if *latest >= hour(at) => *number,
        _ => {
            let number: i64 = tx
                .prepare_cached(
                    "INSERT INTO paths(path, kind, last) VALUES(?1, ?2, ?3)
                     ON CONFLICT(path) DO UPDATE SET last = max(last, excluded.last) RETURNING id",
                )?
                .query_row(params![&**path, IMPORTED, hour(at)], |row| row.get(0))?;
            names.insert(path, (number, hour(at)));
            number
        }
    };
    Ok(SampleRow {
        path,
        at,
        status: point.status,
        duration: micros(point.duration),
        cause: match &point.cause {
            Some(cause) => Some(number_of(tx, cause, hour(at))?),
            None => None,
        },
    })
}

fn number_of(tx: &Connection, cause: &KeptCause, hour: i64) -> rusqlite::Result<i64> {
    tx.prepare_cached(
        "INSERT INTO causes(code, text, last) VALUES(?1, ?2, ?3)
         ON CONFLICT(code, text) DO UPDATE SET last = max(last, excluded.last) RETURNING id",
    )?
    .query_row(
        params![cause.code.map_or("", CauseCode::code), cause.text(), hour],
        |row| row.get(0),
    )
}
