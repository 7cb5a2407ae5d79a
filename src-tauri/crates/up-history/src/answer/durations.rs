//! A histogram of durations that can be merged, and percentiles read from it.
//!
//! The buckets are fixed and log-linear: they follow the decades, and within a decade they are as
//! wide as an error of at most 1 % of the measured duration allows. A duration falls into the same bucket
//! before and after it is rounded to three significant digits, so that a store that keeps all digits and one
//! that keeps three give the same percentile. Fixed buckets need no crate, hold nothing but integers, and
//! merge exactly in any order and on any machine, which sketches that adapt themselves (t-digest, GK) do not.

/// Percentiles of the durations of a span, by the nearest rank, in seconds. Each is off by at most 1 % where
/// all durations are in buckets: where there are samples, and in whole days of UTC. Of a part of a day whose
/// samples are gone, each hour's durations are taken to be spread as those of its day, between the hour's
/// shortest and its longest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// Half took no longer.
    pub p50: Option<f64>,
    /// 95 % took no longer.
    pub p95: Option<f64>,
    /// 99 % took no longer.
    pub p99: Option<f64>,
}

/// Within a decade, by its first three digits: where buckets of one width begin, their width, and
/// the number of the first of them.
const WIDTHS: [(u32, u32, u32); 5] = [
    (100, 2, 0),
    (200, 4, 50),
    (300, 6, 75),
    (400, 8, 92),
    (500, 10, 105),
];

/// Buckets of a decade.
const DECADE: u32 = 155;

/// Below this many microseconds each has a bucket of its own.
const EXACT: u64 = 100;

/// As many buckets hold any duration there is.
pub(super) const BUCKETS: u32 = 100 + 18 * DECADE;

/// The bucket of a duration in microseconds.
pub(super) fn bucket(micros: u64) -> u32 {
    if micros < EXACT {
        return micros as u32;
    }
    let (mut unit, mut decade) = (1, 0);
    while micros / unit >= 1_000 {
        unit *= 10;
        decade += 1;
    }
    // Rounded to three digits; 1,000 of them are 100 of the next decade.
    let digits = micros / unit + u64::from(micros % unit >= unit.div_ceil(2));
    if digits == 1_000 {
        return EXACT as u32 + (decade + 1) * DECADE;
    }
    let digits = digits as u32;
    let (begin, width, first) = width_of(digits);
    EXACT as u32 + decade * DECADE + first + (digits - begin) / width
}

fn width_of(digits: u32) -> (u32, u32, u32) {
    let found = WIDTHS.iter().rfind(|(begin, ..)| *begin <= digits);
    *found.unwrap_or(&WIDTHS[0])
}

/// Where a bucket begins, and where the next one does, in microseconds.
fn ends(bucket: u32) -> (f64, f64) {
    let Some(above) = bucket.checked_sub(EXACT as u32) else {
        return (f64::from(bucket), f64::from(bucket) + 1.0);
    };
    let (decade, number) = (above / DECADE, above % DECADE);
    let found = WIDTHS.iter().rfind(|(.., first)| *first <= number);
    let (begin, width, first) = *found.unwrap_or(&WIDTHS[0]);
    let low = begin + (number - first) * width;
    // What a bucket holds ends where the next width begins.
    let end = WIDTHS.iter().map(|(begin, ..)| *begin);
    let high = end.chain([1_000]).find(|end| *end > low).unwrap_or(1_000);
    let high = high.min(low + width);
    let unit = 10_f64.powi(decade.cast_signed());
    (f64::from(low) * unit, f64::from(high) * unit)
}

/// The duration that stands for all of a bucket, in microseconds: the one from which the shortest and the
/// longest differ by the same share of themselves.
fn middle(bucket: u32) -> f64 {
    let (low, high) = ends(bucket);
    let Some(above) = bucket.checked_sub(EXACT as u32) else {
        return low;
    };
    // What is rounded up to the bucket's begin belongs to it, and what is rounded up to its end does not.
    let half = 0.5 * 10_f64.powi((above / DECADE).cast_signed());
    let (low, high) = (low - half, high - half);
    2.0 * low * high / (low + high)
}

/// How many durations, rounded to three significant digits, lie between two that are at most 2 % apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DurationCount {
    /// From this many seconds on.
    pub from: f64,
    /// Up to, but without, this many.
    pub to: f64,
    /// So many of them.
    pub count: u64,
}

/// How many durations fell into each bucket, with exact sums and ends. All in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DurationHistogram {
    /// From the first bucket that holds something on, up to the last one that does.
    pub(super) counts: Vec<u64>,
    pub(super) first: u32,
    /// How many durations the buckets hold.
    pub(super) held: u64,
    /// How many durations the sums and the ends are of.
    pub(super) total: u64,
    pub(super) sum: u128,
    /// Only of those that are in buckets.
    pub(super) squares: u128,
    /// The shortest and the longest; without meaning while there are none.
    pub(super) ends: (u64, u64),
}

impl DurationHistogram {
    /// Adds one duration.
    pub(crate) fn add(&mut self, micros: u64) {
        self.widen((micros, micros));
        self.add_to(bucket(micros), 1);
        self.total += 1;
        self.sum += u128::from(micros);
        self.squares = self.squares.saturating_add(u128::from(micros).pow(2));
    }

    /// Adds all that another one holds.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.total > 0 {
            self.widen(other.ends);
        }
        self.add_counts(other);
        self.total += other.total;
        self.sum += other.sum;
        self.squares = self.squares.saturating_add(other.squares);
    }

    fn widen(&mut self, (shortest, longest): (u64, u64)) {
        self.ends = match self.total {
            0 => (shortest, longest),
            _ => (self.ends.0.min(shortest), self.ends.1.max(longest)),
        };
    }

    /// Adds what the buckets of another one hold.
    fn add_counts(&mut self, other: &Self) {
        let Some(more) = other.counts.len().checked_sub(1) else {
            return;
        };
        // Room is made for both ends first.
        self.add_to(other.first, 0);
        self.add_to(other.first + more as u32, 0);
        let begin = (other.first - self.first) as usize;
        for (mine, count) in self.counts[begin..].iter_mut().zip(&other.counts) {
            *mine += count;
        }
        self.held += other.held;
    }

    /// Counts some in a bucket.
    pub(super) fn add_to(&mut self, bucket: u32, count: u64) {
        if self.counts.is_empty() {
            self.first = bucket;
        }
        if bucket < self.first {
            let more = (self.first - bucket) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first = bucket;
        }
        let index = (bucket - self.first) as usize;
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] += count;
        self.held += count;
    }

    /// How many durations are in no bucket.
    pub(super) fn missing(&self) -> u64 {
        self.total.saturating_sub(self.held)
    }

    /// Forgets how the durations are spread, but neither their sum nor their ends.
    pub(super) fn forget_buckets(&mut self) {
        self.counts.clear();
        self.first = 0;
        self.held = 0;
        self.squares = 0;
    }

    /// Counts so many durations between these two in buckets, in the shares of another histogram.
    pub(super) fn add_like(&mut self, other: &Self, count: u64, (shortest, longest): (u64, u64)) {
        let between = bucket(shortest)..=bucket(longest);
        let some = (other.first..).zip(&other.counts);
        let some = some.filter(|(number, each)| **each > 0 && between.contains(number));
        let held: u64 = some.clone().map(|(_, each)| *each).sum();
        let (mut below, mut added) = (0_u64, 0_u64);
        for (number, each) in some {
            below += each;
            // Rounded so that all of them come to the count, and no rank is moved by more than a half.
            let product = u128::from(below) * u128::from(count) + u128::from(held) / 2;
            let until = (product / u128::from(held)) as u64;
            let share = until.saturating_sub(added);
            added += share;
            if share > 0 {
                self.add_to(number, share);
            }
        }
    }

    /// The duration in seconds that this share of all (0 to 1) does not exceed, by the nearest rank.
    fn quantile(&self, share: f64) -> Option<f64> {
        let rank = ((share * self.held as f64).ceil() as u64).max(1);
        let mut below = 0;
        let found = self.counts.iter().position(|count| {
            below += count;
            below >= rank
        })?;
        let (shortest, longest) = (self.ends.0 as f64, self.ends.1 as f64);
        Some(middle(self.first + found as u32).clamp(shortest, longest) / 1e6)
    }

    /// The buckets that hold some, from the shortest durations to the longest.
    pub(super) fn by_bucket(&self) -> Vec<DurationCount> {
        let some = (self.first..)
            .zip(&self.counts)
            .filter(|(_, count)| **count > 0);
        some.map(|(bucket, count)| {
            let (from, to) = ends(bucket);
            DurationCount {
                from: from / 1e6,
                to: to / 1e6,
                count: *count,
            }
        })
        .collect()
    }

    /// The mean in seconds.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.total > 0).then(|| self.sum as f64 / self.total as f64 / 1e6)
    }

    /// The longest in seconds.
    pub(super) fn longest(&self) -> Option<f64> {
        (self.total > 0).then(|| self.ends.1 as f64 / 1e6)
    }

    /// The percentiles that are shown.
    pub(crate) fn percentiles(&self) -> Percentiles {
        Percentiles {
            p50: self.quantile(0.5),
            p95: self.quantile(0.95),
            p99: self.quantile(0.99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_within_one_percent_of_what_it_holds() {
        let check = |micros: u64| {
            let told = middle(bucket(micros));
            let off = (told - micros as f64).abs() / (micros as f64).max(1.0);
            assert!(off <= 0.01, "{micros} µs is told as {told}");
        };
        (0..200_000).for_each(check);
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..100_000 {
            check(random.u64(..) >> random.u32(0..64));
        }
        check(u64::MAX);
        assert!(bucket(u64::MAX) < BUCKETS);
    }

    #[test]
    fn rounding_to_three_digits_changes_no_bucket() {
        let check = |micros: u64, rounded: u64| {
            assert_eq!(bucket(micros), bucket(rounded), "{micros} µs");
        };
        check(101_499, 101_000);
        check(101_500, 102_000);
        check(99_949, 99_900);
        check(99_950, 100_000);
        check(999_500, 1_000_000);
        check(9_994_999, 9_990_000);
        check(1_005, 1_010);
        check(1_994, 1_990);
    }

    #[test]
    fn buckets_rise_with_what_they_hold() {
        let mut before = 0;
        for micros in 0..200_000 {
            let next = bucket(micros);
            assert!(next == before || next == before + 1, "{micros} µs");
            before = next;
        }
    }

    /// The percentiles of a histogram against those of all durations, in microseconds.
    fn check_percentiles(histogram: &DurationHistogram, all: &[u64], why: &str) {
        let mut sorted = all.to_vec();
        sorted.sort_unstable();
        for share in [0.01, 0.5, 0.95, 0.99, 1.0] {
            let rank = ((share * sorted.len() as f64).ceil() as usize).max(1);
            let (exact, told) = (sorted[rank - 1] as f64, histogram.quantile(share));
            let told = told.expect("there are some") * 1e6;
            assert!(
                (told - exact).abs() <= 0.01 * exact + 1e-6,
                "{why}, {share} of {}: {told} µs for {exact} µs",
                sorted.len()
            );
        }
    }

    #[test]
    fn percentiles_of_merged_pieces_are_those_of_all_durations() {
        type Draw = fn(&mut fastrand::Rng) -> u64;
        let draws: [(&str, Draw); 9] = [
            ("nothing takes any time", |_| 0),
            ("a constant", |_| 101_499),
            ("tiny values", |random| random.u64(0..120)),
            ("two far apart", |random| {
                [19_999, 2_000_500][random.usize(0..2)]
            }),
            ("beside an edge", |random| 199_499 + random.u64(0..3)),
            ("zeros and timeouts", |random| {
                [0, 10_000_000][random.usize(0..2)]
            }),
            ("a heavy tail", |random| {
                let pareto = 20_000.0 / (1.0 - random.f64()).powf(1.2);
                (pareto as u64).min(10_000_000)
            }),
            ("any size", |random| random.u64(..) >> random.u32(1..64)),
            ("the longest", |_| u64::MAX),
        ];
        let mut random = fastrand::Rng::with_seed(2);
        for (name, draw) in draws {
            for _ in 0..40 {
                let mut all = Vec::new();
                let mut pieces = Vec::new();
                for _ in 0..random.usize(1..30) {
                    let mut piece = DurationHistogram::default();
                    for _ in 0..[0, 1, 2, random.usize(3..300)][random.usize(0..4)] {
                        let micros = draw(&mut random);
                        piece.add(micros);
                        all.push(micros);
                    }
                    pieces.push(piece);
                }
                random.shuffle(&mut pieces);
                let mut merged = DurationHistogram::default();
                for piece in &pieces {
                    merged.merge(piece);
                }
                if all.is_empty() {
                    assert_eq!(merged.percentiles(), Percentiles::default(), "{name}");
                } else {
                    check_percentiles(&merged, &all, name);
                }
            }
        }
    }

    #[test]
    fn an_hour_is_spread_like_its_day_between_its_ends() {
        let mut day = DurationHistogram::default();
        for (micros, count) in [(1_000, 10), (20_000, 60), (50_000, 20), (9_000_000, 10)] {
            (0..count).for_each(|_| day.add(micros));
        }
        let check = |count: u64, ends: (u64, u64), expected: &[u64]| {
            let mut hour = DurationHistogram::default();
            hour.add_like(&day, count, ends);
            let counts: Vec<u64> = hour.counts.iter().copied().filter(|c| *c > 0).collect();
            assert_eq!(counts, expected, "{count} between {ends:?}");
            assert_eq!(hour.held, expected.iter().sum::<u64>());
        };
        check(10, (1_000, 9_000_000), &[1, 6, 2, 1]);
        check(8, (20_000, 50_000), &[6, 2]);
        check(5, (9_000_000, 9_000_000), &[5]);
        check(u64::MAX, (1_000, 1_000), &[u64::MAX]);
        // The day has none of these.
        check(7, (2_000, 3_000), &[]);
    }
}
