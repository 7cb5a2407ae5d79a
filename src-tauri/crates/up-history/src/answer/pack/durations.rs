//! How a histogram of durations is packed: what it sums up to, and the counts of its buckets.

use super::fields::{DENSITIES, Field, FieldReader, FieldWriter};
use crate::answer::durations::{BUCKETS, DurationHistogram, bucket};

/// The largest power of ten that is looked for.
const MOST_POWER: u32 = 7;

/// What the durations of the bucket before let expect, in units.
#[derive(Clone, Default)]
pub(super) struct ExpectedDurations {
    /// All durations are a multiple of this many microseconds.
    unit: u64,
    /// Of all but the longest, as the sums are.
    count: u128,
    sum: u128,
    spread: u128,
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
        let (sum, spread) = sums(durations, self.unit);
        *self = Self {
            unit: self.unit,
            count: durations.total.saturating_sub(1).into(),
            sum,
            spread,
            ends: (durations.ends.0 / self.unit, durations.ends.1 / self.unit),
        };
    }

    /// What so many durations would come to.
    fn share(&self, of: u128, count: u64) -> u128 {
        of.wrapping_mul(count.saturating_sub(1).into()) / self.count.max(1)
    }
}

/// The sum, and the sum of the squares, of all durations but the longest, which may be far off. Of the
/// squares only what is above [`least`] is told. Numbers too large for that wrap around, and wrap back.
fn sums(durations: &DurationHistogram, unit: u64) -> (u128, u128) {
    let longest = u128::from(durations.ends.1 / unit);
    let sum = (durations.sum / u128::from(unit)).wrapping_sub(longest);
    let squares = durations.squares / u128::from(unit).pow(2);
    let least = least(sum, longest, durations.total);
    (sum, squares.wrapping_sub(least))
}

/// The least that the squares come to, if this is the longest of so many durations, and the sum of all
/// others is this.
fn least(sum: u128, longest: u128, count: u64) -> u128 {
    let others = u128::from(count.saturating_sub(1).max(1));
    let even = sum.wrapping_mul(sum) / others;
    even.wrapping_add(longest.wrapping_mul(longest))
}

pub(super) fn put_durations(
    fields: &mut FieldWriter,
    durations: &DurationHistogram,
    coarse: bool,
    expected: &ExpectedDurations,
) {
    let (unit, count) = (expected.unit, durations.total);
    let (sum, spread) = sums(durations, unit);
    let share = |of| expected.share(of, count);
    let (shortest, longest) = (durations.ends.0 / unit, durations.ends.1 / unit);
    fields.put_distance(Field::Shortest, shortest.into(), expected.ends.0.into());
    fields.put_distance(Field::Longest, longest.into(), expected.ends.1.into());
    fields.put_distance(Field::DurationSum, sum, share(expected.sum));
    // A part of the buckets would say nothing of the rest.
    if coarse {
        return;
    }
    fields.put_distance(Field::DurationSquares, spread, share(expected.spread));
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

/// How the durations of a bucket are spread.
#[derive(Clone, Copy)]
pub(super) struct DurationSpread {
    pub(super) is_packed: bool,
    /// If not, it is only read over.
    pub(super) is_wanted: bool,
}

pub(super) fn take_durations(
    fields: &mut FieldReader,
    count: u64,
    spread: DurationSpread,
    expected: &ExpectedDurations,
) -> Option<DurationHistogram> {
    let unit = expected.unit;
    let share = |of| expected.share(of, count);
    let mut end = |field, expected: u64| {
        let end = fields.take_distance(field, expected.into())?;
        u64::try_from(end).ok()
    };
    let shortest = end(Field::Shortest, expected.ends.0)?;
    let longest = end(Field::Longest, expected.ends.1).filter(|longest| *longest >= shortest)?;
    let others = fields.take_distance(Field::DurationSum, share(expected.sum))?;
    let sum = others.wrapping_add(longest.into());
    let of_all = |end: u64| u128::from(end) * u128::from(count);
    if !(of_all(shortest)..=of_all(longest)).contains(&sum) {
        return None;
    }
    let shortest = shortest.checked_mul(unit)?;
    let mut durations = DurationHistogram {
        total: count,
        sum: sum.checked_mul(unit.into())?,
        ends: (shortest, longest.checked_mul(unit)?),
        ..DurationHistogram::default()
    };
    if !spread.is_packed {
        return Some(durations);
    }
    let is_wanted = spread.is_wanted;
    let spread = fields.take_distance(Field::DurationSquares, share(expected.spread))?;
    let squares = spread.wrapping_add(least(others, longest.into(), count));
    durations.squares = squares.checked_mul(u128::from(unit).pow(2))?;
    let mut near = NeighbourCounts::default();
    durations.first = bucket(shortest);
    let room = bucket(durations.ends.1).saturating_sub(durations.first) + 1;
    if is_wanted {
        durations.counts.reserve_exact(room as usize);
    }
    let mut at = u64::from(durations.first);
    let mut left = count;
    while left > 0 {
        let step = fields.take_small(Field::Step(near.density()))?;
        at = at.checked_add(step).filter(|at| *at < BUCKETS.into())?;
        if step > 0 {
            near.skip(step);
        }
        if step > 0 && is_wanted {
            let index = (at - u64::from(durations.first)) as usize;
            durations.counts.resize(index, 0);
        }
        let held = match near.held() {
            (field, Some(expected)) => fields.take_small_distance(field, expected)?,
            (field, None) => fields.take_small(field)?.checked_add(1)?,
        };
        left = left.checked_sub(held).filter(|_| held > 0)?;
        if is_wanted {
            durations.counts.push(held);
        }
        near.take(held);
        at += 1;
    }
    if is_wanted {
        durations.held = count;
    } else {
        durations.first = 0;
    }
    Some(durations)
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
