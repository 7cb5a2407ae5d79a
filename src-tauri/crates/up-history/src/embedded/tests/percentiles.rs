//! What percentiles may be told of durations, some of which are known by their hour and day only.

use crate::answer::Percentiles;

/// A duration in a bucket and the one that stands for it differ by no more than this share.
const BUCKET: f64 = 0.01;

/// How the durations of a span are spread.
#[derive(Default)]
pub(super) struct KnownDurations {
    /// In buckets of their own.
    exact: Vec<f64>,
    hours: Vec<CoarseHour>,
}

/// An hour of which the number and the ends of the durations are known.
struct CoarseHour {
    durations: Vec<f64>,
    /// Those of its day.
    day: Vec<f64>,
}

impl CoarseHour {
    /// The durations of the day between the ends of the hour, each with its share of those of the hour.
    /// The buckets of the ends may hold others beyond these, by such shares.
    fn weighted(&self, beyond: (f64, f64)) -> impl Iterator<Item = (f64, f64)> {
        let end = |pick: fn(f64, f64) -> f64| self.durations.iter().copied().reduce(pick);
        let shortest = end(f64::min).unwrap_or_default() * (1.0 - beyond.0) - 1e-9;
        let longest = end(f64::max).unwrap_or_default() * (1.0 + beyond.1) + 1e-9;
        let within = move |duration: &&f64| (shortest..=longest).contains(*duration);
        let some = self.day.iter().filter(within).count() as f64;
        let weight = self.durations.len() as f64 / some;
        self.day
            .iter()
            .filter(within)
            .map(move |one| (*one, weight))
    }
}

impl KnownDurations {
    pub(super) fn add(&mut self, durations: &[f64]) {
        self.exact.extend(durations);
    }

    pub(super) fn add_hour(&mut self, durations: Vec<f64>, day: &[f64]) {
        let day = day.to_vec();
        self.hours.push(CoarseHour { durations, day });
    }

    /// True if every duration is in a bucket of its own.
    pub(super) fn is_exact(&self) -> bool {
        self.hours.is_empty()
    }

    /// The least and the most that a share of all may be.
    fn quantile(&self, share: f64, beyond: (f64, f64)) -> Option<(f64, f64)> {
        let exact = self.exact.iter().map(|duration| (*duration, 1.0));
        let coarse = self.hours.iter().flat_map(|hour| hour.weighted(beyond));
        let mut all: Vec<(f64, f64)> = exact.chain(coarse).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let count = self.exact.len() + self.hours.iter().map(|h| h.durations.len()).sum::<usize>();
        let rank = (share * count as f64).ceil().max(1.0);
        let at = |rank: f64| {
            let mut below = 0.0;
            let found = all.iter().find(|(_, weight)| {
                below += weight;
                below >= rank - 1e-6
            });
            found.or(all.last()).map(|(duration, _)| *duration)
        };
        // What an hour has in a bucket and below it is rounded to a whole number.
        let rounded = self.hours.len() as f64 / 2.0;
        at(rank - rounded).zip(at(rank + rounded))
    }
}

/// Each percentile is within a bucket of what the rule of the answer says.
pub(super) fn check_percentiles(found: &Percentiles, spread: &KnownDurations, why: &str) {
    for (share, found) in [(0.5, found.p50), (0.95, found.p95), (0.99, found.p99)] {
        let beyond = [0.0, 2.0 * BUCKET];
        let all = beyond.map(|low| beyond.map(|high| spread.quantile(share, (low, high))));
        let all: Vec<_> = all.into_iter().flatten().flatten().collect();
        let least = all.iter().map(|(least, _)| *least).reduce(f64::min);
        let most = all.iter().map(|(_, most)| *most).reduce(f64::max);
        let Some((least, most)) = least.zip(most) else {
            assert_eq!(found, None, "{why}, {share}");
            continue;
        };
        let found = found.expect("a percentile where there are durations");
        let between = least * (1.0 - BUCKET)..=most * (1.0 + BUCKET);
        assert!(
            between.contains(&found),
            "{why}, {share}: {found} is not between {least} and {most}"
        );
    }
}
