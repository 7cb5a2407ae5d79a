//! Values of SNMP objects as a person reads them: a number, a text, or words.

use super::rate::Counter;
use super::reply::VariableReading;
use super::words::{NO_BIT, Words};

/// The value of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ObjectValue {
    /// The number, also of a text that is one.
    pub(super) number: Option<f64>,
    /// The text, word or words, of any length.
    pub(super) text: String,
    /// The words of the bits that are set, if the value is of type BITS and has words.
    pub(super) bits: Option<Vec<String>>,
}

impl ObjectValue {
    /// The value of `reading`, with `words` for it. `None` if it has none that Up reads.
    pub(super) fn read(reading: &VariableReading, words: Words) -> Option<Self> {
        let numbered = |number: f64, text: String| Self {
            number: Some(number),
            text,
            bits: None,
        };
        Some(match reading {
            VariableReading::Text(octets) => match words.bits(octets) {
                Some(bits) => Self {
                    number: None,
                    text: if bits.is_empty() {
                        NO_BIT.to_owned()
                    } else {
                        bits.join(", ")
                    },
                    bits: Some(bits),
                },
                None if matches!(words, Words::Octets) => Self::text(hexadecimal(octets)),
                None => {
                    let text = readable(octets);
                    Self {
                        number: number(&text),
                        ..Self::text(text)
                    }
                }
            },
            VariableReading::Number(number) => {
                let word = words.of(*number);
                let text = word.map_or_else(|| number.to_string(), str::to_owned);
                numbered(*number as f64, text)
            }
            VariableReading::Ticks(ticks) => numbered(f64::from(*ticks), ticks.to_string()),
            VariableReading::Counter(Counter::Short(count)) => {
                numbered(f64::from(*count), count.to_string())
            }
            VariableReading::Counter(Counter::Long(count)) => {
                numbered(*count as f64, count.to_string())
            }
            VariableReading::Real(number) => Self {
                number: number.is_finite().then_some(*number),
                ..Self::text(decimal(*number))
            },
            VariableReading::Object(text) => Self::text(text.clone()),
            VariableReading::Other
            | VariableReading::Missing(_)
            | VariableReading::Refused(_)
            | VariableReading::Unanswered(_) => {
                return None;
            }
        })
    }

    fn text(text: String) -> Self {
        Self {
            number: None,
            text,
            bits: None,
        }
    }
}

/// The number that a text is, if it is a finite one.
pub(super) fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// A number for messages, with at most three decimals.
pub(super) fn shown(number: f64) -> String {
    let text = format!("{number:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

/// A number in full, or with an exponent if it is very large or small.
fn decimal(number: f64) -> String {
    match number.abs() {
        0.0 | 1e-5..1e16 => number.to_string(),
        magnitude if magnitude.is_finite() => format!("{number:e}"),
        _ => number.to_string(),
    }
}

/// Octets as text if they are printable UTF-8, else in hexadecimal like a hardware address.
fn readable(octets: &[u8]) -> String {
    // Some agents include the zero byte that ends a C string.
    let trimmed = octets.strip_suffix(b"\0").unwrap_or(octets);
    match std::str::from_utf8(trimmed) {
        Ok(text) if !text.contains(|c: char| c.is_control() && !c.is_whitespace()) => text.into(),
        _ => hexadecimal(octets),
    }
}

fn hexadecimal(octets: &[u8]) -> String {
    let octets: Vec<_> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    octets.join(":")
}

#[cfg(test)]
mod tests {
    use super::super::oid::Oid;
    use super::*;

    #[test]
    fn values_read_as_a_person_would() {
        let check =
            |name: &str, reading: VariableReading, expected: Option<(Option<f64>, &str)>| {
                let words = Oid::parse(name).expect("a name").words();
                let found = ObjectValue::read(&reading, words);
                let found = found.as_ref().map(|found| (found.number, &*found.text));
                assert_eq!(found, expected, "{name} {reading:?}");
            };
        let text = |octets: &[u8]| VariableReading::Text(octets.into());
        check("sysDescr", text(b"a b"), Some((None, "a b")));
        check("sysDescr", text(b"0.15"), Some((Some(0.15), "0.15")));
        check("sysDescr", text(b"inf"), Some((None, "inf")));
        check("sysDescr", text(b"\x01\xff"), Some((None, "01:ff")));
        check(
            "ifPhysAddress.1",
            text(b"\0abcde"),
            Some((None, "00:61:62:63:64:65")),
        );
        check("ifPhysAddress.1", text(b"1"), Some((None, "31")));
        check("sysDescr", text(b""), Some((None, "")));
        check(
            "ifOperStatus.1",
            VariableReading::Number(7),
            Some((Some(7.0), "lowerLayerDown")),
        );
        check(
            "ifOperStatus.1",
            VariableReading::Number(9),
            Some((Some(9.0), "9")),
        );
        check(
            "sysUpTime",
            VariableReading::Ticks(250),
            Some((Some(250.0), "250")),
        );
        let most = VariableReading::Counter(Counter::Long(u64::MAX));
        let text_of_most = "18446744073709551615";
        check(
            "ifHCInOctets.1",
            most,
            Some((Some(u64::MAX as f64), text_of_most)),
        );
        let errors = "hrPrinterDetectedErrorState.1";
        check(
            errors,
            text(&[0x44, 0x04]),
            Some((None, "noPaper, jammed, inputTrayEmpty")),
        );
        check(errors, text(&[0, 1]), Some((None, "bit 15")));
        check(
            "sysDescr",
            VariableReading::Real(25.3),
            Some((Some(25.3), "25.3")),
        );
        check(
            "sysDescr",
            VariableReading::Real(-0.0),
            Some((Some(-0.0), "-0")),
        );
        check(
            "sysDescr",
            VariableReading::Real(1e300),
            Some((Some(1e300), "1e300")),
        );
        check(
            "sysDescr",
            VariableReading::Real(-2e-7),
            Some((Some(-2e-7), "-2e-7")),
        );
        check(
            "sysDescr",
            VariableReading::Real(f64::NAN),
            Some((None, "NaN")),
        );
        check(
            "sysDescr",
            VariableReading::Real(f64::NEG_INFINITY),
            Some((None, "-inf")),
        );
        check("sysDescr", VariableReading::Other, None);
    }

    #[test]
    fn numbers_are_shown_short() {
        let check = |number: f64, expected: &str| assert_eq!(shown(number), expected);
        check(90.0, "90");
        check(95.25, "95.25");
        check(200.0 / 3.0, "66.667");
        check(1e8, "100000000");
        check(0.0, "0");
    }
}
