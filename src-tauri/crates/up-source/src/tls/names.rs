//! For which names a certificate is (RFC 5280, section 4.2.1.6).

use std::net::IpAddr;

use up_core::cause::one_line;

use crate::http::certificate::{Der, SEQUENCE};

const EXTENSIONS: u8 = 0xa3;
const OCTETS: u8 = 0x04;
/// 2.5.29.17, with its tag and length.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// The first `most` DNS names and addresses of the certificate; none where it cannot be read.
pub(super) fn of(der: &[u8], most: usize) -> Vec<String> {
    let Some(mut names) = alternatives(der).map(Der) else {
        return Vec::new();
    };
    std::iter::from_fn(|| names.next())
        .filter_map(|(form, value)| name(form, value))
        .take(most)
        .collect()
}

fn name(form: u8, value: &[u8]) -> Option<String> {
    const LONGEST: usize = 253;
    match form {
        DNS_NAME => Some(one_line(&String::from_utf8_lossy(value), LONGEST)),
        IP_ADDRESS => {
            let four = <[u8; 4]>::try_from(value).map(IpAddr::from);
            let sixteen = || <[u8; 16]>::try_from(value).map(IpAddr::from);
            Some(four.or_else(|_| sixteen()).ok()?.to_string())
        }
        _ => None,
    }
}

/// The contents of the extension.
fn alternatives(der: &[u8]) -> Option<&[u8]> {
    let mut fields = Der(Der(der).enter(SEQUENCE)?).enter(SEQUENCE).map(Der)?;
    let extensions = loop {
        if let (EXTENSIONS, extensions) = fields.next()? {
            break extensions;
        }
    };
    let mut extensions = Der(extensions).enter(SEQUENCE).map(Der)?;
    loop {
        let mut extension = extensions.enter(SEQUENCE).map(Der)?;
        let (_, oid) = extension.next()?;
        if oid != SUBJECT_ALT_NAME {
            continue;
        }
        // A flag (critical) may stand between.
        loop {
            if let (OCTETS, value) = extension.next()? {
                return Der(value).enter(SEQUENCE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As much of a certificate as is read: `a.example` and `127.0.0.1`, critical.
    #[rustfmt::skip]
    const CERTIFICATE: &[u8] = &[
        0x30, 0x2a, 0x30, 0x28,
        0x02, 0x01, 0x07,
        0xa3, 0x23, 0x30, 0x21,
          0x30, 0x1f, 0x06, 0x03, 0x55, 0x1d, 0x11, 0x01, 0x01, 0xff, 0x04, 0x15, 0x30, 0x13,
            0x82, 0x09, b'a', b'.', b'e', b'x', b'a', b'm', b'p', b'l', b'e',
            0x88, 0x00,
            0x87, 0x04, 127, 0, 0, 1,
    ];

    #[test]
    fn names_and_addresses_are_read() {
        assert_eq!(of(CERTIFICATE, 8), ["a.example", "127.0.0.1"]);
        assert_eq!(of(CERTIFICATE, 1), ["a.example"]);
    }

    #[test]
    fn what_is_cut_short_or_mangled_has_none() {
        for end in 0..CERTIFICATE.len() {
            assert!(of(&CERTIFICATE[..end], 8).is_empty(), "cut at {end}");
        }
        for at in 0..CERTIFICATE.len() {
            let mut mangled = CERTIFICATE.to_vec();
            mangled[at] = !mangled[at];
            let _ = of(&mangled, 8);
        }
    }
}
