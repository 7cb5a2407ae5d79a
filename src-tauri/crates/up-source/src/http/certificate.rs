//! What is told of a server's certificate: who issued it, and until when it is valid.
//!
//! Reads only as much DER (X.690) of the certificate (RFC 5280, section 4.1) as that takes. It
//! judges nothing: that is the verifier's.

use up_core::cause::one_line;

/// The facts of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The issuer's common name and organization.
    pub issuer: String,
    /// True when it names itself as its issuer.
    pub self_issued: bool,
    /// The last second in which it is valid, Unix time.
    pub expires: i64,
}

impl Certificate {
    /// Reads them; `None` when this is no certificate.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let certificate = Der(der).enter(SEQUENCE)?;
        let mut fields = Der(certificate).enter(SEQUENCE).map(Der)?;
        if fields.0.first() == Some(&VERSION) {
            fields.next()?;
        }
        let _serial = fields.next()?;
        let _algorithm = fields.next()?;
        let issuer = fields.enter(SEQUENCE)?;
        let mut validity = fields.enter(SEQUENCE).map(Der)?;
        let subject = fields.enter(SEQUENCE)?;
        let _not_before = validity.next()?;
        let (form, not_after) = validity.next()?;
        Some(Self {
            issuer: name(issuer),
            self_issued: issuer == subject,
            expires: unix_time(form, not_after)?,
        })
    }
}

pub(crate) const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const BMP_STRING: u8 = 0x1e;
/// 2.5.4.3, with its tag and length.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 2.5.4.10, likewise.
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];

/// Elements of DER, one after the other.
pub(crate) struct Der<'a>(pub(crate) &'a [u8]);

impl<'a> Der<'a> {
    /// The next element's tag and contents; `None` at the end, or where this is no DER.
    pub(crate) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if digits.is_empty() || digits.len() > 4 {
                return None;
            }
            let length = digits.iter().fold(0, |n, d| n << 8 | usize::from(*d));
            (length, rest)
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, contents))
    }

    /// The contents of the next element, if it has that tag.
    pub(crate) fn enter(&mut self, expected: u8) -> Option<&'a [u8]> {
        self.next()
            .and_then(|(tag, contents)| (tag == expected).then_some(contents))
    }
}

/// A distinguished name as `Common Name (Organization)`, or as much of that as there is.
fn name(parts: &[u8]) -> String {
    let (mut common, mut organization) = (None, None);
    let mut sets = Der(parts);
    while let Some(set) = sets.enter(SET) {
        let Some(mut pair) = Der(set).enter(SEQUENCE).map(Der) else {
            continue;
        };
        let (Some((_, oid)), Some((form, value))) = (pair.next(), pair.next()) else {
            continue;
        };
        match oid {
            COMMON_NAME => common = Some(words(form, value)),
            ORGANIZATION => organization = Some(words(form, value)),
            _ => {}
        }
    }
    match (common, organization) {
        (Some(common), Some(organization)) => format!("{common} ({organization})"),
        (one, other) => one.or(other).unwrap_or_default(),
    }
}

fn words(form: u8, value: &[u8]) -> String {
    const MAX: usize = 100;
    if form == BMP_STRING {
        let units = value
            .chunks_exact(2)
            .map(|c| u16::from_be_bytes([c[0], c[1]]));
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        return one_line(&text, MAX);
    }
    one_line(&String::from_utf8_lossy(value), MAX)
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` as Unix time (RFC 5280, section 4.1.2.5).
fn unix_time(form: u8, text: &[u8]) -> Option<i64> {
    let digits = text.strip_suffix(b"Z")?;
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        std::str::from_utf8(digits.get(range)?).ok()?.parse().ok()
    };
    let (year, rest) = match form {
        UTC_TIME => match number(0..2)? {
            year @ 0..50 => (2000 + year, 2),
            year => (1900 + year, 2),
        },
        GENERALIZED_TIME => (number(0..4)?, 4),
        _ => return None,
    };
    let part = |i: usize| number(rest + 2 * i..rest + 2 * i + 2);
    let (month, day) = (part(0)?, part(1)?);
    let (hour, minute, second) = (part(2)?, part(3)?, part(4)?);
    // Days since 1970 of a civil date: years begin in March, so that leap days come last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_both_forms() {
        let check = |form, text: &str, expected| {
            assert_eq!(unix_time(form, text.as_bytes()), expected, "{text}");
        };
        check(UTC_TIME, "700101000000Z", Some(0));
        check(UTC_TIME, "491231235959Z", Some(2_524_607_999));
        check(UTC_TIME, "500101000000Z", Some(-631_152_000));
        check(GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000));
        check(GENERALIZED_TIME, "20240229120000Z", Some(1_709_208_000));
        check(UTC_TIME, "7001010000Z", None);
        check(UTC_TIME, "700101000000", None);
        check(UTC_TIME, "70010100000xZ", None);
        check(SEQUENCE, "700101000000Z", None);
    }

    #[test]
    fn what_is_cut_short_or_mangled_is_no_certificate() {
        let whole = CERTIFICATE;
        for end in 0..whole.len() {
            assert_eq!(Certificate::read(&whole[..end]), None, "cut at {end}");
        }
        for at in 0..whole.len() {
            let mut mangled = whole.to_vec();
            mangled[at] = !mangled[at];
            let _ = Certificate::read(&mangled);
        }
        assert_eq!(
            Certificate::read(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
            None
        );
    }

    #[test]
    fn issuer_and_expiry_are_read() {
        let expected = Certificate {
            issuer: "CN (Org)".into(),
            self_issued: true,
            expires: 2_524_607_999,
        };
        assert_eq!(Certificate::read(CERTIFICATE), Some(expected));
    }

    /// As much of a certificate as is read: issuer and subject `O=Org, CN=CN`, until the end of
    /// 2049.
    #[rustfmt::skip]
    const CERTIFICATE: &[u8] = &[
        0x30, 0x6d, 0x30, 0x6b,
        0xa0, 0x03, 0x02, 0x01, 0x02,
        0x02, 0x01, 0x07,
        0x30, 0x03, 0x06, 0x01, 0x2a,
        0x30, 0x1d,
          0x31, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x04, 0x0a, 0x0c, 0x03, b'O', b'r', b'g',
          0x31, 0x0d, 0x30, 0x0b, 0x06, 0x03, 0x55, 0x04, 0x03, 0x1e, 0x04, 0, b'C', 0, b'N',
        0x30, 0x1e,
          0x17, 0x0d, b'7', b'0', b'0', b'1', b'0', b'1', b'0', b'0', b'0', b'0', b'0', b'0', b'Z',
          0x17, 0x0d, b'4', b'9', b'1', b'2', b'3', b'1', b'2', b'3', b'5', b'9', b'5', b'9', b'Z',
        0x30, 0x1d,
          0x31, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x04, 0x0a, 0x0c, 0x03, b'O', b'r', b'g',
          0x31, 0x0d, 0x30, 0x0b, 0x06, 0x03, 0x55, 0x04, 0x03, 0x1e, 0x04, 0, b'C', 0, b'N',
    ];
}
