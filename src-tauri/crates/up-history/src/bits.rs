//! Numbers as codes of few bits: exponential Golomb codes, in which small numbers take the fewest.
//! The order of a code is how many of the low bits are written as they are.

/// Writes codes one after the other; the last byte is filled up with zeros.
#[derive(Default)]
pub(crate) struct CodeWriter {
    bytes: Vec<u8>,
    used: usize,
}

impl CodeWriter {
    /// Writes a number. The order must be one that has a cost for it.
    pub(crate) fn put(&mut self, number: u128, order: u32) {
        let high = (number >> order).saturating_add(1);
        for _ in 0..high.ilog2() {
            self.bit(false);
        }
        self.low_bits(high, high.ilog2() + 1);
        self.low_bits(number, order);
    }

    /// Writes so many of the low bits as they are.
    pub(crate) fn low_bits(&mut self, number: u128, count: u32) {
        for index in (0..count).rev() {
            self.bit(number >> index & 1 == 1);
        }
    }

    fn bit(&mut self, bit: bool) {
        if self.used.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (self.used % 8);
        }
        self.used += 1;
    }

    /// The bytes.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// How many bits a number takes; `None` if it has no code of this order.
pub(crate) fn cost(number: u128, order: u32) -> Option<u32> {
    let high = (number >> order).checked_add(1)?;
    Some(2 * high.ilog2() + 1 + order)
}

/// Reads codes. Whatever the bytes are, it ends; `None` says that they are no code.
pub(crate) struct CodeReader<'a> {
    bytes: &'a [u8],
    used: usize,
}

impl<'a> CodeReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, used: 0 }
    }

    /// Takes a number that was written with this order.
    pub(crate) fn take(&mut self, order: u32) -> Option<u128> {
        match self.take_short(order) {
            Some(number) => Some(number.into()),
            None => self.take_long(order),
        }
    }

    /// Takes a number below 2⁶⁴ that was written with this order.
    #[inline]
    pub(crate) fn take_small(&mut self, order: u32) -> Option<u64> {
        match self.take_short(order) {
            Some(number) => Some(number),
            None => self.take_long(order)?.try_into().ok(),
        }
    }

    /// Nearly all codes lie in the next bits, and are taken at once; `None` for a longer one, and at the end.
    #[inline]
    fn take_short(&mut self, order: u32) -> Option<u64> {
        let word = self.peek();
        let more = word.trailing_zeros();
        let width = more.saturating_add(order);
        if more + 1 + width > PEEKED {
            return None;
        }
        let bits = reversed(word >> more >> 1, width);
        let used = self.used + (more + 1 + width) as usize;
        if used > self.bytes.len() * 8 {
            return None;
        }
        self.used = used;
        let high = 1_u64 << more | bits >> order;
        let low = bits & ((1 << order) - 1);
        Some((high - 1) << order | low)
    }

    fn take_long(&mut self, order: u32) -> Option<u128> {
        let mut more = 0;
        loop {
            let zeros = self.peek().trailing_zeros().min(PEEKED);
            more += zeros;
            self.used += zeros as usize;
            if self.used >= self.bytes.len() * 8 || more >= u128::BITS {
                return None;
            }
            if zeros < PEEKED {
                break;
            }
        }
        self.used += 1;
        let high = 1 << more | self.low_bits(more)?;
        if (high - 1_u128).leading_zeros() < order {
            return None;
        }
        Some((high - 1) << order | self.low_bits(order)?)
    }

    /// Takes so many bits as they are; fewer than 128.
    pub(crate) fn low_bits(&mut self, count: u32) -> Option<u128> {
        if self.used + count as usize > self.bytes.len() * 8 {
            return None;
        }
        let (mut number, mut left) = (0, count);
        while left > 0 {
            let width = left.min(PEEKED);
            // The first bit is the highest one.
            let bits = self.peek().reverse_bits() >> (u64::BITS - width);
            number = number << width | u128::from(bits);
            self.used += width as usize;
            left -= width;
        }
        Some(number)
    }

    /// The next [`PEEKED`] bits at least, the first one the lowest; zeros beyond the end.
    #[inline]
    fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.used / 8..).unwrap_or_default();
        let word = match rest.first_chunk() {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => rest
                .iter()
                .rev()
                .fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        word >> (self.used % 8)
    }
}

/// So many of the low bits, in the other order.
#[inline]
fn reversed(bits: u64, width: u32) -> u64 {
    if width <= u8::BITS {
        return u64::from(REVERSED[bits as usize & 0xff] >> (u8::BITS - width).min(7))
            & ((1 << width) - 1);
    }
    bits.reverse_bits() >> (u64::BITS - width)
}

/// Every byte with its bits in the other order: x86-64 has no instruction for it.
const REVERSED: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = (byte as u8).reverse_bits();
        byte += 1;
    }
    table
};

/// So many bits can be read at once, wherever in a byte they begin.
const PEEKED: u32 = 57;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_out_again_and_take_what_was_said() {
        for order in [0, 1, 3, 15, 63] {
            let powers = (9..128).map(|shift| 1 << shift);
            let last = [u128::MAX - 1, u128::MAX];
            let mut numbers: Vec<u128> = (0..300).chain(powers).chain(last).collect();
            numbers.retain(|number| cost(*number, order).is_some());
            assert_eq!(numbers.contains(&u128::MAX), order > 0);
            let mut bits = CodeWriter::default();
            for number in &numbers {
                bits.put(*number, order);
            }
            let bytes = bits.finish();
            let said: u32 = numbers.iter().filter_map(|n| cost(*n, order)).sum();
            assert_eq!(bytes.len(), said.div_ceil(8) as usize, "order {order}");
            let mut reader = CodeReader::new(&bytes);
            for number in numbers {
                assert_eq!(reader.take(order), Some(number), "order {order}");
            }
        }
    }

    #[test]
    fn whatever_is_read_ends() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..2_000 {
            let length = random.usize(0..60);
            let mask = [0x01, 0x80, 0xff][random.usize(0..3)];
            let bytes: Vec<u8> = (0..length).map(|_| random.u8(..) & mask).collect();
            let mut reader = CodeReader::new(&bytes);
            let order = random.u32(0..64);
            let taken = std::iter::from_fn(|| reader.take(order)).count();
            assert!(taken <= length * 8, "{bytes:?}");
        }
    }
}
