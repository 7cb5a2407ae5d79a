//! The samples of a long time that are left when it is thinned by whole days. Rollups tell which hours hold
//! the first, the last, the lowest and the slowest sample; the samples of other hours are not read.

use std::collections::BTreeSet;

use super::PathSpans;
use crate::answer::DurationDetail;
use crate::embedded::buckets::{Buckets, HOURS};
use crate::embedded::recent::SampleRow;
use crate::embedded::rollups::{day, day_begin};

/// Microseconds.
const HOUR: i64 = HOURS.millis * 1_000;

impl PathSpans<'_> {
    /// Hands out the samples from `from` up to `to`, both in microseconds, but for those that thinning by
    /// so many whole days, counted from that of `from` on, surely drops. Returns how many runs were
    /// damaged, whose rows are missing.
    pub(in super::super) fn read_thinned(
        &mut self,
        (from, to): (i64, i64),
        days: i64,
        mut take: impl FnMut(&SampleRow),
    ) -> rusqlite::Result<u64> {
        let (mut damaged, sums) = (0, DurationDetail::Sums);
        let (first, last) = (day(from), day(to - 1).min(self.days.1));
        let mut number = self.next_day(first.max(self.days.0))?;
        while number <= last {
            let end = first + ((number - first) / days + 1) * days;
            let mut hours = HoursToRead::default();
            while number < end && number <= last {
                let (begin, end) = (day_begin(number).max(from), day_begin(number + 1).min(to));
                if self.is_rolled(number, (begin, end)) {
                    // What is damaged, or gone with the samples, tells nothing.
                    match Buckets::get_kept(self.connection, (number, HOURS, self.path), sums)? {
                        Some(buckets) => hours.look_at(&buckets, number),
                        None => hours.read_all(begin, end),
                    }
                } else {
                    hours.read_all(begin, end);
                }
                number = self.next_day(number + 1)?;
            }
            for begin in hours.found() {
                // Dates of an earlier Up are rounded where they are rolled up.
                let span = (begin - 1_000, begin + HOUR);
                let rows = self.part(span.0.max(from), span.1.min(to))?;
                damaged += rows.read(self.connection, &mut take)?;
            }
        }
        Ok(damaged)
    }

    /// True if all samples of a day lie in these times and are rolled up, or gone.
    fn is_rolled(&self, number: i64, (begin, end): (i64, i64)) -> bool {
        let is_whole = begin == day_begin(number) && end == day_begin(number + 1);
        is_whole && self.marks.has(number, self.path) && !self.rows.has_recent(begin, end)
    }
}

/// The hours of some days, by their begins in microseconds, that hold what thinning leaves.
#[derive(Default)]
struct HoursToRead {
    ends: Option<(i64, i64)>,
    lowest: Option<(f64, i64)>,
    slowest: Option<(u64, i64)>,
    /// Those that are read whatever the others hold.
    others: BTreeSet<i64>,
}

impl HoursToRead {
    /// Looks at the hours of the next day.
    fn look_at(&mut self, buckets: &Buckets, number: i64) {
        for hour in 0..24 {
            let begin = day_begin(number) + hour * HOUR;
            let Some(bucket) = buckets.at(begin / 1_000) else {
                continue;
            };
            let Some((_, unknown, _)) = bucket.extent() else {
                continue;
            };
            self.ends = Some((self.ends.map_or(begin, |ends| ends.0), begin));
            if unknown > 0 {
                // How long these took is not rolled up.
                self.others.insert(begin);
            }
            let Some((lowest, longest)) = bucket.extremes() else {
                continue;
            };
            if self.lowest.is_none_or(|(status, _)| lowest < status) {
                self.lowest = Some((lowest, begin));
            }
            if self.slowest.is_none_or(|(duration, _)| longest >= duration) {
                self.slowest = Some((longest, begin));
            }
        }
    }

    /// Takes all hours of a part of a day.
    fn read_all(&mut self, begin: i64, end: i64) {
        let mut hour = begin - begin.rem_euclid(HOUR);
        while hour < end {
            self.others.insert(hour);
            hour += HOUR;
        }
    }

    /// All of them, the earliest first.
    fn found(mut self) -> BTreeSet<i64> {
        let ends = self
            .ends
            .into_iter()
            .flat_map(|(first, last)| [first, last]);
        let lowest = self.lowest.map(|(_, begin)| begin);
        let slowest = self.slowest.map(|(_, begin)| begin);
        self.others.extend(ends.chain(lowest).chain(slowest));
        self.others
    }
}
