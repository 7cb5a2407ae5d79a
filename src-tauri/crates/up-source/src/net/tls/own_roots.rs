//! The certificates that `ca` names: authorities, or certificates of servers, of any version of
//! X.509.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};
use x509_parser::certificate::X509Certificate;
use x509_parser::x509::X509Version;

use super::algorithms::{provider, verify_issue};
use super::certificate::{MOST_NAMES, names, parse};

/// The certificates of one PEM file.
#[derive(Debug)]
pub(super) struct OwnRoots {
    certificates: Vec<CertificateDer<'static>>,
    /// Trusts those of the certificates that webpki can read as authorities. `None` if there are
    /// none.
    verifier: Option<Arc<WebPkiServerVerifier>>,
}

impl OwnRoots {
    /// Reads the certificates of `pem`. The error is one line for a person.
    pub(super) fn read(pem: &str) -> Result<Self, String> {
        let certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("this is no PEM file: {error}"))?;
        if certificates.is_empty() {
            return Err("there is no certificate in this file".into());
        }
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            // A certificate that webpki does not accept as an authority may still be the server's
            // own.
            if let Err(error) = roots.add(certificate.clone())
                && parse(certificate).is_none()
            {
                return Err(format!("a certificate in this file is unusable: {error}"));
            }
        }
        let verifier = if roots.is_empty() {
            None
        } else {
            let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider());
            let built = builder.build();
            Some(
                built.map_err(|error| {
                    format!("the certificates in this file are unusable: {error}")
                })?,
            )
        };
        Ok(Self {
            certificates,
            verifier,
        })
    }

    /// Verifies the certificate that the server `name` sent. `intermediates` are the other
    /// certificates that it sent.
    pub(super) fn verify(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), Error> {
        let verified = match &self.verifier {
            Some(verifier) => verifier.verify_server_cert(shown, intermediates, name, ocsp, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        let Err(error) = verified else { return Ok(()) };
        let Some(certificate) = parse(shown) else {
            return Err(error);
        };
        // A server whose certificate is itself in the file is trusted, even if it is an authority's
        // certificate (as `openssl req -x509` makes them), which webpki does not accept of a
        // server.
        let named = self.certificates.iter().any(|own| own == shown);
        if named || (certificate.version() == X509Version::V1 && self.issued(&certificate)?) {
            check_dates(&certificate, now)?;
            return check_name(&certificate, name);
        }
        Err(error)
    }

    /// The certificates of the file.
    pub(super) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    /// True if one of the certificates of the file signed `certificate`. This is used for version
    /// 1, which webpki does not read.
    fn issued(&self, certificate: &X509Certificate<'_>) -> Result<bool, Error> {
        let own = self.certificates.iter().filter_map(|own| parse(own));
        let mut failure = None;
        for authority in own {
            if authority.subject().as_raw() != certificate.issuer().as_raw() {
                continue;
            }
            match verify_issue(certificate, authority.public_key()) {
                Ok(()) => return Ok(true),
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(false), Err)
    }
}

fn check_dates(certificate: &X509Certificate<'_>, now: UnixTime) -> Result<(), Error> {
    let validity = certificate.validity();
    let seconds = |time: i64| Duration::from_secs(time.max(0).cast_unsigned());
    let not_before = UnixTime::since_unix_epoch(seconds(validity.not_before.timestamp()));
    let not_after = UnixTime::since_unix_epoch(seconds(validity.not_after.timestamp()));
    let time = now;
    if now < not_before {
        return Err(CertificateError::NotValidYetContext { time, not_before }.into());
    }
    if now > not_after {
        return Err(CertificateError::ExpiredContext { time, not_after }.into());
    }
    Ok(())
}

fn check_name(certificate: &X509Certificate<'_>, name: &ServerName<'_>) -> Result<(), Error> {
    if names(certificate).any(|own| fits(&own, name)) {
        return Ok(());
    }
    let mismatch = CertificateError::NotValidForNameContext {
        expected: name.to_owned(),
        presented: names(certificate).take(MOST_NAMES).collect(),
    };
    Err(mismatch.into())
}

/// True if a certificate for `own`, which may begin with `*.`, is for `name` (RFC 9525, section 6).
fn fits(own: &str, name: &ServerName<'_>) -> bool {
    match name {
        ServerName::DnsName(name) => {
            let name = name.as_ref().trim_end_matches('.');
            let own = own.trim_end_matches('.');
            own.eq_ignore_ascii_case(name)
                || own.strip_prefix("*.").is_some_and(|domain| {
                    let parts = name.split_once('.');
                    domain.contains('.')
                        && parts.is_some_and(|(first, rest)| {
                            !first.is_empty() && rest.eq_ignore_ascii_case(domain)
                        })
                })
        }
        ServerName::IpAddress(ip) => own.parse() == Ok(IpAddr::from(*ip)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_rfc_9525_has_it() {
        let check = |own: &str, name: &str, expected: bool| {
            let parsed = ServerName::try_from(name).expect("a name");
            assert_eq!(fits(own, &parsed), expected, "{own} for {name}");
        };
        check("Shop.Example", "shop.example", true);
        check("shop.example.", "shop.example", true);
        check("shop.example", "www.shop.example", false);
        check("*.shop.example", "www.shop.example", true);
        check("*.shop.example", "a.www.shop.example", false);
        check("*.shop.example", "shop.example", false);
        check("*.example", "shop.example", false);
        check("*", "example", false);
        check("127.0.0.1", "127.0.0.1", true);
        check("2001:DB8::1", "2001:db8::1", true);
        check("*.0.0.1", "127.0.0.1", false);
        check("an authority", "shop.example", false);
    }
}
