//! The cause text for a failed TLS handshake or an unacceptable certificate.

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};
use up_core::{CauseCode, phrase};

use super::handshake::{ClientCertificate, Handshake};
use super::trust::NoRoots;
use crate::net::fault::Fault;

/// The fault for a handshake with `peer` (`host:port`) that failed with `error`. `name` is the
/// server name that was requested, and `record` is what the handshake noted.
pub(crate) fn of(error: &Error, peer: &str, name: &str, record: &Handshake) -> Fault {
    let text = match error {
        Error::InvalidCertificate(error) => certificate(error, record),
        Error::Other(other) if other.0.is::<NoRoots>() => {
            let text = format!(
                "cannot read the certificates that this system trusts: {}",
                other.0
            );
            return Fault::new(CauseCode::Resource, text);
        }
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => format!("{peer} does not speak TLS: is it plain http?"),
        Error::AlertReceived(alert) => refusal(*alert, peer, name, record),
        Error::NoApplicationProtocol => {
            format!("{peer} does not speak that version of HTTP")
        }
        other => format!("TLS with {peer} failed: {other}"),
    };
    Fault::new(CauseCode::Tls, text)
}

/// True if the server ended TLS because it was shown no client certificate, or an unsuitable one.
pub(crate) fn wants_client_certificate(error: &Error, record: &Handshake) -> bool {
    let Error::AlertReceived(alert) = error else {
        return false;
    };
    // TLS 1.3 has an alert for a missing client certificate. Earlier versions have none, and
    // servers send various alerts.
    *alert == AlertDescription::CertificateRequired
        || (record.client == ClientCertificate::Missing && is_of_client_certificate(*alert))
}

/// The end of the sentence about a server that closed the connection during the handshake without
/// an alert.
pub(crate) fn after_client_certificate(record: &Handshake) -> &'static str {
    match record.client {
        ClientCertificate::Unasked => "",
        ClientCertificate::Missing => " after it had asked for a client certificate and got none",
        ClientCertificate::Shown => " after it was shown our client certificate",
    }
}

/// True if servers send `alert` because of a client certificate.
fn is_of_client_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::HandshakeFailure
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired
    )
}

/// The text for a certificate of the server that rustls did not accept.
fn certificate(error: &CertificateError, record: &Handshake) -> String {
    let own = record.certificate.as_ref();
    match error {
        CertificateError::ExpiredContext { time, not_after } => {
            let ago = time.as_secs().saturating_sub(not_after.as_secs());
            let own = own.map(|facts| facts.expires);
            if own.is_some_and(|own| own.cast_unsigned() != not_after.as_secs()) {
                format!("an authority's certificate expired {} ago", days(ago))
            } else {
                format!("certificate expired {} ago", days(ago))
            }
        }
        CertificateError::Expired => "certificate has expired".into(),
        CertificateError::NotValidYetContext { time, not_before } => {
            let until = not_before.as_secs().saturating_sub(time.as_secs());
            let until = days(until);
            format!("certificate will be valid only in {until}: is a clock wrong?")
        }
        CertificateError::NotValidYet => "certificate is not valid yet: is a clock wrong?".into(),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            let expected = name(expected);
            match presented.as_slice() {
                [] => format!("certificate is for no name, so not for {expected}"),
                names => format!("certificate is for {}, not {expected}", listed(names)),
            }
        }
        CertificateError::NotValidForName => "certificate is for another name".into(),
        CertificateError::UnknownIssuer => unknown_issuer(record),
        CertificateError::Revoked => "certificate has been revoked by its issuer".into(),
        CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            bad_signature(error, record)
        }
        _ if own.is_some_and(|own| own.version < 3) => {
            let version = own.map_or(1, |own| own.version);
            format!(
                "certificate is of X.509 version {version}, so it is trusted only where `ca` names \
                 it (or, in version 1, its issuer)"
            )
        }
        CertificateError::BadEncoding => "certificate cannot be read".into(),
        CertificateError::InvalidPurposeContext { .. } | CertificateError::InvalidPurpose => {
            "certificate is not meant for a server (its extended key usage)".into()
        }
        CertificateError::UnhandledCriticalExtension => UNKNOWN_EXTENSION.into(),
        CertificateError::Other(other) => match other.to_string().as_str() {
            "CaUsedAsEndEntity" => match own {
                Some(facts) if facts.self_issued => unknown_issuer(record),
                _ => "certificate is an authority's, not a server's".into(),
            },
            "UnsupportedCriticalExtension" => UNKNOWN_EXTENSION.into(),
            "NameConstraintViolation" => {
                "certificate is for a name for which its authority may not vouch".into()
            }
            "EndEntityUsedAsCa" | "PathLenConstraintViolated" => {
                "certificate was issued with one that is no authority's".into()
            }
            words => format!("certificate is not to be trusted: {words}"),
        },
        other => format!("certificate is not to be trusted: {other}"),
    }
}

const UNKNOWN_EXTENSION: &str = "certificate has a critical extension that is not supported";

/// The text for a signature that could not be verified, or that is wrong.
fn bad_signature(error: &CertificateError, record: &Handshake) -> String {
    let own = record.certificate.as_ref();
    let own = own.and_then(|facts| facts.unsupported.as_ref());
    match (own, &record.unsupported) {
        (Some(words), _) => format!("certificate {words}"),
        (None, Some(words)) => format!("an authority's certificate {words}"),
        (None, None) if !matches!(error, CertificateError::BadSignature) => {
            "certificate's key and the signature by it do not fit together".into()
        }
        (None, None) if record.accepted => {
            "the server does not have the key of the certificate that it shows".into()
        }
        (None, None) => "certificate's signature is wrong".into(),
    }
}

/// The text for a certificate of an issuer that is not trusted.
fn unknown_issuer(record: &Handshake) -> String {
    match &record.certificate {
        Some(facts) if facts.self_issued => {
            "certificate is self-signed: if that is intended, set `ca` to it".into()
        }
        Some(facts) if !facts.issuer.is_empty() => {
            let alone = match record.others {
                0 => " (the server shows no certificate but its own)",
                _ => "",
            };
            format!(
                "certificate's issuer is unknown here: {}{alone}",
                facts.issuer
            )
        }
        _ => "certificate's issuer is unknown here".into(),
    }
}

/// The text for a handshake that the server ended with `alert`.
fn refusal(alert: AlertDescription, peer: &str, name: &str, record: &Handshake) -> String {
    if wants_client_certificate(&Error::AlertReceived(alert), record) {
        return match record.client {
            ClientCertificate::Shown => format!("{peer} wants another client certificate"),
            _ => {
                format!("{peer} wants a client certificate: name one in client_certificate")
            }
        };
    }
    let is_refused = is_of_client_certificate(alert) || alert == AlertDescription::DecryptError;
    if record.client == ClientCertificate::Shown && is_refused {
        let why = match alert {
            AlertDescription::UnknownCA => ": it does not know the issuer",
            AlertDescription::CertificateExpired => ": it has expired, or is not valid yet",
            AlertDescription::CertificateRevoked => ": it has been revoked",
            AlertDescription::UnsupportedCertificate => {
                ": it is not of a kind or for a purpose \
                 that the server takes"
            }
            AlertDescription::AccessDenied => ": access denied",
            AlertDescription::DecryptError => ": a signature is wrong",
            _ => "",
        };
        return format!("{peer} does not accept our client certificate{why}");
    }
    match alert {
        AlertDescription::ProtocolVersion => {
            format!("{peer} speaks only versions of TLS that are no longer safe")
        }
        AlertDescription::HandshakeFailure => format!(
            "{peer} refused the TLS handshake: it has no cipher, key exchange or signature \
             algorithm in common with us"
        ),
        AlertDescription::InsufficientSecurity => {
            format!("{peer} refused the TLS handshake: our ciphers are too weak for it")
        }
        AlertDescription::UnrecognisedName => {
            format!("{peer} has no certificate for {name}")
        }
        AlertDescription::AccessDenied => {
            format!("{peer} refused the TLS handshake: access denied")
        }
        AlertDescription::InternalError => {
            format!("{peer} failed in the TLS handshake: it reports an internal error")
        }
        AlertDescription::IllegalParameter
        | AlertDescription::DecodeError
        | AlertDescription::UnexpectedMessage => {
            format!("{peer} did not understand our TLS handshake ({alert:?})")
        }
        AlertDescription::NoApplicationProtocol => {
            format!("{peer} does not speak that version of HTTP")
        }
        other => format!("{peer} refused the TLS handshake: {other:?}"),
    }
}

fn name(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

/// Up to three names, without the type that webpki writes around each.
fn listed(names: &[String]) -> String {
    const MOST: usize = 3;
    let plain = |name: &String| {
        let inner = ["DnsName(", "IpAddress("]
            .iter()
            .find_map(|form| name.strip_prefix(form)?.strip_suffix(')'));
        inner.unwrap_or(name).trim_matches('"').to_owned()
    };
    let mut text = names
        .iter()
        .take(MOST)
        .map(plain)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MOST {
        text.push_str(", …");
    }
    text
}

/// A duration as `3 days`; below two days as hours and minutes.
pub(crate) fn days(seconds: u64) -> String {
    match seconds / 86_400 {
        0 | 1 => phrase::span(seconds as f64),
        days => format!("{days} days"),
    }
}
