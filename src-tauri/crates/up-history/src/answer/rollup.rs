//! What a piece of a path's history comes to, in numbers that can be merged with those of the piece
//! after it: a day's come from its hours', and a year's from its days'.

use super::durations::{DurationHistogram, Percentiles};
use super::uptime::Uptime;

/// Counts, sums and ends of the samples of one piece of time. All of them are exact, except that
/// dates are rounded to milliseconds, and percentiles are off by at most 1 %.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rollup {
    /// Samples with a status.
    pub(super) count: u64,
    /// Samples without one.
    pub(super) unknown: u64,
    pub(super) statuses: StatusSums,
    /// Of the samples with a status.
    pub(super) durations: DurationHistogram,
    pub(super) uptime: Uptime,
}

/// Sums over the statuses of the samples that have one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StatusSums {
    /// How many are wholly up.
    pub(super) up: u64,
    pub(super) sum: f64,
    pub(super) squares: f64,
    /// 1 while there are none.
    pub(super) lowest: f64,
    /// 0 while there are none.
    pub(super) highest: f64,
}

impl Default for StatusSums {
    fn default() -> Self {
        Self::whole(0, 0)
    }
}

impl StatusSums {
    /// Of statuses that are all 0 or 1.
    pub(super) fn whole(count: u64, up: u64) -> Self {
        Self {
            up,
            sum: up as f64,
            squares: up as f64,
            lowest: if up < count { 0.0 } else { 1.0 },
            highest: if up > 0 { 1.0 } else { 0.0 },
        }
    }
}

impl Rollup {
    /// Takes the next sample in the order of dates: milliseconds, 0 to 1, microseconds.
    pub(crate) fn take(&mut self, date: i64, status: Option<f64>, duration: u64) {
        self.uptime.take(date, status);
        let Some(status) = status else {
            self.unknown += 1;
            return;
        };
        self.count += 1;
        self.durations.add(duration);
        let sums = &mut self.statuses;
        sums.up += u64::from(status >= 1.0);
        sums.sum += status;
        sums.squares += status * status;
        sums.lowest = sums.lowest.min(status);
        sums.highest = sums.highest.max(status);
    }

    /// Takes a sample of before the piece: it may stand into it.
    pub(crate) fn take_before(&mut self, date: i64, status: Option<f64>) {
        self.uptime.take(date, status);
    }

    /// The piece begins here.
    pub(crate) fn begin(&mut self, from: i64) {
        self.uptime.begin(from);
    }

    /// Adds the piece that comes after this one.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.count += later.count;
        self.unknown += later.unknown;
        let (sums, more) = (&mut self.statuses, &later.statuses);
        sums.up += more.up;
        sums.sum += more.sum;
        sums.squares += more.squares;
        sums.lowest = sums.lowest.min(more.lowest);
        sums.highest = sums.highest.max(more.highest);
        self.durations.merge(&later.durations);
        self.uptime.merge(&later.uptime);
    }

    /// Adds a piece that may lie anywhere, before, after or within this one. Where both of them know of
    /// the same time, it counts twice.
    pub(crate) fn merge_late(&mut self, other: &Self) {
        if other.uptime.begins_before(&self.uptime) {
            let mine = std::mem::replace(self, other.clone());
            return self.merge_late_into(&mine);
        }
        self.merge_late_into(other);
    }

    /// Adds a piece that does not begin before this one.
    fn merge_late_into(&mut self, other: &Self) {
        let newest = self.uptime;
        self.merge(other);
        self.uptime.end_with_newest_of(&newest);
    }

    /// Forgets how the durations are spread, but neither their sum nor their ends.
    pub(crate) fn forget_buckets(&mut self) {
        self.durations.forget_buckets();
    }

    /// Of how many durations only the sum and the ends are known.
    pub(crate) fn missing_durations(&self) -> u64 {
        self.durations.missing()
    }

    /// Takes so many durations to be spread as they are in another piece.
    pub(crate) fn spread_durations(&mut self, count: u64, like: &Self) {
        self.durations.add_like(&like.durations, count);
    }

    /// How many samples were taken.
    pub(crate) fn samples(&self) -> u64 {
        self.count.saturating_add(self.unknown)
    }

    /// How many samples with a status and without one were taken, and the dates of the first and the
    /// last, in milliseconds; `None` if there were none.
    pub(crate) fn extent(&self) -> Option<(u64, u64, (i64, i64))> {
        let ends = self.uptime.ends?;
        Some((self.count, self.unknown, (ends.first, ends.newest)))
    }

    /// What is told of a piece that ends at `to`, in milliseconds.
    pub(crate) fn summary(&self, to: i64) -> HistorySummary {
        let mean = (self.count > 0).then(|| self.statuses.sum / self.count as f64);
        HistorySummary {
            count: self.count,
            unknown: self.unknown,
            uptime: self.uptime.share(to),
            mean,
            lowest: mean.map(|_| self.statuses.lowest),
            highest: mean.map(|_| self.statuses.highest),
            durations: self.durations.percentiles(),
        }
    }
}

/// What the samples of a span come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HistorySummary {
    /// Samples with a status.
    pub count: u64,
    /// Samples without one.
    pub unknown: u64,
    /// The mean status by time; `None` when no time is known.
    pub uptime: Option<f64>,
    /// The mean status by sample.
    pub mean: Option<f64>,
    /// The lowest status.
    pub lowest: Option<f64>,
    /// The highest status.
    pub highest: Option<f64>,
    /// Of the samples with a status.
    pub durations: Percentiles,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A piece of a random history: sometimes steady, sometimes anything.
    pub(in crate::answer) fn random_samples(
        random: &mut fastrand::Rng,
    ) -> Vec<(i64, Option<f64>, u64)> {
        let wild = random.bool();
        let mut at = random.i64(0..100_000_000);
        (0..random.usize(0..200))
            .map(|_| {
                at += if wild {
                    random.i64(0..1_000_000)
                } else {
                    29_990 + random.i64(0..20)
                };
                let status = match random.u32(0..if wild { 8 } else { 100 }) {
                    0 => None,
                    1 => Some(0.0),
                    2 if wild => Some(random.f64()),
                    _ => Some(1.0),
                };
                let duration = if wild {
                    random.u64(..) >> 20 >> random.u32(0..44)
                } else {
                    95_000 + random.u64(0..900) * 100
                };
                (at, status, duration)
            })
            .collect()
    }

    pub(in crate::answer) fn rolled(samples: &[(i64, Option<f64>, u64)]) -> Rollup {
        let mut rollup = Rollup::default();
        for (date, status, duration) in samples {
            rollup.take(*date, *status, *duration);
        }
        rollup
    }

    #[test]
    fn pieces_come_to_the_whole() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..300 {
            let samples = random_samples(&mut random);
            let mut cuts: Vec<_> = (0..3).map(|_| random.usize(0..=samples.len())).collect();
            cuts.sort_unstable();
            let mut merged = Rollup::default();
            for piece in [0, cuts[0], cuts[1], cuts[2], samples.len()].windows(2) {
                merged.merge(&rolled(&samples[piece[0]..piece[1]]));
            }
            let mut whole = rolled(&samples);
            // Only sums of fractions depend on their order, in the last digit.
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
            assert!(close(merged.statuses.sum, whole.statuses.sum));
            assert!(close(merged.statuses.squares, whole.statuses.squares));
            assert!(close(merged.uptime.up, whole.uptime.up));
            whole.statuses.sum = merged.statuses.sum;
            whole.statuses.squares = merged.statuses.squares;
            whole.uptime.up = merged.uptime.up;
            assert_eq!(merged, whole, "{samples:?} cut at {cuts:?}");
        }
    }
}
