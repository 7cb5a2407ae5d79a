//! The numbers of a pack: those of one meaning are written as codes of the one order in which all of
//! them take the fewest bits, and take none at all if all are zero.

use crate::bits::{CodeReader, CodeWriter, cost};

/// What a number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Empty buckets before this one.
    Empty,
    /// What is not as usual; see the module `bucket`.
    Flags,
    Count,
    Unknown,
    NotUp,
    First,
    Newest,
    Gap,
    Outage,
    NewestStatus,
    StatusSum,
    StatusSquares,
    StatusLowest,
    StatusHighest,
    /// Statuses in a part between 0 and 1.
    Between,
    DurationSum,
    DurationSquares,
    Shortest,
    Longest,
    /// Buckets of the histogram without any duration before this one, where it is so dense.
    Step(u8),
    /// Durations in a bucket of the histogram, where it is so dense.
    Held(u8),
}

/// How many densities of a histogram are told apart.
pub(super) const DENSITIES: u8 = 8;

/// Fields but for those of the histogram.
const PLAIN: usize = 19;

const FIELDS: usize = PLAIN + 2 * DENSITIES as usize;

impl Field {
    #[inline]
    fn index(self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Flags => 1,
            Self::Count => 2,
            Self::Unknown => 3,
            Self::NotUp => 4,
            Self::First => 5,
            Self::Newest => 6,
            Self::Gap => 7,
            Self::Outage => 8,
            Self::NewestStatus => 9,
            Self::StatusSum => 10,
            Self::StatusSquares => 11,
            Self::StatusLowest => 12,
            Self::StatusHighest => 13,
            Self::Between => 14,
            Self::DurationSum => 15,
            Self::DurationSquares => 16,
            Self::Shortest => 17,
            Self::Longest => 18,
            Self::Step(density) => PLAIN + usize::from(density % DENSITIES),
            Self::Held(density) => PLAIN + usize::from(DENSITIES + density % DENSITIES),
        }
    }
}

/// Bits of an order.
const ORDER: u32 = 6;

/// Gathers numbers, in any order of fields.
#[derive(Default)]
pub(super) struct FieldWriter {
    numbers: Vec<(Field, u128)>,
}

impl FieldWriter {
    pub(super) fn put(&mut self, field: Field, number: impl Into<u128>) {
        self.numbers.push((field, number.into()));
    }

    /// Writes how far a number is from what was expected: few bits for small distances to either side.
    pub(super) fn put_distance(&mut self, field: Field, number: u128, expected: u128) {
        let distance = number.wrapping_sub(expected).cast_signed();
        self.put(field, (distance << 1 ^ distance >> 127).cast_unsigned());
    }

    pub(super) fn put_time(&mut self, field: Field, time: i64, expected: i64) {
        let (time, expected) = (i128::from(time), i128::from(expected));
        self.put_distance(field, time.cast_unsigned(), expected.cast_unsigned());
    }

    /// The orders of the fields, and the numbers as they were gathered.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut of = vec![Vec::new(); FIELDS];
        for (field, number) in &self.numbers {
            of[field.index()].push(*number);
        }
        let orders: Vec<Option<u32>> = of.iter().map(|numbers| best_order(numbers)).collect();
        let mut bits = CodeWriter::default();
        for order in &orders {
            bits.low_bits(u128::from(order.is_some()), 1);
            if let Some(order) = order {
                bits.low_bits((*order).into(), ORDER);
            }
        }
        for (field, number) in self.numbers {
            if let Some(order) = orders[field.index()] {
                bits.put(number, order);
            }
        }
        bits.finish()
    }
}

/// `None` if all numbers are zero.
fn best_order(numbers: &[u128]) -> Option<u32> {
    let most = numbers.iter().max().filter(|most| **most > 0)?;
    let orders = 0..=most.ilog2().min((1 << ORDER) - 1);
    orders.min_by_key(|order| {
        let costs = numbers.iter().map(|number| cost(*number, *order));
        costs
            .map(|bits| bits.map_or(u64::MAX >> 32, u64::from))
            .sum::<u64>()
    })
}

/// Hands the numbers out in the order in which they were put in. `None` says that there is none.
pub(super) struct FieldReader<'a> {
    orders: [Option<u32>; FIELDS],
    bits: CodeReader<'a>,
}

impl<'a> FieldReader<'a> {
    pub(super) fn new(packed: &'a [u8]) -> Option<Self> {
        let mut bits = CodeReader::new(packed);
        let mut orders = [None; FIELDS];
        for order in &mut orders {
            if bits.low_bits(1)? == 1 {
                *order = Some(bits.low_bits(ORDER)? as u32);
            }
        }
        Some(Self { orders, bits })
    }

    pub(super) fn take(&mut self, field: Field) -> Option<u128> {
        match self.orders[field.index()] {
            Some(order) => self.bits.take(order),
            None => Some(0),
        }
    }

    /// A number below 2⁶⁴.
    #[inline]
    pub(super) fn take_small(&mut self, field: Field) -> Option<u64> {
        match self.orders[field.index()] {
            Some(order) => self.bits.take_small(order),
            None => Some(0),
        }
    }

    /// A number below 2⁶⁴ that was written as its distance.
    #[inline]
    pub(super) fn take_small_distance(&mut self, field: Field, expected: u64) -> Option<u64> {
        let distance = self.take_small(field)?;
        let distance = (distance >> 1).cast_signed() ^ -(distance & 1).cast_signed();
        expected.checked_add_signed(distance)
    }

    pub(super) fn take_distance(&mut self, field: Field, expected: u128) -> Option<u128> {
        let distance = self.take(field)?;
        let distance = (distance >> 1).cast_signed() ^ -(distance & 1).cast_signed();
        Some(expected.wrapping_add_signed(distance))
    }

    pub(super) fn take_time(&mut self, field: Field, expected: i64) -> Option<i64> {
        let expected = i128::from(expected).cast_unsigned();
        let time = self.take_distance(field, expected)?;
        time.cast_signed().try_into().ok()
    }

    /// A number that counts samples or milliseconds.
    pub(super) fn take_count(&mut self, field: Field) -> Option<u64> {
        let number = self.take(field)?;
        (number < MOST).then_some(number as u64)
    }
}

/// No bucket holds as many samples or milliseconds; a number beyond it was never packed.
pub(super) const MOST: u128 = 1 << 40;
