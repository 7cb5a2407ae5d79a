//! How rollups are kept: the buckets of one path and day, packed. What a steady source comes to takes
//! few bytes, because flags say that all of a bucket is up, known and without a gap.
//!
//! A pack is a version, then the buckets, then a checksum. A bucket is the number of empty ones before
//! it, a byte of flags, and numbers.

use super::durations::{BUCKETS, DurationHistogram};
use super::rollup::{Rollup, StatusSums};
use super::uptime::{Ends, STANDS, Uptime};
use crate::packing::{byte, fraction, number, put, put_fraction, put_wide, seal, unseal, wide};

/// What this Up packs.
const VERSION: u8 = 1;

/// Every status is 0 or 1.
const WHOLE: u8 = 1;
/// Every status is 1.
const ALL_UP: u8 = 2;
/// Some samples are unknown.
const UNKNOWN: u8 = 4;
/// All time from the first sample to the newest is known.
const NO_GAP: u8 = 8;
/// All time that is known is up.
const NO_OUTAGE: u8 = 16;
/// The newest sample is unknown.
const NEWEST_UNKNOWN: u8 = 32;
/// The newest sample has the status 1.
const NEWEST_UP: u8 = 64;

/// No bucket holds as many samples; a number beyond it was never packed.
const MOST: u64 = 1 << 40;

/// Packs buckets, each `width` milliseconds long, the first of which begins at `begin`.
pub(crate) fn pack(buckets: &[Rollup], begin: i64, width: i64) -> Vec<u8> {
    let mut packed = vec![VERSION];
    let mut empty = 0;
    let mut begin = begin;
    for bucket in buckets {
        if let Some(ends) = bucket.uptime.ends {
            put(&mut packed, std::mem::take(&mut empty));
            put_bucket(&mut packed, bucket, &ends, begin);
        } else {
            empty += 1;
        }
        begin = begin.saturating_add(width);
    }
    seal(packed)
}

/// Hands out the buckets that are not empty, each with its number; `None` when this is no pack of
/// ours, or damaged.
pub(crate) fn unpack(
    sealed: &[u8],
    begin: i64,
    width: i64,
    mut take: impl FnMut(u64, Rollup),
) -> Option<()> {
    let mut packed = unseal(sealed)?;
    if byte(&mut packed)? != VERSION {
        return None;
    }
    let mut index = 0_u64;
    while !packed.is_empty() {
        index = index.checked_add(number(&mut packed)?)?;
        let offset = width.checked_mul(index.try_into().ok()?)?;
        let bucket = take_bucket(&mut packed, begin.checked_add(offset)?)?;
        take(index, bucket);
        index = index.checked_add(1)?;
    }
    Some(())
}

fn put_bucket(packed: &mut Vec<u8>, bucket: &Rollup, ends: &Ends, begin: i64) {
    let (sums, uptime) = (&bucket.statuses, &bucket.uptime);
    // Fractions would have added something.
    let whole = sums.sum.to_bits() == (sums.up as f64).to_bits();
    let outage = uptime.known as f64 - uptime.up;
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    let flags = flag(whole, WHOLE)
        | flag(sums.up == bucket.count, ALL_UP)
        | flag(bucket.unknown > 0, UNKNOWN)
        | flag(uptime.known == ends.newest - ends.first, NO_GAP)
        | flag(outage == 0.0, NO_OUTAGE)
        | flag(ends.status.is_none(), NEWEST_UNKNOWN)
        | flag(ends.status.is_some_and(|status| status >= 1.0), NEWEST_UP);
    packed.push(flags);
    put(packed, bucket.count);
    if flags & UNKNOWN != 0 {
        put(packed, bucket.unknown);
    }
    if flags & ALL_UP == 0 {
        put(packed, sums.up);
    }
    if flags & WHOLE == 0 {
        for value in [sums.sum, sums.squares, sums.lowest, sums.highest] {
            put_fraction(packed, value);
        }
    }
    put(packed, (ends.first - begin).unsigned_abs());
    put(packed, (ends.newest - ends.first).unsigned_abs());
    if flags & NO_GAP == 0 {
        put(packed, uptime.known.unsigned_abs());
    }
    if flags & NO_OUTAGE == 0 {
        put_fraction(packed, uptime.up);
    }
    if let (0, Some(status)) = (flags & NEWEST_UP, ends.status) {
        put_fraction(packed, status);
    }
    if bucket.count > 0 {
        put_durations(packed, &bucket.durations);
    }
}

fn take_bucket(packed: &mut &[u8], begin: i64) -> Option<Rollup> {
    let flags = byte(packed)?;
    let some = |packed: &mut &[u8]| number(packed).filter(|number| *number < MOST);
    let count = some(packed)?;
    let unknown = if flags & UNKNOWN == 0 {
        0
    } else {
        some(packed)?
    };
    let up = if flags & ALL_UP == 0 {
        some(packed)?
    } else {
        count
    };
    let mut statuses = StatusSums::whole(count, up);
    if flags & WHOLE == 0 {
        for value in [
            &mut statuses.sum,
            &mut statuses.squares,
            &mut statuses.lowest,
            &mut statuses.highest,
        ] {
            *value = fraction(packed).filter(|value| (0.0..=count as f64 + 1.0).contains(value))?;
        }
    }
    let time = |packed: &mut &[u8]| some(packed).map(u64::cast_signed);
    let first = begin.checked_add(time(packed)?)?;
    let newest = first.checked_add(time(packed)?)?;
    let known = match flags & NO_GAP {
        0 => time(packed)?,
        _ => newest - first,
    };
    let up_time = match flags & NO_OUTAGE {
        0 => fraction(packed).filter(|up| (0.0..=known as f64).contains(up))?,
        _ => known as f64,
    };
    let status = match flags & (NEWEST_UNKNOWN | NEWEST_UP) {
        0 => Some(fraction(packed).filter(|status| (0.0..=1.0).contains(status))?),
        NEWEST_UP => Some(1.0),
        _ => None,
    };
    let durations = if count > 0 {
        take_durations(packed, count)?
    } else {
        DurationHistogram::default()
    };
    Some(Rollup {
        count,
        unknown,
        statuses,
        durations,
        uptime: Uptime {
            known,
            up: up_time,
            ends: Some(Ends {
                first,
                newest,
                until: newest.checked_add(STANDS)?,
                status,
            }),
        },
    })
}

/// Sums and ends, then the buckets that hold something: one byte each while the steps to the next are
/// below 8 and the counts below 17, else a byte that says so and two numbers.
fn put_durations(packed: &mut Vec<u8>, durations: &DurationHistogram) {
    const WIDE: u8 = 0x80;
    let (shortest, longest) = durations.ends;
    put_wide(packed, durations.sum);
    put_wide(packed, durations.squares);
    put(packed, shortest);
    put(packed, longest - shortest);
    put(packed, durations.first.into());
    let mut step = 0_u64;
    for count in &durations.counts {
        if *count == 0 {
            step += 1;
            continue;
        }
        if step < 8 && *count <= 16 {
            packed.push((step as u8) << 4 | (count - 1) as u8);
        } else {
            packed.push(WIDE);
            put(packed, step);
            put(packed, *count);
        }
        step = 0;
    }
}

fn take_durations(packed: &mut &[u8], count: u64) -> Option<DurationHistogram> {
    let (sum, squares) = (wide(packed)?, wide(packed)?);
    let shortest = number(packed)?;
    let longest = shortest.checked_add(number(packed)?)?;
    let mut bucket = number(packed)?;
    let mut durations = DurationHistogram::default();
    while durations.total < count {
        let (step, held) = match byte(packed)? {
            narrow if narrow < 0x80 => (u64::from(narrow >> 4), u64::from(narrow & 15) + 1),
            _ => (number(packed)?, number(packed)?),
        };
        bucket = bucket.checked_add(step).filter(|b| *b < BUCKETS.into())?;
        if held == 0 || held > count - durations.total {
            return None;
        }
        durations.add_to(bucket as u32, held);
        bucket += 1;
    }
    durations.sum = sum;
    durations.squares = squares;
    durations.ends = (shortest, longest);
    Some(durations)
}

#[cfg(test)]
mod tests {
    use super::super::rollup::tests::{random_samples, rolled};
    use super::*;

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
            let packed = pack(&buckets, begin, width);
            let mut again = vec![Rollup::default(); buckets.len()];
            unpack(&packed, begin, width, |number, bucket| {
                again[number as usize] = bucket;
            })
            .expect("what was packed");
            assert_eq!(again, buckets);
        }
    }

    #[test]
    fn whatever_is_unpacked_ends() {
        let mut random = fastrand::Rng::with_seed(5);
        let good = rolled(&random_samples(&mut random));
        let good = pack(&[good.clone(), good], 0, 100_000_000);
        for _ in 0..20_000 {
            let mut bytes = good[..good.len() - 4].to_vec();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(1..bytes.len());
                bytes[at] = random.u8(..);
            }
            let mut whole = Rollup::default();
            let _ = unpack(&seal(bytes), 0, 100_000_000, |_, bucket| {
                whole.merge(&bucket);
            });
            let _ = whole.summary(i64::MAX);
        }
        assert_eq!(unpack(&[], 0, 1, |_, _| {}), None);
        assert_eq!(unpack(&seal(vec![VERSION + 1]), 0, 1, |_, _| {}), None);
    }

    /// One sample a minute, all up, with durations that vary by a sixth: a day's 24 hours take under
    /// 1,600 bytes and the day itself under 250.
    #[test]
    fn a_steady_day_takes_few_bytes() {
        let mut random = fastrand::Rng::with_seed(6);
        let mut hours = vec![Rollup::default(); 24];
        let mut day = Rollup::default();
        for minute in 0..1_440 {
            let date = minute * 60_000 + random.i64(0..10);
            let spread: f64 = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
            let micros = ((120.0 * (1.0 + spread / 6.0)).round() * 1e3) as u64;
            hours[minute as usize / 60].take(date, Some(1.0), micros);
            day.take(date, Some(1.0), micros);
        }
        let hours = pack(&hours, 0, 3_600_000).len();
        let day = pack(&[day], 0, 86_400_000).len();
        assert!(hours < 1_600 && day < 250, "{hours} and {day} bytes");
    }
}
