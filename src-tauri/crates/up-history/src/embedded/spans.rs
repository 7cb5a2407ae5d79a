//! What spans of a path's history come to: from rollups where they lie wholly in a span, the widest
//! first, and from samples at the edges and for what is not rolled up yet.

mod nearby;
mod thinned;
mod walk;

use std::cell::RefCell;
use std::collections::BTreeMap;

use rusqlite::Connection;

use super::blocks;
use super::buckets::{Buckets, DAYS, FINE, HOURS, RollupWidth};
use super::ordered::OrderedRows;
use super::recent::SampleRow;
use super::rollups::{self, RollupMarks, day, day_begin};
use crate::answer::{DurationDetail, LOOK_BACK, Rollup};
use nearby::NearbyBlocks;

/// One path's history, as far as it is looked at.
pub(super) struct PathSpans<'c> {
    connection: &'c Connection,
    path: i64,
    /// All that may be read of samples; only what is recent if the others are found when they are needed.
    rows: OrderedRows<'c>,
    /// Nothing outside of these times is read of samples.
    span: (i64, i64),
    nearby: Option<RefCell<NearbyBlocks>>,
    /// What is read of durations.
    detail: DurationDetail,
    marks: RollupMarks,
    /// The days that have anything, from the first up to and with the last.
    days: (i64, i64),
    /// From the first of these days on, the second is the next one that may have anything.
    found_day: (i64, i64),
    /// The packs that were read last, of each width, by day.
    read: [BTreeMap<i64, Option<Buckets>>; 3],
}

/// The place of the packs of whole days among those that are held.
const WHOLE: usize = 0;

/// So many packs of a width are held: those of a day, and of the days around it.
const HELD: usize = 3;

impl<'c> PathSpans<'c> {
    /// For spans that lie between these times, in microseconds.
    pub(super) fn new(
        connection: &'c Connection,
        path: i64,
        from: i64,
        to: i64,
    ) -> rusqlite::Result<Self> {
        let span = (from - look_back(), to);
        let rows = OrderedRows::recent_of(connection, path, span)?;
        let mut history = Self::of(connection, path, rows)?;
        history.span = span;
        history.nearby = Some(RefCell::default());
        if let Some((first, last)) = blocks::extent(connection, span.0, span.1)? {
            let days = history.days;
            history.days = (days.0.min(day(first)), days.1.max(day(last)));
        }
        Ok(history)
    }

    /// For spans of which these are all samples that may be read.
    pub(super) fn of(
        connection: &'c Connection,
        path: i64,
        rows: OrderedRows<'c>,
    ) -> rusqlite::Result<Self> {
        let mut days = rollups::extent(connection)?.unwrap_or((i64::MAX, i64::MIN));
        let (first, last) = rows.extent(i64::MIN);
        if first <= last {
            days = (days.0.min(day(first)), days.1.max(day(last)));
        }
        Ok(Self {
            connection,
            path,
            rows,
            span: (i64::MIN, i64::MAX),
            nearby: None,
            detail: DurationDetail::Spread,
            marks: RollupMarks::read(connection)?,
            days,
            found_day: (i64::MAX, i64::MIN),
            read: Default::default(),
        })
    }

    /// The same without how durations are spread, unless that is asked for.
    pub(super) fn with(self, detail: DurationDetail) -> Self {
        Self { detail, ..self }
    }

    /// What the time from `from` up to `to` comes to, both in microseconds.
    pub(super) fn rollup(&mut self, from: i64, to: i64) -> rusqlite::Result<Rollup> {
        let mut total = self.standing(from)?;
        self.add_span(&mut total, from, to)?;
        Ok(total)
    }

    /// What stands into the time from `from` on.
    pub(super) fn standing(&self, from: i64) -> rusqlite::Result<Rollup> {
        let mut total = Rollup::default();
        self.part(from - look_back(), from)?
            .read(self.connection, |row| {
                total.take_before(row.millis(), row.known_status());
            })?;
        total.begin(from.div_euclid(1_000));
        Ok(total)
    }

    /// The same where an hour begins and the samples may be gone: their rollups tell how the newest was.
    fn standing_of_hour_before(&mut self, from: i64) -> rusqlite::Result<Rollup> {
        let mut hour = Rollup::default();
        self.add_span(&mut hour, from - HOURS.millis * 1_000, from)?;
        let mut total = hour.standing();
        total.begin(from.div_euclid(1_000));
        Ok(total)
    }

    /// Adds the time from `from` up to `to`.
    pub(super) fn add_span(
        &mut self,
        total: &mut Rollup,
        from: i64,
        to: i64,
    ) -> rusqlite::Result<()> {
        let last = day(to - 1).min(self.days.1);
        let mut number = self.next_day(day(from).max(self.days.0))?;
        // Neighbouring days whose samples are read are read at once.
        let mut raw: Option<(i64, i64)> = None;
        while number <= last {
            let (begin, end) = (day_begin(number).max(from), day_begin(number + 1).min(to));
            let rolled = self.marks.has(number, self.path);
            let recent = self.rows.has_recent(begin, end);
            if number >= self.marks.pruned && (!rolled || recent) {
                let end = if number > self.marks.day { to } else { end };
                raw = Some((raw.map_or(begin, |raw| raw.0), end));
            } else {
                if let Some((begin, end)) = raw.take() {
                    self.add_samples(total, begin, end)?;
                }
                self.add_day(total, number, begin, end)?;
                self.rows.recent(begin, end, |row| add(total, row));
            }
            // Nothing after the mark is rolled up: it is one stretch of samples.
            if number > self.marks.day || number >= last {
                break;
            }
            number = self.next_day(number + 1)?;
        }
        if let Some((begin, end)) = raw {
            self.add_samples(total, begin, end)?;
        }
        Ok(())
    }

    /// This day, or the next one that may have anything.
    fn next_day(&mut self, number: i64) -> rusqlite::Result<i64> {
        if number >= self.marks.day {
            return Ok(number);
        }
        if (self.found_day.0..=self.found_day.1).contains(&number) {
            return Ok(self.found_day.1);
        }
        let rolled = rollups::next_day(self.connection, number)?.unwrap_or(i64::MAX);
        let recent = self
            .rows
            .next_recent(day_begin(number))
            .map_or(i64::MAX, day);
        let next = rolled.min(recent).min(self.marks.day);
        self.found_day = (number, next);
        Ok(next)
    }

    fn add_samples(&self, total: &mut Rollup, from: i64, to: i64) -> rusqlite::Result<()> {
        self.part(from, to)?
            .read(self.connection, |row| add(total, row))
            .map(drop)
    }

    /// Adds a part of a day that is rolled up.
    fn add_day(
        &mut self,
        total: &mut Rollup,
        number: i64,
        from: i64,
        to: i64,
    ) -> rusqlite::Result<()> {
        let mut at = from;
        while at < to {
            let width = [DAYS, HOURS, FINE]
                .into_iter()
                .enumerate()
                .find(|(_, width)| {
                    let micros = width.millis * 1_000;
                    at % micros == 0 && at + micros <= to && self.keeps(number, *width)
                });
            if let Some((slot, width)) = width {
                self.read_pack(slot, number, width)?;
                let mut end = at + width.millis * 1_000;
                if self.read[slot].get(&number).is_some_and(Option::is_some) {
                    self.add_bucket(total, (slot, number), at / 1_000)?;
                } else {
                    // None was made, or it is damaged. Samples that are gone add nothing.
                    let hour = HOURS.millis * 1_000;
                    end = end.max(to.min(at - at.rem_euclid(hour) + hour));
                    self.add_samples(total, at, end)?;
                }
                at = end;
            } else {
                // Up to where the next bucket begins. Samples that are gone add nothing.
                let width = FINE.millis * 1_000;
                let next = (at - at.rem_euclid(width) + width).min(to);
                self.add_samples(total, at, next)?;
                at = next;
            }
        }
        Ok(())
    }

    /// Adds the bucket that begins at this time, in milliseconds, of a day's pack that is held. A coarse hour
    /// does not say how its durations are spread; its day does.
    fn add_bucket(
        &mut self,
        total: &mut Rollup,
        (slot, number): (usize, i64),
        begin: i64,
    ) -> rusqlite::Result<()> {
        let bucket = self.held(slot, number, begin);
        let is_coarse = self.detail == DurationDetail::Spread
            && bucket.is_some_and(|bucket| bucket.missing_durations() > 0);
        if is_coarse {
            self.read_pack(WHOLE, number, DAYS)?;
        }
        let whole = self.held(WHOLE, number, day_begin(number) / 1_000);
        match (self.held(slot, number, begin), whole) {
            (Some(bucket), Some(whole)) if is_coarse => total.merge_coarse(bucket, whole),
            (Some(bucket), _) => total.merge(bucket),
            (None, _) => {}
        }
        Ok(())
    }

    /// The bucket that begins at this time, in milliseconds, of a day's pack that is held.
    fn held(&self, slot: usize, number: i64, begin: i64) -> Option<&Rollup> {
        self.read[slot].get(&number)?.as_ref()?.at(begin)
    }

    /// Reads a day's pack, unless it is held.
    fn read_pack(&mut self, slot: usize, number: i64, width: RollupWidth) -> rusqlite::Result<()> {
        let held = &mut self.read[slot];
        if held.contains_key(&number) {
            return Ok(());
        }
        // Time goes forward: the oldest one is not read again.
        if held.len() >= HELD {
            held.pop_first();
        }
        held.insert(
            number,
            Buckets::get(self.connection, (number, width, self.path), self.detail)?,
        );
        Ok(())
    }

    /// Five-minute rollups go with the samples.
    fn keeps(&self, number: i64, width: RollupWidth) -> bool {
        width != FINE || number >= self.marks.pruned
    }
}

fn add(total: &mut Rollup, row: &SampleRow) {
    total.take(
        row.millis(),
        row.known_status(),
        row.duration.unsigned_abs(),
    );
}

pub(super) fn look_back() -> i64 {
    (LOOK_BACK * 1e6) as i64
}
