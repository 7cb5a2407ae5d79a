//! How rollups are kept: the buckets of one path and day, packed. A pack is a version, what it holds,
//! and a checksum. Buckets without a sample are left out. How the durations of each bucket are spread
//! stands behind all buckets, because it takes the most time to read, and few answers need it. In packs
//! of version 2 it stands within each bucket.

mod bucket;
mod durations;
mod fields;
mod version_1;
mod version_2;

use bucket::{Expected, TakenBucket, put_bucket, take_bucket};
use durations::{ExpectedSpread, power_of, put_spread, take_spread};
use fields::{Field, FieldReader, FieldWriter};
#[cfg(test)]
pub(crate) use version_1::pack_version_1;

use super::cut::DurationDetail;
use super::rollup::Rollup;
use crate::packing::{byte, number, put, seal, unseal};

/// What this Up packs.
const VERSION: u8 = 3;

/// Bits of the power of ten that all durations are a multiple of; the number of buckets stands above.
const POWER_BITS: u32 = 3;

/// No pack holds more buckets than a day has of five minutes.
const MOST_BUCKETS: u64 = 288;

/// Packs buckets, each `width` milliseconds long, the first of which begins at `begin`.
pub(crate) fn pack(buckets: &[Rollup], begin: i64, width: i64) -> Vec<u8> {
    let some = |bucket: &&Rollup| bucket.uptime.ends.is_some();
    let count = buckets.iter().filter(some).count() as u64;
    let durations = buckets.iter().map(|bucket| &bucket.durations);
    let durations: Vec<_> = durations.filter(|some| some.total > 0).collect();
    let power = power_of(&durations);
    let mut fields = FieldWriter::default();
    let unit = 10_u64.pow(power);
    let mut expected = Expected::new(width, unit);
    let mut empty = 0_u64;
    let mut begin = begin;
    for bucket in buckets {
        if let Some(ends) = bucket.uptime.ends {
            fields.put(Field::Empty, std::mem::take(&mut empty));
            put_bucket(&mut fields, bucket, &ends, begin, &mut expected);
        } else {
            empty += 1;
        }
        begin = begin.saturating_add(width);
    }
    let mut expected = ExpectedSpread::new(unit);
    // How a part of the durations is spread would say nothing of the rest.
    for durations in durations.into_iter().filter(|some| some.missing() == 0) {
        put_spread(&mut fields, durations, &expected);
        expected.learn(durations);
    }
    let mut packed = vec![VERSION];
    put(&mut packed, count << POWER_BITS | u64::from(power));
    packed.extend(fields.finish());
    seal(packed)
}

/// Hands out the buckets that are not empty, each with its number; `None` when this is no pack of
/// ours, or damaged.
pub(crate) fn unpack(
    sealed: &[u8],
    (begin, width): (i64, i64),
    detail: DurationDetail,
    take: impl FnMut(u64, Rollup),
) -> Option<()> {
    let wanted = match detail {
        DurationDetail::Spread => Unpacked::All,
        DurationDetail::Sums => Unpacked::Sums,
    };
    unpack_as_far(sealed, begin, width, wanted, take)
}

/// Unpacks a pack of one bucket, but for its durations, which take the most time; `None` when this is
/// no pack of ours, or damaged.
pub(crate) fn unpack_statuses(sealed: &[u8], begin: i64, width: i64) -> Option<Rollup> {
    let mut found = Rollup::default();
    let only = |_, bucket| found = bucket;
    unpack_as_far(sealed, begin, width, Unpacked::Statuses, only)?;
    Some(found)
}

/// What of a bucket is unpacked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unpacked {
    All,
    /// All but how the durations are spread.
    Sums,
    /// Nothing of the durations; of the last bucket only, because the others are read over.
    Statuses,
}

/// Hands out the buckets.
fn unpack_as_far(
    sealed: &[u8],
    begin: i64,
    width: i64,
    wanted: Unpacked,
    mut take: impl FnMut(u64, Rollup),
) -> Option<()> {
    let mut packed = unseal(sealed)?;
    let version = byte(&mut packed)?;
    match version {
        1 => return version_1::unpack(packed, begin, width, take),
        2 | VERSION => {}
        _ => return None,
    }
    let head = number(&mut packed)?;
    let (count, power) = (head >> POWER_BITS, head as u32 & ((1 << POWER_BITS) - 1));
    let count = Some(count).filter(|count| *count <= MOST_BUCKETS)?;
    let unit = 10_u64.pow(power);
    let mut buckets = BucketReader {
        fields: FieldReader::new(packed)?,
        expected: Expected::new(width, unit),
        index: 0,
        begin,
        width,
    };
    let mut expected = ExpectedSpread::new(unit);
    if version == 2 {
        return version_2::unpack(&mut buckets, count, expected, wanted, take);
    }
    let mut taken = Vec::new();
    for left in (0..count).rev() {
        let (number, bucket) = buckets.next(left > 0 || wanted != Unpacked::Statuses)?;
        if wanted == Unpacked::All {
            taken.push((number, bucket));
        } else {
            take(number, bucket.rollup);
        }
    }
    for (number, mut bucket) in taken {
        if bucket.has_spread {
            let durations = &mut bucket.rollup.durations;
            take_spread(&mut buckets.fields, durations, &expected)?;
            expected.learn(durations);
        }
        take(number, bucket.rollup);
    }
    Some(())
}

/// Takes the buckets one after the other, without how their durations are spread.
struct BucketReader<'a> {
    fields: FieldReader<'a>,
    expected: Expected,
    /// The number of the next bucket that may have a sample.
    index: u64,
    begin: i64,
    width: i64,
}

impl BucketReader<'_> {
    /// The next bucket that has a sample, and its number. Without `durations`, nothing of these is read,
    /// and no other bucket can be taken.
    fn next(&mut self, durations: bool) -> Option<(u64, TakenBucket)> {
        let empty = self.fields.take_count(Field::Empty)?;
        let number = self.index.checked_add(empty)?;
        let begin = begin_of(number, self.begin, self.width)?;
        let bucket = take_bucket(&mut self.fields, begin, &mut self.expected, durations)?;
        self.index = number.checked_add(1)?;
        Some((number, bucket))
    }
}

fn begin_of(index: u64, begin: i64, width: i64) -> Option<i64> {
    let offset = width.checked_mul(index.try_into().ok()?)?;
    begin.checked_add(offset)
}

#[cfg(test)]
mod tests {
    use super::super::rollup::tests::{random_samples, rolled};
    use super::*;

    fn unpacked(packed: &[u8], count: usize, begin: i64, width: i64) -> Vec<Rollup> {
        let mut again = vec![Rollup::default(); count];
        let mut sums = again.clone();
        let span = (begin, width);
        unpack(packed, span, DurationDetail::Spread, |number, bucket| {
            again[number as usize] = bucket;
        })
        .expect("what was packed");
        unpack(packed, span, DurationDetail::Sums, |number, bucket| {
            sums[number as usize] = bucket;
        })
        .expect("what was packed");
        let mut coarse = again.clone();
        for both in sums.iter_mut().chain(&mut coarse) {
            both.forget_buckets();
        }
        assert_eq!(sums, coarse, "without how durations are spread");
        again
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let mut random = fastrand::Rng::with_seed(4);
        for _ in 0..300 {
            let (begin, width) = (random.i64(0..1_000_000), 100_000_000);
            let buckets: Vec<Rollup> = (0..random.i64(0..20))
                .map(|number| {
                    let mut samples = random_samples(&mut random);
                    for sample in &mut samples {
                        sample.0 += begin + number * width;
                    }
                    rolled(&samples)
                })
                .collect();
            let count = buckets.len();
            let packed = pack(&buckets, begin, width);
            assert_eq!(unpacked(&packed, count, begin, width), buckets);
            let packed = version_2::pack(&buckets, begin, width);
            assert_eq!(unpacked(&packed, count, begin, width), buckets, "version 2");
            let packed = pack_version_1(&buckets, begin, width);
            let again = unpacked(&packed, count, begin, width);
            let near = again.into_iter().zip(&buckets).map(|(mut old, new)| {
                // Only that was not told.
                old.statuses.between.clone_from(&new.statuses.between);
                old
            });
            assert_eq!(near.collect::<Vec<_>>(), buckets, "version 1");
            let mut coarse = buckets;
            coarse.iter_mut().for_each(Rollup::forget_buckets);
            let packed = pack(&coarse, begin, width);
            assert_eq!(unpacked(&packed, count, begin, width), coarse, "coarse");
        }
    }

    /// Samples that come for a bucket whose other samples are gone, before, after and between these.
    #[test]
    fn what_comes_late_is_packed_too() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..500 {
            let samples = random_samples(&mut random);
            let cut = random.i64(0..200_000_000);
            let is_late = |date: i64, random: &mut fastrand::Rng| match cut % 3 {
                0 => date < cut,
                1 => date > cut,
                _ => random.bool(),
            };
            let (late, on_time): (Vec<_>, Vec<_>) =
                (samples.iter()).partition(|(date, ..)| is_late(*date, &mut random));
            let mut bucket = rolled(&on_time);
            bucket.merge_late(&rolled(&late));
            let ends = |rollup: &Rollup| rollup.extent();
            assert_eq!(ends(&bucket), ends(&rolled(&samples)));
            let packed = pack(std::slice::from_ref(&bucket), 0, 100_000_000);
            assert_eq!(unpacked(&packed, 1, 0, 100_000_000), [bucket]);
        }
    }

    /// A bucket of which only some durations are in buckets, between others.
    #[test]
    fn a_part_of_a_histogram_disturbs_no_other() {
        let mut random = fastrand::Rng::with_seed(9);
        for _ in 0..300 {
            let mut buckets: Vec<Rollup> = (0..3)
                .map(|_| rolled(&random_samples(&mut random)))
                .collect();
            buckets[1].forget_buckets();
            buckets[1].merge_late(&rolled(&random_samples(&mut random)));
            let packed = pack(&buckets, 0, 100_000_000);
            if buckets[1].missing_durations() > 0 {
                buckets[1].forget_buckets();
            }
            assert_eq!(unpacked(&packed, 3, 0, 100_000_000), buckets);
        }
    }

    #[test]
    fn whatever_is_unpacked_ends() {
        let mut random = fastrand::Rng::with_seed(5);
        let good = rolled(&random_samples(&mut random));
        let buckets = [good.clone(), good];
        let packs = [
            pack(&buckets, 0, 100_000_000),
            version_2::pack(&buckets, 0, 100_000_000),
            pack_version_1(&buckets, 0, 100_000_000),
        ];
        for round in 0..30_000 {
            let good = &packs[round % 3];
            let mut bytes = good[..good.len() - 4].to_vec();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(1..bytes.len());
                bytes[at] = random.u8(..);
            }
            let sealed = seal(bytes);
            for detail in [DurationDetail::Spread, DurationDetail::Sums] {
                let _ = unpack(&sealed, (0, 100_000_000), detail, |_, bucket| {
                    let _ = bucket.summary(i64::MAX);
                    let mut twice = bucket.clone();
                    twice.merge(&bucket);
                });
            }
        }
        let all = DurationDetail::Spread;
        assert_eq!(unpack(&[], (0, 1), all, |_, _| {}), None);
        let newer = seal(vec![VERSION + 1]);
        assert_eq!(unpack(&newer, (0, 1), all, |_, _| {}), None);
    }

    /// A year of a path that is checked so often, and falls every other day: days, hours without
    /// histograms, and whole ones for the days of a month. Durations are spread as those of a network
    /// are, by this much.
    fn check_year(seed: u64, interval: i64, variation: f64) {
        const DAYS: usize = 20;
        let mut random = fastrand::Rng::with_seed(seed);
        let typical = 10_f64.powf(4.0 + random.f64() * 2.0);
        let (mut bytes, mut down) = ([0, 0, 0], 0_u32);
        for _ in 0..DAYS {
            let mut hours = vec![Rollup::default(); 24];
            let mut day = Rollup::default();
            for number in 0..86_400_000 / interval {
                let date = number * interval + random.i64(0..20);
                let normal = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
                let slow = if random.u32(0..500) == 0 { 10.0 } else { 1.0 };
                let micros = typical * (normal * variation).exp() * slow;
                // As the samples keep them.
                let unit = 10_f64.powf(micros.log10().floor() - 2.0);
                let micros = ((micros / unit).round() * unit).round() as u64;
                if random.i64(0..2 * 86_400_000) < interval {
                    down = random.u32(2..30);
                }
                let status = if down > 0 { 0.0 } else { 1.0 };
                down = down.saturating_sub(1);
                hours[(date / 3_600_000) as usize].take(date, Some(status), micros);
                day.take(date, Some(status), micros);
            }
            bytes[0] += pack(&hours, 0, 3_600_000).len();
            hours.iter_mut().for_each(Rollup::forget_buckets);
            bytes[1] += pack(&hours, 0, 3_600_000).len();
            bytes[2] += pack(&[day], 0, 86_400_000).len();
        }
        // With what a row takes beside the pack.
        let of = |days: usize, bytes: usize| days * (bytes / DAYS + 14);
        let year = of(30, bytes[0]) + of(335, bytes[1]) + of(365, bytes[2]);
        assert!(
            year < 190_000,
            "seed {seed}, {interval} ms, {variation}: {year}"
        );
    }

    #[test]
    fn a_year_takes_few_bytes() {
        for seed in 0..6 {
            for interval in [60_000, 30_000] {
                check_year(seed, interval, 0.05 + 0.07 * seed as f64);
            }
        }
    }
}
