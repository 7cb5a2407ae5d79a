//! Numbers that are much alike, in few bits each. Every number is written as its distance from a
//! reference: the median of all, or the number before it, whichever takes fewer bits. Distances are
//! written by the code of Golomb and Rice, with the number of low bits that takes the fewest in all.
//! Numbers that are all the same take no bits. Whatever the bits are, reading them ends.

use crate::packing::{byte, number, put};

/// The reference is the number before.
const BEFORE: u8 = 0x80;
/// All distances are zero.
const SAME: u8 = 63;
/// The most low bits.
const MOST_LOW: u8 = 32;
/// So many ones say that the distance follows in [`WIDE`] bits.
const ESCAPE: u64 = 20;
const WIDE: u32 = 64;

/// Appends the numbers. How many there are must be known to who reads them.
pub(in super::super) fn put_numbers(packed: &mut Vec<u8>, numbers: &[u64]) {
    let Some(first) = numbers.first() else { return };
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let median = sorted[sorted.len() / 2];
    let from_median: Vec<u64> = numbers.iter().map(|n| distance(*n, median)).collect();
    let pairs = numbers.windows(2);
    let from_before: Vec<u64> = pairs.map(|pair| distance(pair[1], pair[0])).collect();
    let (median_bits, median_low) = cheapest(&from_median);
    let (before_bits, before_low) = cheapest(&from_before);
    let (flag, reference, distances, low) = if before_bits < median_bits {
        (BEFORE, *first, from_before, before_low)
    } else {
        (0, median, from_median, median_low)
    };
    packed.push(flag | low);
    put(packed, reference);
    if low != SAME {
        let mut bits = BitWriter::new(packed);
        for distance in distances {
            bits.put_distance(distance, low);
        }
        bits.end();
    }
}

/// Takes so many numbers from the front, and hands them out; `None` when they are not there.
pub(in super::super) fn take_numbers(
    packed: &mut &[u8],
    count: usize,
    mut take: impl FnMut(u64) -> Option<()>,
) -> Option<()> {
    if count == 0 {
        return Some(());
    }
    let head = byte(packed)?;
    let mut reference = number(packed)?;
    let (is_before, low) = (head & BEFORE != 0, head & !BEFORE);
    let mut left = count;
    if is_before {
        take(reference)?;
        left -= 1;
    }
    if low == SAME {
        return (0..left).try_for_each(|_| take(reference));
    }
    if low > MOST_LOW {
        return None;
    }
    let mut bits = BitReader::new(packed);
    for _ in 0..left {
        let found = undo(bits.take_distance(low)?, reference);
        take(found)?;
        if is_before {
            reference = found;
        }
    }
    bits.end();
    Some(())
}

/// The distance between two numbers, the small ones of both signs being small.
fn distance(number: u64, reference: u64) -> u64 {
    let signed = number.wrapping_sub(reference).cast_signed();
    (signed << 1 ^ signed >> 63).cast_unsigned()
}

fn undo(distance: u64, reference: u64) -> u64 {
    let signed = (distance >> 1).cast_signed() ^ -(distance & 1).cast_signed();
    reference.wrapping_add(signed.cast_unsigned())
}

/// The bits that distances take at best, and with how many low bits.
fn cheapest(distances: &[u64]) -> (u64, u8) {
    if distances.iter().all(|distance| *distance == 0) {
        return (0, SAME);
    }
    let bits = |low: u8| -> u64 {
        let each = distances.iter().map(|distance| match distance >> low {
            high if high < ESCAPE => high + 1 + u64::from(low),
            _ => ESCAPE + u64::from(WIDE),
        });
        each.sum()
    };
    let all = (0..=MOST_LOW).map(|low| (bits(low), low));
    all.min().unwrap_or((0, SAME))
}

/// Bits, the first one the lowest of its byte.
struct BitWriter<'p> {
    packed: &'p mut Vec<u8>,
    held: u8,
    count: u32,
}

impl<'p> BitWriter<'p> {
    fn new(packed: &'p mut Vec<u8>) -> Self {
        Self {
            packed,
            held: 0,
            count: 0,
        }
    }

    fn put_distance(&mut self, distance: u64, low: u8) {
        let high = distance >> low;
        let is_wide = high >= ESCAPE;
        for _ in 0..high.min(ESCAPE) {
            self.put(true);
        }
        if !is_wide {
            self.put(false);
        }
        let width = if is_wide { WIDE } else { low.into() };
        for bit in 0..width {
            self.put(distance >> bit & 1 == 1);
        }
    }

    fn put(&mut self, bit: bool) {
        self.held |= u8::from(bit) << self.count;
        self.count += 1;
        if self.count == 8 {
            self.packed.push(std::mem::take(&mut self.held));
            self.count = 0;
        }
    }

    /// Fills the last byte.
    fn end(self) {
        if self.count > 0 {
            self.packed.push(self.held);
        }
    }
}

/// Reads bits, a word at a time.
struct BitReader<'r, 'p> {
    packed: &'r mut &'p [u8],
    /// As many bytes of it are in `held`, or were.
    next: usize,
    /// The bits that come next. Above them stand zeros, or bits that come later.
    held: u64,
    count: u32,
}

impl<'r, 'p> BitReader<'r, 'p> {
    fn new(packed: &'r mut &'p [u8]) -> Self {
        Self {
            packed,
            next: 0,
            held: 0,
            count: 0,
        }
    }

    fn take_distance(&mut self, low: u8) -> Option<u64> {
        self.fill();
        let high = self.held.trailing_ones().min(ESCAPE as u32);
        if high == ESCAPE as u32 {
            self.skip(high);
            let lower = self.take(WIDE / 2)?;
            return Some(lower | self.take(WIDE / 2)? << (WIDE / 2));
        }
        // The zero that ends the ones must be there, too.
        if high >= self.count {
            return None;
        }
        self.skip(high + 1);
        let bits = self.take(low.into())?;
        Some(u64::from(high) << low | bits)
    }

    /// Takes so many bits; at most 32.
    fn take(&mut self, width: u32) -> Option<u64> {
        self.fill();
        if width > self.count {
            return None;
        }
        let bits = self.held & ((1 << width) - 1);
        self.skip(width);
        Some(bits)
    }

    /// Passes over so many of the bits that are held; at most 32.
    fn skip(&mut self, width: u32) {
        self.held >>= width;
        self.count -= width;
    }

    /// Holds at least 57 bits, or all that are left.
    fn fill(&mut self) {
        let rest = self.packed.get(self.next..).unwrap_or_default();
        if let Some(word) = rest.first_chunk() {
            self.held |= u64::from_le_bytes(*word) << self.count;
            let bytes = (u64::BITS - 1 - self.count) / u8::BITS;
            self.count += bytes * u8::BITS;
            self.next += bytes as usize;
            return;
        }
        while self.count <= 56
            && let Some(byte) = self.packed.get(self.next)
        {
            self.held |= u64::from(*byte) << self.count;
            self.count += 8;
            self.next += 1;
        }
    }

    /// Gives back the bytes of which no bit was taken. The rest of the last one fills it only.
    fn end(self) {
        let unused = (self.count / 8) as usize;
        *self.packed = &self.packed[self.next - unused..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(numbers: &[u64], bytes: usize) {
        let mut packed = Vec::new();
        put_numbers(&mut packed, numbers);
        assert!(packed.len() <= bytes, "{} bytes: {numbers:?}", packed.len());
        packed.push(0xa5);
        let mut rest = &packed[..];
        let mut again = Vec::new();
        take_numbers(&mut rest, numbers.len(), |number| {
            again.push(number);
            Some(())
        })
        .expect("what was packed");
        assert_eq!(again, numbers);
        assert_eq!(rest, [0xa5], "what follows is left: {numbers:?}");
        for cut in 0..packed.len() {
            // Whatever is there, reading it ends.
            let _ = take_numbers(&mut &packed[..cut], numbers.len(), |_| Some(()));
        }
    }

    #[test]
    fn numbers_come_out_again_in_few_bytes() {
        check(&[], 0);
        check(&[0], 2);
        check(&[u64::MAX], 11);
        check(&[30_000; 1_000], 4);
        check(&[0, u64::MAX, 0, 1 << 63, 5], 60);
        // Steps of one, and numbers around one.
        let steps: Vec<u64> = (0..800).collect();
        check(&steps, 310);
        let mut random = fastrand::Rng::with_seed(21);
        let around: Vec<u64> = (0..800).map(|_| 30_000 + random.u64(0..16)).collect();
        check(&around, 800 * 6 / 8);
        for round in 0..300 {
            let wide = random.u32(0..64);
            let count = random.usize(0..60);
            let all: Vec<u64> = (0..count).map(|_| random.u64(..) >> wide).collect();
            check(&all, 16 + 11 * count);
            if round % 10 == 0 {
                let mut bytes: Vec<u8> = (0..30).map(|_| random.u8(..)).collect();
                bytes[0] = random.u8(..);
                let _ = take_numbers(&mut &bytes[..], 10_000, |_| Some(()));
            }
        }
    }

    /// One that is far off costs only itself.
    #[test]
    fn an_outlier_costs_only_itself() {
        let mut numbers = vec![30_000; 100];
        for (number, index) in numbers.iter_mut().zip(0..) {
            *number += index % 7;
        }
        let mut plain = Vec::new();
        put_numbers(&mut plain, &numbers);
        numbers[50] = 1 << 40;
        check(&numbers, plain.len() + 16);
    }
}
