//! What a piece of a path's history comes to, in numbers that can be merged with those of the piece
//! after it: a day's come from its hours', and a year's from its days'.

use up_core::Timestamp;

use super::durations::{DurationCount, DurationHistogram, Percentiles};
use super::uptime::Uptime;

/// Counts, sums and ends of the samples of one piece of time. All of them are exact, except that
/// dates are rounded to milliseconds, and percentiles are read from buckets (see [`Percentiles`]).
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

/// How many parts of equal width statuses are counted in.
pub const STATUS_PARTS: usize = 20;

/// The part that a status falls into; what is wholly up falls into the last one.
pub(crate) fn status_part(status: f64) -> usize {
    // `as` saturates.
    ((status * STATUS_PARTS as f64) as usize).min(STATUS_PARTS - 1)
}

/// Sums over the statuses of the samples that have one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StatusSums {
    /// How many are wholly up.
    pub(super) up: u64,
    pub(super) sum: f64,
    pub(super) squares: f64,
    /// 1 while there are none.
    pub(super) lowest: f64,
    /// 0 while there are none.
    pub(super) highest: f64,
    /// Statuses that are neither 0 nor 1, by the part that they fall into; empty while there are none.
    pub(super) between: Vec<u64>,
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
            between: Vec::new(),
        }
    }

    fn take(&mut self, status: f64) {
        self.up += u64::from(status >= 1.0);
        self.sum += status;
        self.squares += status * status;
        self.lowest = self.lowest.min(status);
        self.highest = self.highest.max(status);
        if status > 0.0 && status < 1.0 {
            self.between.resize(STATUS_PARTS, 0);
            self.between[status_part(status)] += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.up += other.up;
        self.sum += other.sum;
        self.squares += other.squares;
        self.lowest = self.lowest.min(other.lowest);
        self.highest = self.highest.max(other.highest);
        if !other.between.is_empty() {
            self.between.resize(STATUS_PARTS, 0);
        }
        for (mine, more) in self.between.iter_mut().zip(&other.between) {
            *mine += more;
        }
    }

    /// How many of so many statuses fall into each part.
    pub(super) fn parts(&self, count: u64) -> [u64; STATUS_PARTS] {
        let mut parts = [0; STATUS_PARTS];
        for (part, between) in parts.iter_mut().zip(&self.between) {
            *part = *between;
        }
        let between: u64 = self.between.iter().sum();
        parts[0] += count.saturating_sub(self.up).saturating_sub(between);
        parts[STATUS_PARTS - 1] += self.up;
        parts
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
        self.statuses.take(status);
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
        self.statuses.merge(&later.statuses);
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

    /// Adds an hour that comes after this piece, and of which only the sum and the ends of the durations are
    /// known. Between these ends they are taken to be spread as those of its day.
    pub(crate) fn merge_coarse(&mut self, hour: &Self, day: &Self) {
        self.merge(hour);
        let durations = &hour.durations;
        self.durations
            .add_like(&day.durations, durations.missing(), durations.ends);
    }

    /// Nothing more comes before `to`: the newest sample stands until then, or as long as it may.
    pub(crate) fn close(&mut self, to: i64) {
        self.uptime.close(to);
    }

    /// True if neither a sample was taken nor any time is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.samples() == 0 && self.uptime.is_empty()
    }

    /// The lowest status, and the longest duration in microseconds; `None` if no sample has a status.
    pub(crate) fn extremes(&self) -> Option<(f64, u64)> {
        (self.count > 0).then_some((self.statuses.lowest, self.durations.ends.1))
    }

    /// True if there are samples, and all of them are wholly up.
    pub(crate) fn is_up(&self) -> bool {
        self.count > 0 && self.unknown == 0 && self.statuses.up == self.count
    }

    /// What the newest sample stands for after this piece.
    pub(crate) fn standing(&self) -> Self {
        Self {
            uptime: self.uptime,
            ..Self::default()
        }
    }

    /// Adds a piece that is closed. The two need not be neighbours.
    pub(crate) fn gather(&mut self, closed: &Self) {
        let mut uptime = self.uptime;
        uptime.gather(&closed.uptime);
        self.merge(closed);
        self.uptime = uptime;
    }

    /// How the durations are spread.
    pub(crate) fn duration_counts(&self) -> Vec<DurationCount> {
        self.durations.by_bucket()
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

    /// What is told in an overview of a piece that ends at `to`, in milliseconds; `None` if there are no
    /// samples.
    pub(crate) fn overview(&self, path: String, to: i64) -> Option<PathOverview> {
        let ends = self.uptime.ends.filter(|_| self.samples() > 0)?;
        Some(PathOverview {
            path,
            count: self.count,
            unknown: self.unknown,
            uptime: self.uptime.share(to),
            known: self.uptime.known_until(to) as f64 / 1e3,
            deviation: self.deviation(),
            last: ends.newest as f64 / 1e3,
            status: ends.status,
        })
    }

    fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.statuses.sum / self.count as f64)
    }

    fn deviation(&self) -> Option<f64> {
        let squares = self.statuses.squares / self.count as f64;
        let mean = self.mean()?;
        Some((squares - mean * mean).max(0.0).sqrt())
    }

    /// What is told of a piece that ends at `to`, in milliseconds.
    pub(crate) fn summary(&self, to: i64) -> HistorySummary {
        let mean = self.mean();
        HistorySummary {
            count: self.count,
            unknown: self.unknown,
            uptime: self.uptime.share(to),
            mean,
            lowest: mean.map(|_| self.statuses.lowest),
            highest: mean.map(|_| self.statuses.highest),
            deviation: self.deviation(),
            statuses: self.statuses.parts(self.count),
            known: self.uptime.known_until(to) as f64 / 1e3,
            durations: self.durations.percentiles(),
            mean_duration: self.durations.mean(),
            longest: self.durations.longest(),
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
    /// The standard deviation of the statuses.
    pub deviation: Option<f64>,
    /// How many statuses fall into each of as many parts of equal width, from 0 on.
    pub statuses: [u64; STATUS_PARTS],
    /// For how many seconds the status is known.
    pub known: f64,
    /// Of the samples with a status.
    pub durations: Percentiles,
    /// Their mean duration in seconds.
    pub mean_duration: Option<f64>,
    /// Their longest duration in seconds.
    pub longest: Option<f64>,
}

/// What a span comes to for one path, in the words of an overview.
#[derive(Clone, Debug, PartialEq)]
pub struct PathOverview {
    /// The path.
    pub path: String,
    /// How many samples with a status there are.
    pub count: u64,
    /// How many unknown samples.
    pub unknown: u64,
    /// The mean status by time; `None` when no time is known.
    pub uptime: Option<f64>,
    /// For how many seconds the status is known.
    pub known: f64,
    /// The standard deviation of the statuses, by sample.
    pub deviation: Option<f64>,
    /// The date of the newest sample.
    pub last: Timestamp,
    /// Its status; `None` if it is unknown.
    pub status: Option<f64>,
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
