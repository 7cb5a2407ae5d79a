//! The facts of a server's certificate that are shown: its issuer, its names, and its validity.
//!
//! This module reads any version of X.509. It verifies nothing; the verifier in `trust` does.

use std::net::IpAddr;

use up_core::cause::one_line;
use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::algorithms;

/// The facts of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The common name and the organization of the issuer.
    pub issuer: String,
    /// True if the issuer and the subject are the same.
    pub self_issued: bool,
    /// The first second of the validity, in Unix time.
    pub begins: i64,
    /// The last second of the validity, in Unix time.
    pub expires: i64,
    /// The first names and addresses that the certificate is for, at most [`MOST_NAMES`].
    pub names: Vec<String>,
    /// The version of X.509: 1, 2 or 3.
    pub version: u32,
    /// Why Up cannot verify the key or the signature, if so (see [`algorithms::unsupported`]).
    pub unsupported: Option<String>,
}

/// The largest number of names that are shown of one certificate.
pub(crate) const MOST_NAMES: usize = 8;

impl Certificate {
    /// Reads the facts of a certificate in DER. `None` if this is no certificate.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        Some(Self::of(&parse(der)?))
    }

    fn of(certificate: &X509Certificate<'_>) -> Self {
        Self {
            issuer: shown(certificate.issuer()),
            self_issued: certificate.issuer().as_raw() == certificate.subject().as_raw(),
            begins: certificate.validity().not_before.timestamp(),
            expires: certificate.validity().not_after.timestamp(),
            names: names(certificate).take(MOST_NAMES).collect(),
            version: certificate.version().0.saturating_add(1),
            unsupported: algorithms::unsupported(certificate),
        }
    }
}

/// Parses a whole certificate of any version.
pub(super) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der)
        .ok()
        .map(|(_, certificate)| certificate)
}

/// The DNS names and addresses that `certificate` is for (RFC 5280, section 4.2.1.6). A certificate
/// without alternative names, such as any of version 1, is for the common names of its subject.
pub(super) fn names(certificate: &X509Certificate<'_>) -> impl Iterator<Item = String> {
    let alternatives =
        certificate
            .extensions()
            .iter()
            .find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
                _ => None,
            });
    let alternatives: Vec<_> = alternatives
        .into_iter()
        .flatten()
        .filter_map(name)
        .collect();
    let common = certificate.subject().iter_common_name();
    let common = common.filter(|_| alternatives.is_empty()).map(words);
    let common: Vec<_> = common.collect();
    alternatives.into_iter().chain(common)
}

/// A DNS name or an IP address as text; `None` for other kinds of names.
fn name(name: &GeneralName<'_>) -> Option<String> {
    const LONGEST: usize = 253;
    match name {
        GeneralName::DNSName(name) => Some(one_line(name, LONGEST)),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let sixteen = || <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
            Some(four.or_else(|_| sixteen()).ok()?.to_string())
        }
        _ => None,
    }
}

/// A distinguished name as `Common Name (Organization)`, or the part of it that is there.
fn shown(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().last().map(words);
    let organization = name.iter_organization().last().map(words);
    match (common, organization) {
        (Some(common), Some(organization)) => format!("{common} ({organization})"),
        (one, other) => one.or(other).unwrap_or_default(),
    }
}

/// The text of one part of a distinguished name.
fn words(part: &AttributeTypeAndValue<'_>) -> String {
    const LONGEST: usize = 253;
    let (form, value) = (part.attr_value().tag(), part.as_slice());
    if form == Tag::BmpString {
        let units = value
            .chunks_exact(2)
            .map(|c| u16::from_be_bytes([c[0], c[1]]));
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        return one_line(&text, LONGEST);
    }
    one_line(&String::from_utf8_lossy(value), LONGEST)
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    fn der(pem: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem.as_bytes()).expect("the test's own PEM")
    }

    #[test]
    fn any_version_is_read() {
        let expected = Certificate {
            issuer: "Name (Org)".into(),
            self_issued: true,
            begins: 1_795_713_408,
            expires: 2_573_313_408,
            names: vec!["a.example".into(), "127.0.0.1".into()],
            version: 3,
            unsupported: None,
        };
        assert_eq!(Certificate::read(&der(VERSION_3)), Some(expected));
        let expected = Certificate {
            issuer: "Łódź (Org)".into(),
            self_issued: true,
            begins: 1_795_713_430,
            expires: 2_573_313_430,
            names: vec!["Łódź".into()],
            version: 1,
            unsupported: None,
        };
        assert_eq!(Certificate::read(&der(VERSION_1)), Some(expected));
    }

    #[test]
    fn what_is_cut_short_or_mangled_is_no_certificate() {
        for pem in [VERSION_3, VERSION_1] {
            let whole = der(pem);
            for end in 0..whole.len() {
                assert_eq!(Certificate::read(&whole[..end]), None, "cut at {end}");
            }
            for at in 0..whole.len() {
                let mut mangled = whole.to_vec();
                mangled[at] = !mangled[at];
                let _ = Certificate::read(&mangled);
            }
        }
        let endless = [0x30, 0x84, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(Certificate::read(&endless), None);
    }

    /// The alternative names, which are critical, are `a.example`, a mail address and `127.0.0.1`.
    const VERSION_3: &str = "-----BEGIN CERTIFICATE-----\n\
MIIBeTCCAR6gAwIBAgIBBzAKBggqhkjOPQQDAjAdMQwwCgYDVQQKEwNPcmcxDTAL\n\
BgNVBAMTBE5hbWUwIBcNMjYxMTI2MTcxNjQ4WhgPMjA1MTA3MTgxNzE2NDhaMB0x\n\
DDAKBgNVBAoTA09yZzENMAsGA1UEAxMETmFtZTBZMBMGByqGSM49AgEGCCqGSM49\n\
AwEHA0IABHefYr1KQVIKPuCUX5+gd3Ig/ASuYjDgjtkY0TA7sJMRFT/CUbrW9UEn\n\
k9uwtxef2kv/i8RHMrV6dsK1ovCLz9ujTTBLMCoGA1UdEQEB/wQgMB6CCWEuZXhh\n\
bXBsZYELeEBhLmV4YW1wbGWHBH8AAAEwHQYDVR0OBBYEFFxgRRqxRyHgFNGxRuaq\n\
FI9EOhIEMAoGCCqGSM49BAMCA0kAMEYCIQDuM3u2yEBp/tPtljjshssRaPdc80Oq\n\
irqCdsBh4yo7AwIhAI0mtp/2vJMWcTNfUvlL5okJOoZ7jRCTLqTZvcXxqzWs\n\
-----END CERTIFICATE-----";

    /// The common name is a `BMPString`, and the end of the validity is a `GeneralizedTime`.
    const VERSION_1: &str = "-----BEGIN CERTIFICATE-----\n\
MIIBLDCB0gIBBzAKBggqhkjOPQQDAjAhMQwwCgYDVQQKEwNPcmcxETAPBgNVBAMe\n\
CAFBAPMAZAF6MCAXDTI2MTEyNjE3MTcxMFoYDzIwNTEwNzE4MTcxNzEwWjAhMQww\n\
CgYDVQQKEwNPcmcxETAPBgNVBAMeCAFBAPMAZAF6MFkwEwYHKoZIzj0CAQYIKoZI\n\
zj0DAQcDQgAEd59ivUpBUgo+4JRfn6B3ciD8BK5iMOCO2RjRMDuwkxEVP8JRutb1\n\
QSeT27C3F5/aS/+LxEcytXp2wrWi8IvP2zAKBggqhkjOPQQDAgNJADBGAiEA2vQt\n\
CVQ1U90VLif8B01vOhmkjL52Pq1bNTQNRl0qLTMCIQDs0zpSMXJESMgE6DaLu/i8\n\
KO5UoHO3GMM/EaaAN+mR5A==\n\
-----END CERTIFICATE-----";
}
