//! Values of type Opaque, which hold any value in BER (RFC 2578, section 7.1.9). net-snmp, and many
//! agents after it, use it for numbers that SMI has no type for. Their tags have two bytes.

use snmp2::{AsnReader, Value};

use super::rate::Counter;
use super::reply::VariableReading;

/// The first byte of net-snmp's two-byte tags: class context-specific, with another byte behind it.
const MORE: u8 = 0x9f;

const COUNTER64: u8 = 0x76;
const FLOAT: u8 = 0x78;
const DOUBLE: u8 = 0x79;
const INTEGER64: u8 = 0x7a;
const UNSIGNED64: u8 = 0x7b;

/// Reads the octets of an Opaque value.
pub(super) fn read(octets: &[u8]) -> VariableReading {
    match octets {
        [MORE, kind, rest @ ..] => content(rest)
            .and_then(|content| number(*kind, content))
            .unwrap_or(VariableReading::Other),
        _ => match AsnReader::from_bytes(octets).next() {
            // An Opaque within an Opaque is not read, because they could nest without end.
            None | Some(Value::Opaque(_)) => VariableReading::Other,
            Some(value) => value.into(),
        },
    }
}

/// The content after the length at the start of `rest`.
fn content(rest: &[u8]) -> Option<&[u8]> {
    let mut reader = AsnReader::from_bytes(rest);
    let length = reader.read_length().ok()?;
    let from = rest.len() - reader.bytes_left();
    rest.get(from..from.checked_add(length)?)
}

/// Reads the content of a value with the tag `MORE`, `kind`.
fn number(kind: u8, content: &[u8]) -> Option<VariableReading> {
    match kind {
        FLOAT => {
            let number = f32::from_be_bytes(content.try_into().ok()?);
            // The shortest decimal that reads back as this `f32`: 25.3, not 25.299999237060547.
            number.to_string().parse().ok().map(VariableReading::Real)
        }
        DOUBLE => Some(VariableReading::Real(f64::from_be_bytes(
            content.try_into().ok()?,
        ))),
        COUNTER64 => unsigned(content).map(|count| VariableReading::Counter(Counter::Long(count))),
        UNSIGNED64 => unsigned(content).map(|number| match i64::try_from(number) {
            Ok(number) => VariableReading::Number(number),
            Err(_) => VariableReading::Real(number as f64),
        }),
        INTEGER64 => signed(content).map(VariableReading::Number),
        _ => None,
    }
}

fn unsigned(content: &[u8]) -> Option<u64> {
    let digits = match content {
        // A leading zero keeps the highest bit from being read as a sign.
        [0, digits @ ..] if digits.len() == 8 => digits,
        digits => digits,
    };
    let mut bytes = [0; 8];
    bytes
        .get_mut(8_usize.checked_sub(digits.len())?..)?
        .copy_from_slice(digits);
    (!digits.is_empty()).then(|| u64::from_be_bytes(bytes))
}

fn signed(content: &[u8]) -> Option<i64> {
    let fill = if content.first()? & 0x80 == 0 {
        0
    } else {
        0xff
    };
    let mut bytes = [fill; 8];
    bytes
        .get_mut(8_usize.checked_sub(content.len())?..)?
        .copy_from_slice(content);
    Some(i64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[MORE, kind, content.len() as u8], content].concat()
    }

    #[test]
    fn numbers_of_every_kind_are_read() {
        let check = |octets: &[u8], expected: &str| {
            assert_eq!(format!("{:?}", read(octets)), expected, "{octets:02x?}");
        };
        let float = |number: f32| wrapped(FLOAT, &number.to_be_bytes());
        check(&float(25.3), "Real(25.3)");
        check(&float(-0.42), "Real(-0.42)");
        check(&float(0.0), "Real(0.0)");
        check(&float(f32::MAX), "Real(3.4028235e38)");
        check(&float(f32::NAN), "Real(NaN)");
        check(&float(f32::NEG_INFINITY), "Real(-inf)");
        let double = |number: f64| wrapped(DOUBLE, &number.to_be_bytes());
        check(&double(-1.5e300), "Real(-1.5e300)");
        check(&double(f64::INFINITY), "Real(inf)");
        check(&wrapped(COUNTER64, &[1, 0]), "Counter(Long(256))");
        let largest = [&[0][..], &[0xff; 8]].concat();
        check(
            &wrapped(COUNTER64, &largest),
            "Counter(Long(18446744073709551615))",
        );
        check(&wrapped(INTEGER64, &[0xfe]), "Number(-2)");
        check(
            &wrapped(INTEGER64, &[0x7f; 8]),
            "Number(9187201950435737471)",
        );
        check(&wrapped(UNSIGNED64, &[200]), "Number(200)");
        check(
            &wrapped(UNSIGNED64, &largest),
            "Real(1.8446744073709552e19)",
        );
        // A length in its long form, and bytes behind the value.
        check(&[MORE, INTEGER64, 0x81, 1, 7, 0, 0], "Number(7)");
        // Values with the tags of SMI.
        check(&[2, 1, 5], "Number(5)");
        check(&[4, 2, b'o', b'k'], "Text([111, 107])");
        check(&[0x41, 1, 9], "Counter(Short(9))");
    }

    #[test]
    fn what_is_none_of_them_is_of_another_type() {
        for octets in [
            &[][..],
            &[MORE],
            &[MORE, FLOAT],
            &[MORE, FLOAT, 4, 0, 0, 0],
            &[MORE, FLOAT, 3, 0, 0, 0],
            &[MORE, DOUBLE, 4, 0, 0, 0, 0],
            &[MORE, COUNTER64, 0],
            &[MORE, UNSIGNED64, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            &[MORE, INTEGER64, 0],
            &[MORE, INTEGER64, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[
                MORE, INTEGER64, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
            ],
            &[MORE, 0x01, 1, 1],
            &[0x44, 3, 2, 1, 5],
            b"plain",
        ] {
            assert!(
                matches!(read(octets), VariableReading::Other),
                "{octets:02x?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_octets_are_a_panic(octets in prop::collection::vec(any::<u8>(), 0..24)) {
            let _ = read(&octets);
            let _ = read(&[&[MORE][..], &octets].concat());
        }
    }
}
