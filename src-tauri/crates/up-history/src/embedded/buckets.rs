//! The rollups of one path and day, of one width: as they are kept, and as they are made.

use rusqlite::{Connection, params};

use super::recent::SampleRow;
use crate::answer::{DurationDetail, Rollup, pack, unpack};

/// Milliseconds.
pub(super) const FIVE_MINUTES: i64 = 300_000;
const HOUR: i64 = 3_600_000;
pub(super) const DAY: i64 = 86_400_000;

/// Bits of an id that are the path's number; the day stands above.
pub(super) const PATH_BITS: u32 = 24;

/// Rollups of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RollupWidth {
    pub(super) table: &'static str,
    /// Milliseconds.
    pub(super) millis: i64,
}

pub(super) const FINE: RollupWidth = RollupWidth {
    table: "rollups_5min",
    millis: FIVE_MINUTES,
};
pub(super) const HOURS: RollupWidth = RollupWidth {
    table: "rollups_hour",
    millis: HOUR,
};
/// Hours without histograms of their durations, of days whose samples are gone.
pub(super) const COARSE_HOURS: RollupWidth = RollupWidth {
    table: "rollups_hour_coarse",
    millis: HOUR,
};
pub(super) const DAYS: RollupWidth = RollupWidth {
    table: "rollups_day",
    millis: DAY,
};

/// The buckets of one path and day.
pub(super) struct Buckets {
    day: i64,
    width: RollupWidth,
    all: Vec<Rollup>,
}

impl Buckets {
    /// Empty ones.
    pub(super) fn new(day: i64, width: RollupWidth) -> Self {
        let count = (DAY / width.millis) as usize;
        Self {
            day,
            width,
            all: vec![Rollup::default(); count],
        }
    }

    /// Those that are kept; `None` where none are, or where they are damaged. Hours may be coarse.
    pub(super) fn get(
        connection: &Connection,
        (day, width, path): (i64, RollupWidth, i64),
        detail: DurationDetail,
    ) -> rusqlite::Result<Option<Self>> {
        let kept = Self::get_kept(connection, (day, width, path), detail)?;
        if kept.is_none() && width == HOURS {
            return Self::get_kept(connection, (day, COARSE_HOURS, path), detail);
        }
        Ok(kept)
    }

    /// Those that this table has.
    pub(super) fn get_kept(
        connection: &Connection,
        (day, width, path): (i64, RollupWidth, i64),
        detail: DurationDetail,
    ) -> rusqlite::Result<Option<Self>> {
        let query = format!("SELECT pack FROM {} WHERE id = ?1", width.table);
        let mut select = connection.prepare_cached(&query)?;
        let mut rows = select.query([day << PATH_BITS | path])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let pack = row.get_ref(0)?.as_blob()?;
        let mut buckets = Self::new(day, width);
        let unpacked = unpack(pack, (day * DAY, width.millis), detail, |number, bucket| {
            if let Some(kept) = buckets.all.get_mut(number as usize) {
                *kept = bucket;
            }
        });
        Ok(unpacked.map(|()| buckets))
    }

    /// Adds all of them to what comes before.
    pub(super) fn add_to(&self, total: &mut Rollup) {
        self.all.iter().for_each(|bucket| total.merge(bucket));
    }

    /// Keeps them in the place of what was kept.
    pub(super) fn put(&self, tx: &Connection, path: i64) -> rusqlite::Result<()> {
        let pack = pack(&self.all, self.day * DAY, self.width.millis);
        let query = format!(
            "INSERT INTO {}(id, pack) VALUES(?1, ?2)
             ON CONFLICT(id) DO UPDATE SET pack = excluded.pack",
            self.width.table
        );
        tx.prepare_cached(&query)?
            .execute(params![self.day << PATH_BITS | path, pack])
            .map(drop)
    }

    /// Takes the next sample in the order of dates.
    pub(super) fn take(&mut self, row: &SampleRow) {
        let date = row.millis();
        let index = (date - self.day * DAY).div_euclid(self.width.millis);
        // What is rounded up to the next day belongs to the last moment of this one.
        let index = (index as usize).min(self.all.len() - 1);
        self.all[index].take(date, row.known_status(), row.duration.unsigned_abs());
    }

    /// How many samples they are of.
    pub(super) fn samples(&self) -> u64 {
        self.all.iter().map(Rollup::samples).sum()
    }

    /// The same in wider buckets.
    pub(super) fn wider(&self, width: RollupWidth) -> Self {
        let mut wider = Self::new(self.day, width);
        let each = (width.millis / self.width.millis) as usize;
        for (all, pieces) in wider.all.iter_mut().zip(self.all.chunks(each)) {
            for piece in pieces {
                all.merge(piece);
            }
        }
        wider
    }

    /// These without what says how durations are spread.
    pub(super) fn coarse(mut self) -> Self {
        self.all.iter_mut().for_each(Rollup::forget_buckets);
        self.width = COARSE_HOURS;
        self
    }

    /// Adds those that samples came to which were late.
    pub(super) fn add(&mut self, other: &Self) {
        for (mine, more) in self.all.iter_mut().zip(&other.all) {
            mine.merge_late(more);
        }
    }

    /// How many samples with a status and without one they are of, and the dates of the first and the
    /// last, in milliseconds; `None` if there are none.
    pub(super) fn whole(&self) -> Option<(u64, u64, (i64, i64))> {
        let mut whole = Rollup::default();
        self.add_to(&mut whole);
        whole.extent()
    }

    /// The bucket that begins at this time, in milliseconds.
    pub(super) fn at(&self, begin: i64) -> Option<&Rollup> {
        let index = (begin - self.day * DAY).div_euclid(self.width.millis);
        self.all.get(usize::try_from(index).ok()?)
    }
}
