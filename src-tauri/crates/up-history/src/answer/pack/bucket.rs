//! How one bucket is packed, but for how its durations are spread. What a steady source comes to takes
//! few bits: numbers are written as how far they are from those that the bucket before lets expect, and
//! flags say what is not as usual.

use super::durations::{ExpectedDurations, put_sums, take_sums};
use super::fields::{Field, FieldReader, FieldWriter, MOST};
use crate::answer::durations::DurationHistogram;
use crate::answer::rollup::{Rollup, STATUS_PARTS, StatusSums};
use crate::answer::uptime::{Ends, STANDS, Uptime};

// What often comes together stands low: it takes the fewest bits.
/// Some statuses are not 1.
const NOT_UP: u8 = 1;
/// Not all of the time that is known is up.
const OUTAGE: u8 = 2;
/// The newest sample has a status below 1.
const NEWEST_BELOW: u8 = 4;
/// Some samples are unknown.
const UNKNOWN: u8 = 8;
/// Not all of the time from the first sample to the newest is known.
const GAP: u8 = 16;
/// The newest sample is unknown.
const NEWEST_UNKNOWN: u8 = 32;
/// Some statuses are neither 0 nor 1.
const FRACTIONS: u8 = 64;
/// The durations' histogram is not there.
const COARSE: u8 = 128;

/// What the buckets before let expect of the next one.
#[derive(Clone, Default)]
pub(super) struct Expected {
    /// How long a bucket is, in milliseconds.
    width: i64,
    flags: u8,
    count: u64,
    /// When the next sample would come; 0 when nothing tells.
    next: i64,
    /// From the first sample to the newest, in milliseconds, and how many steps these are.
    span: i64,
    steps: i64,
    status: f64,
    statuses: [f64; 4],
    durations: ExpectedDurations,
}

impl Expected {
    pub(super) fn new(width: i64, unit: u64) -> Self {
        Self {
            width,
            durations: ExpectedDurations::new(unit),
            ..Self::default()
        }
    }

    fn learn(&mut self, bucket: &Rollup, ends: &Ends, flags: u8) {
        let steps = bucket.samples().saturating_sub(1).cast_signed();
        if steps > 0 {
            self.steps = steps;
            self.span = ends.newest.wrapping_sub(ends.first);
        }
        self.next = ends.newest.wrapping_add(self.span / self.steps.max(1));
        self.flags = flags;
        self.count = bucket.count;
        if flags & NEWEST_BELOW != 0 {
            self.status = ends.status.unwrap_or_default();
        }
        if flags & FRACTIONS != 0 {
            self.statuses = four(&bucket.statuses);
        }
        self.durations.learn(&bucket.durations);
    }

    /// When the first sample of a bucket that begins at `begin` is to be expected.
    fn first(&self, begin: i64) -> i64 {
        self.next.max(begin)
    }

    /// When the last one of so many is, if this is the first.
    fn newest(&self, first: i64, samples: u64) -> i64 {
        let steps = samples.saturating_sub(1).cast_signed();
        let span = match self.steps {
            0 => self.width / steps.saturating_add(1).max(1) * steps,
            before => self.span.wrapping_mul(steps) / before,
        };
        first.wrapping_add(span)
    }
}

fn four(sums: &StatusSums) -> [f64; 4] {
    [sums.sum, sums.squares, sums.lowest, sums.highest]
}

const FOUR: [Field; 4] = [
    Field::StatusSum,
    Field::StatusSquares,
    Field::StatusLowest,
    Field::StatusHighest,
];

fn flags_of(bucket: &Rollup, ends: &Ends) -> u8 {
    let (sums, uptime) = (&bucket.statuses, &bucket.uptime);
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    flag(!sums.between.is_empty(), FRACTIONS)
        | flag(sums.up != bucket.count, NOT_UP)
        | flag(bucket.unknown > 0, UNKNOWN)
        | flag(uptime.known != ends.newest - ends.first, GAP)
        | flag(
            uptime.up.to_bits() != (uptime.known as f64).to_bits(),
            OUTAGE,
        )
        | flag(ends.status.is_none(), NEWEST_UNKNOWN)
        | flag(ends.status.is_some_and(|status| status < 1.0), NEWEST_BELOW)
        | flag(bucket.durations.missing() > 0, COARSE)
}

pub(super) fn put_bucket(
    fields: &mut FieldWriter,
    bucket: &Rollup,
    ends: &Ends,
    begin: i64,
    expected: &mut Expected,
) {
    let (sums, uptime) = (&bucket.statuses, &bucket.uptime);
    let flags = flags_of(bucket, ends);
    fields.put(Field::Flags, flags ^ expected.flags);
    fields.put_distance(Field::Count, bucket.count.into(), expected.count.into());
    if flags & UNKNOWN != 0 {
        fields.put(Field::Unknown, bucket.unknown);
    }
    if flags & NOT_UP != 0 {
        fields.put(Field::NotUp, bucket.count.saturating_sub(sums.up));
    }
    if flags & FRACTIONS != 0 {
        let both = four(sums).into_iter().zip(expected.statuses);
        for (field, (value, before)) in FOUR.into_iter().zip(both) {
            fields.put(field, value.to_bits() ^ before.to_bits());
        }
        for count in &sums.between {
            fields.put(Field::Between, *count);
        }
    }
    fields.put_time(Field::First, ends.first, expected.first(begin));
    let newest = expected.newest(ends.first, bucket.samples());
    fields.put_time(Field::Newest, ends.newest, newest);
    if flags & GAP != 0 {
        fields.put_time(Field::Gap, ends.newest - ends.first, uptime.known);
    }
    if flags & OUTAGE != 0 {
        fields.put(Field::Outage, outage_code(uptime));
    }
    if let (true, Some(status)) = (flags & NEWEST_BELOW != 0, ends.status) {
        let bits = status.to_bits() ^ expected.status.to_bits();
        fields.put(Field::NewestStatus, bits);
    }
    if bucket.count > 0 {
        put_sums(fields, &bucket.durations, &expected.durations);
    }
    expected.learn(bucket, ends, flags);
}

/// The time that is known and not up: whole milliseconds, where it is as much, take few bits.
fn outage_code(uptime: &Uptime) -> u128 {
    let whole = uptime.up.fract() == 0.0 && (0.0..=uptime.known as f64).contains(&uptime.up);
    if whole {
        u128::from(uptime.known.abs_diff(uptime.up as i64)) << 1
    } else {
        u128::from(uptime.up.to_bits()) << 1 | 1
    }
}

/// The time that is up.
fn outage_from(code: u128, known: i64) -> Option<f64> {
    let up = if code & 1 == 0 {
        known.checked_sub_unsigned((code >> 1).try_into().ok()?)? as f64
    } else {
        f64::from_bits((code >> 1).try_into().ok()?)
    };
    (0.0..=known as f64).contains(&up).then_some(up)
}

/// A bucket, and whether the pack has how its durations are spread.
pub(super) struct TakenBucket {
    pub(super) rollup: Rollup,
    pub(super) has_spread: bool,
}

/// Takes a bucket that begins at `begin`. Without `durations`, nothing of these is read, and no other
/// bucket can be taken.
pub(super) fn take_bucket(
    fields: &mut FieldReader,
    begin: i64,
    expected: &mut Expected,
    durations: bool,
) -> Option<TakenBucket> {
    let flags = u8::try_from(fields.take(Field::Flags)?).ok()? ^ expected.flags;
    let is = |flag: u8| flags & flag != 0;
    let count = fields.take_distance(Field::Count, expected.count.into())?;
    let count = (count < MOST).then_some(count as u64)?;
    let unknown = if is(UNKNOWN) {
        fields.take_count(Field::Unknown)?
    } else {
        0
    };
    let up = if is(NOT_UP) {
        count.checked_sub(fields.take_count(Field::NotUp)?)?
    } else {
        count
    };
    let statuses = if is(FRACTIONS) {
        take_fractions(fields, count, up, &expected.statuses)?
    } else {
        StatusSums::whole(count, up)
    };
    let first = fields.take_time(Field::First, expected.first(begin))?;
    let samples = count.saturating_add(unknown);
    let newest = fields.take_time(Field::Newest, expected.newest(first, samples))?;
    let span = newest.checked_sub(first).filter(|span| *span >= 0)?;
    let known = if is(GAP) {
        span.checked_sub(fields.take_time(Field::Gap, 0)?)?
    } else {
        span
    };
    if !(0..MOST.cast_signed()).contains(&known.into()) {
        return None;
    }
    let up_time = if is(OUTAGE) {
        outage_from(fields.take(Field::Outage)?, known)?
    } else {
        known as f64
    };
    let status = if is(NEWEST_BELOW) {
        let bits = u64::try_from(fields.take(Field::NewestStatus)?).ok()?;
        let status = f64::from_bits(bits ^ expected.status.to_bits());
        Some(status).filter(|status| (0.0..=1.0).contains(status))
    } else {
        (!is(NEWEST_UNKNOWN)).then_some(1.0)
    };
    let durations = if count > 0 && durations {
        take_sums(fields, count, &expected.durations)?
    } else {
        DurationHistogram::default()
    };
    let ends = Ends {
        first,
        newest,
        until: newest.checked_add(STANDS)?,
        status,
    };
    let rollup = Rollup {
        count,
        unknown,
        statuses,
        durations,
        uptime: Uptime {
            known,
            up: up_time,
            ends: Some(ends),
        },
    };
    expected.learn(&rollup, &ends, flags);
    Some(TakenBucket {
        rollup,
        has_spread: count > 0 && !is(COARSE),
    })
}

fn take_fractions(
    fields: &mut FieldReader,
    count: u64,
    up: u64,
    expected: &[f64; 4],
) -> Option<StatusSums> {
    let mut four = [0.0; 4];
    for (field, (value, before)) in FOUR.into_iter().zip(four.iter_mut().zip(expected)) {
        let bits = u64::try_from(fields.take(field)?).ok()?;
        *value = f64::from_bits(bits ^ before.to_bits());
        if !(0.0..=count as f64 + 1.0).contains(value) {
            return None;
        }
    }
    let mut between = vec![0; STATUS_PARTS];
    let mut left = count.checked_sub(up)?;
    for part in &mut between {
        *part = fields.take_count(Field::Between)?;
        left = left.checked_sub(*part)?;
    }
    let [sum, squares, lowest, highest] = four;
    Some(StatusSums {
        up,
        sum,
        squares,
        lowest,
        highest,
        between,
    })
}
