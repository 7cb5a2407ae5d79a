//! How version 2 packed buckets: as version 3 does, but how the durations of a bucket are spread stands
//! within the bucket. Files have such packs until they are made again.

use super::durations::{ExpectedSpread, take_spread};
use super::{BucketReader, Unpacked};
use crate::answer::rollup::Rollup;

/// Hands out so many buckets.
pub(super) fn unpack(
    buckets: &mut BucketReader,
    count: u64,
    mut expected: ExpectedSpread,
    wanted: Unpacked,
    mut take: impl FnMut(u64, Rollup),
) -> Option<()> {
    for left in (0..count).rev() {
        let reads_durations = left > 0 || wanted != Unpacked::Statuses;
        let (number, mut bucket) = buckets.next(reads_durations)?;
        let durations = &mut bucket.rollup.durations;
        if bucket.has_spread && reads_durations {
            take_spread(&mut buckets.fields, durations, &expected)?;
        }
        expected.learn(durations);
        if wanted != Unpacked::All {
            durations.forget_buckets();
        }
        take(number, bucket.rollup);
    }
    Some(())
}

/// Packs as version 2 did, for files to be read.
#[cfg(test)]
pub(super) fn pack(buckets: &[Rollup], begin: i64, width: i64) -> Vec<u8> {
    use super::bucket::{Expected, put_bucket};
    use super::durations::{power_of, put_spread};
    use super::fields::{Field, FieldWriter};
    use crate::packing::{put, seal};

    let durations = buckets.iter().map(|bucket| &bucket.durations);
    let durations: Vec<_> = durations.filter(|some| some.total > 0).collect();
    let power = power_of(&durations);
    let unit = 10_u64.pow(power);
    let mut fields = FieldWriter::default();
    let (mut expected, mut spread) = (Expected::new(width, unit), ExpectedSpread::new(unit));
    let (mut count, mut empty) = (0_u64, 0_u64);
    for (number, bucket) in (0..).zip(buckets) {
        let Some(ends) = bucket.uptime.ends else {
            empty += 1;
            continue;
        };
        fields.put(Field::Empty, std::mem::take(&mut empty));
        let begin = begin + number * width;
        put_bucket(&mut fields, bucket, &ends, begin, &mut expected);
        if bucket.count > 0 && bucket.durations.missing() == 0 {
            put_spread(&mut fields, &bucket.durations, &spread);
        }
        spread.learn(&bucket.durations);
        count += 1;
    }
    let mut packed = vec![2];
    put(&mut packed, count << super::POWER_BITS | u64::from(power));
    packed.extend(fields.finish());
    seal(packed)
}
