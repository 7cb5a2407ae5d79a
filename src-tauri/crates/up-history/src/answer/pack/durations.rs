//! How a histogram of durations is packed: what it sums up to, and, apart from that, how it is spread:
//! the squares and the counts of its buckets.

use super::fields::{DENSITIES, Field, FieldReader, FieldWriter};
use crate::answer::durations::{BUCKETS, DurationHistogram, bucket};

/// The largest power of ten that is looked for.
const MOST_POWER: u32 = 7;

/// What the durations of the bucket before let expect, in units.
#[derive(Clone, Default)]
pub(super) struct ExpectedDurations {
    /// All durations are a multiple of this many microseconds.
    unit: u64,
    /// Of all but the longest, as the sum is.
    count: u128,
    sum: u128,
    ends: (u64, u64),
}

impl ExpectedDurations {
    pub(super) fn new(unit: u64) -> Self {
        Self {
            unit: unit.max(1),
            ..Self::default()
        }
    }

    pub(super) fn learn(&mut self, durations: &DurationHistogram) {
        if durations.total == 0 {
            return;
        }
        *self = Self {
            unit: self.unit,
            count: durations.total.saturating_sub(1).into(),
            sum: others(durations, self.unit),
            ends: (durations.ends.0 / self.unit, durations.ends.1 / self.unit),
        };
    }

    /// What the sum of so many durations would be.
    fn share(&self, count: u64) -> u128 {
        share(self.sum, self.count, count)
    }
}

/// What the squares of the bucket before let expect, in units.
#[derive(Clone, Default)]
pub(super) struct ExpectedSpread {
    unit: u64,
    /// Of all but the longest, as the squares are.
    count: u128,
    squares: u128,
}

impl ExpectedSpread {
    pub(super) fn new(unit: u64) -> Self {
        Self {
            unit: unit.max(1),
            ..Self::default()
        }
    }

    pub(super) fn learn(&mut self, durations: &DurationHistogram) {
        if durations.total > 0 {
            self.count = durations.total.saturating_sub(1).into();
            self.squares = squares(durations, self.unit);
        }
    }
}

/// What so many durations would come to, if so many come to this, each without the longest.
fn share(of: u128, before: u128, count: u64) -> u128 {
    of.wrapping_mul(count.saturating_sub(1).into()) / before.max(1)
}

/// The sum of all durations but the longest, which may be far off. A sum too large for that wraps
/// around, and wraps back.
fn others(durations: &DurationHistogram, unit: u64) -> u128 {
    let longest = u128::from(durations.ends.1 / unit);
    (durations.sum / u128::from(unit)).wrapping_sub(longest)
}

/// The sum of the squares, as far as it is above [`least`].
fn squares(durations: &DurationHistogram, unit: u64) -> u128 {
    let squares = durations.squares / u128::from(unit).pow(2);
    squares.wrapping_sub(least_of(durations, unit))
}

fn least_of(durations: &DurationHistogram, unit: u64) -> u128 {
    let longest = u128::from(durations.ends.1 / unit);
    least(others(durations, unit), longest, durations.total)
}

/// The least that the squares come to, if this is the longest of so many durations, and the sum of all
/// others is this.
fn least(sum: u128, longest: u128, count: u64) -> u128 {
    let others = u128::from(count.saturating_sub(1).max(1));
    let even = sum.wrapping_mul(sum) / others;
    even.wrapping_add(longest.wrapping_mul(longest))
}

pub(super) fn put_sums(
    fields: &mut FieldWriter,
    durations: &DurationHistogram,
    expected: &ExpectedDurations,
) {
    let unit = expected.unit;
    let (shortest, longest) = (durations.ends.0 / unit, durations.ends.1 / unit);
    fields.put_distance(Field::Shortest, shortest.into(), expected.ends.0.into());
    fields.put_distance(Field::Longest, longest.into(), expected.ends.1.into());
    let sum = others(durations, unit);
    fields.put_distance(Field::DurationSum, sum, expected.share(durations.total));
}

pub(super) fn put_spread(
    fields: &mut FieldWriter,
    durations: &DurationHistogram,
    expected: &ExpectedSpread,
) {
    let squares = squares(durations, expected.unit);
    let share = share(expected.squares, expected.count, durations.total);
    fields.put_distance(Field::DurationSquares, squares, share);
    let mut near = NeighbourCounts::default();
    let mut step = 0_u64;
    for held in &durations.counts {
        if *held == 0 {
            step += 1;
            continue;
        }
        fields.put(Field::Step(near.density()), step);
        near.skip(std::mem::take(&mut step));
        let (field, expected) = near.held();
        match expected {
            Some(expected) => fields.put_distance(field, (*held).into(), expected.into()),
            None => fields.put(field, held - 1),
        }
        near.take(*held);
    }
}

/// The two buckets of the histogram before the one that is written: neighbours hold about as many.
#[derive(Default)]
struct NeighbourCounts {
    held: (u64, u64),
}

impl NeighbourCounts {
    fn density(&self) -> u8 {
        let both = self.held.0.saturating_add(self.held.1);
        (both.saturating_add(1).ilog2() as u8).min(DENSITIES - 1)
    }

    fn skip(&mut self, steps: u64) {
        for _ in 0..steps.min(2) {
            self.take(0);
        }
    }

    /// How many the next bucket is expected to hold, where they are enough for that to tell anything.
    fn held(&self) -> (Field, Option<u64>) {
        let density = self.density();
        let expected = self.held.0.midpoint(self.held.1);
        (Field::Held(density), (density > 2).then_some(expected))
    }

    fn take(&mut self, held: u64) {
        self.held = (self.held.1, held);
    }
}

/// Takes what so many durations come to, without how they are spread.
pub(super) fn take_sums(
    fields: &mut FieldReader,
    count: u64,
    expected: &ExpectedDurations,
) -> Option<DurationHistogram> {
    let unit = expected.unit;
    let mut end = |field, expected: u64| {
        let end = fields.take_distance(field, expected.into())?;
        u64::try_from(end).ok()
    };
    let shortest = end(Field::Shortest, expected.ends.0)?;
    let longest = end(Field::Longest, expected.ends.1).filter(|longest| *longest >= shortest)?;
    let others = fields.take_distance(Field::DurationSum, expected.share(count))?;
    let sum = others.wrapping_add(longest.into());
    let of_all = |end: u64| u128::from(end) * u128::from(count);
    if !(of_all(shortest)..=of_all(longest)).contains(&sum) {
        return None;
    }
    Some(DurationHistogram {
        total: count,
        sum: sum.checked_mul(unit.into())?,
        ends: (shortest.checked_mul(unit)?, longest.checked_mul(unit)?),
        ..DurationHistogram::default()
    })
}

/// Takes how the durations of this histogram are spread.
pub(super) fn take_spread(
    fields: &mut FieldReader,
    durations: &mut DurationHistogram,
    expected: &ExpectedSpread,
) -> Option<()> {
    let (unit, count) = (expected.unit, durations.total);
    let share = share(expected.squares, expected.count, count);
    let above = fields.take_distance(Field::DurationSquares, share)?;
    let squares = above.wrapping_add(least_of(durations, unit));
    durations.squares = squares.checked_mul(u128::from(unit).pow(2))?;
    let mut near = NeighbourCounts::default();
    durations.first = bucket(durations.ends.0);
    let room = bucket(durations.ends.1).saturating_sub(durations.first) + 1;
    durations.counts.reserve_exact(room as usize);
    let mut at = u64::from(durations.first);
    let mut left = count;
    while left > 0 {
        let step = fields.take_small(Field::Step(near.density()))?;
        at = at.checked_add(step).filter(|at| *at < BUCKETS.into())?;
        if step > 0 {
            near.skip(step);
            let index = (at - u64::from(durations.first)) as usize;
            durations.counts.resize(index, 0);
        }
        let held = match near.held() {
            (field, Some(expected)) => fields.take_small_distance(field, expected)?,
            (field, None) => fields.take_small(field)?.checked_add(1)?,
        };
        left = left.checked_sub(held).filter(|_| held > 0)?;
        durations.counts.push(held);
        near.take(held);
        at += 1;
    }
    durations.held = count;
    Some(())
}

/// The power of ten that all durations of these are a multiple of, as far as the sums tell.
pub(super) fn power_of(all: &[&DurationHistogram]) -> u32 {
    let divides = |power: &u32| {
        let unit = 10_u64.pow(*power);
        all.iter().all(|durations| {
            let (shortest, longest) = durations.ends;
            durations.sum.is_multiple_of(unit.into())
                && shortest.is_multiple_of(unit)
                && longest.is_multiple_of(unit)
                && durations.squares.is_multiple_of(u128::from(unit).pow(2))
        })
    };
    (1..=MOST_POWER).take_while(divides).last().unwrap_or(0)
}
