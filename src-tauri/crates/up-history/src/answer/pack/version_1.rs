//! How version 1 packed a bucket: every number by itself, in whole bytes. Files have such packs until
//! they are made again.

use super::begin_of;
use crate::answer::durations::{BUCKETS, DurationHistogram};
use crate::answer::rollup::{Rollup, STATUS_PARTS, StatusSums, status_part};
use crate::answer::uptime::{Ends, STANDS, Uptime};
use crate::packing::{byte, fraction, number, wide};
#[cfg(test)]
use crate::packing::{put, put_fraction, put_wide, seal};

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

/// What comes after the version of a pack.
pub(super) fn unpack(
    mut packed: &[u8],
    begin: i64,
    width: i64,
    mut take: impl FnMut(u64, Rollup),
) -> Option<()> {
    let mut index = 0_u64;
    while !packed.is_empty() {
        index = index.checked_add(number(&mut packed)?)?;
        let begin = begin_of(index, begin, width)?;
        take(index, take_bucket(&mut packed, begin)?);
        index = index.checked_add(1)?;
    }
    Some(())
}

/// Packs as version 1 did, for files to be upgraded.
#[cfg(test)]
pub(crate) fn pack_version_1(buckets: &[Rollup], begin: i64, width: i64) -> Vec<u8> {
    let mut packed = vec![1];
    let mut empty = 0;
    for (number, bucket) in (0..).zip(buckets) {
        if let Some(ends) = bucket.uptime.ends {
            put(&mut packed, std::mem::take(&mut empty));
            put_bucket(&mut packed, bucket, &ends, begin + number * width);
        } else {
            empty += 1;
        }
    }
    seal(packed)
}

#[cfg(test)]
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

/// Takes a bucket that begins at `begin`.
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
        // It did not say where between 0 and 1 they lie: they are taken to lie at their mean.
        let rest = count.checked_sub(up)?;
        let mean = (statuses.sum - up as f64) / rest.max(1) as f64;
        statuses.between = vec![0; STATUS_PARTS];
        statuses.between[status_part(mean)] = rest;
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
#[cfg(test)]
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
        durations.total += held;
        bucket += 1;
    }
    durations.sum = sum;
    durations.squares = squares;
    durations.ends = (shortest, longest);
    Some(durations)
}
