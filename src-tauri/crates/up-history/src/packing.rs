//! Packed bytes: numbers in LEB128, fractions, and a checksum at the end, by which bits that rotted
//! on a disk are noticed. Whatever the bytes are, reading them ends; `None` says that they are not
//! what was packed.

/// Seven bits a byte, the lowest first; the top bit says that more follow.
pub(crate) fn put(packed: &mut Vec<u8>, number: u64) {
    put_wide(packed, number.into());
}

/// The same for a number that may be very large.
pub(crate) fn put_wide(packed: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        packed.push(number as u8 | 0x80);
        number >>= 7;
    }
    packed.push(number as u8);
}

/// A fraction, little end first.
pub(crate) fn put_fraction(packed: &mut Vec<u8>, fraction: f64) {
    packed.extend(fraction.to_le_bytes());
}

/// Takes a byte from the front.
pub(crate) fn byte(packed: &mut &[u8]) -> Option<u8> {
    let (&byte, rest) = packed.split_first()?;
    *packed = rest;
    Some(byte)
}

/// Takes a number from the front.
pub(crate) fn number(packed: &mut &[u8]) -> Option<u64> {
    wide(packed).and_then(|number| number.try_into().ok())
}

/// Takes a number that may be very large from the front.
pub(crate) fn wide(packed: &mut &[u8]) -> Option<u128> {
    let mut number = 0;
    for shift in (0..u128::BITS).step_by(7) {
        let byte = byte(packed)?;
        number |= u128::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Takes a fraction from the front.
pub(crate) fn fraction(packed: &mut &[u8]) -> Option<f64> {
    let (bytes, rest) = packed.split_first_chunk()?;
    *packed = rest;
    Some(f64::from_le_bytes(*bytes))
}

/// Bytes of a checksum: CRC-32, little end first.
const CHECKSUM: usize = 4;

/// Adds the checksum.
pub(crate) fn seal(mut packed: Vec<u8>) -> Vec<u8> {
    let sum = crc32fast::hash(&packed);
    packed.extend(sum.to_le_bytes());
    packed
}

/// Takes the checksum away; `None` when it is not that of the bytes before it.
pub(crate) fn unseal(sealed: &[u8]) -> Option<&[u8]> {
    let (packed, sum) = sealed.split_at_checked(sealed.len().checked_sub(CHECKSUM)?)?;
    (crc32fast::hash(packed).to_le_bytes() == *sum).then_some(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_again() {
        let check = |value: u64, bytes: usize| {
            let mut packed = Vec::new();
            put(&mut packed, value);
            assert_eq!(packed.len(), bytes, "{value}");
            put_wide(&mut packed, u128::from(value) << 50);
            put_fraction(&mut packed, value as f64);
            let mut rest = &packed[..];
            assert_eq!(number(&mut rest), Some(value));
            assert_eq!(wide(&mut rest), Some(u128::from(value) << 50));
            assert_eq!(fraction(&mut rest), Some(value as f64));
            assert!(rest.is_empty(), "{value}");
            for cut in 0..bytes {
                assert_eq!(number(&mut &packed[..cut]), None, "{value} cut off");
            }
        };
        check(0, 1);
        check(127, 1);
        check(128, 2);
        check(u64::MAX, 10);
        for shift in 0..64 {
            check(1 << shift, shift / 7 + 1);
        }
        assert_eq!(wide(&mut &[0xff; 40][..]), None, "it ends");
        assert_eq!(number(&mut &[0xff; 12][..]), None, "it ends");
    }

    #[test]
    fn a_bit_that_rotted_is_noticed() {
        let sealed = seal(b"anything".to_vec());
        assert_eq!(unseal(&sealed), Some(&b"anything"[..]));
        for bit in 0..sealed.len() * 8 {
            let mut rotten = sealed.clone();
            rotten[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unseal(&rotten), None, "bit {bit}");
        }
        for cut in 0..sealed.len() {
            assert_eq!(unseal(&sealed[..cut]), None, "cut to {cut}");
        }
    }
}
