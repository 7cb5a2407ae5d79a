//! What is wrong with TLS or with a certificate, for a person.

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};
use up_core::{CauseCode, phrase};

use super::timing::Record;
use super::trust::NoRoots;
use crate::net::fault::Fault;

/// Why TLS with `peer` (`host:port`), which was asked for `name`, failed.
pub(crate) fn of(error: &Error, peer: &str, name: &str, record: &Record) -> Fault {
    let text = match error {
        Error::InvalidCertificate(error) => certificate(error, record),
        Error::Other(other) if other.0.is::<NoRoots>() => {
            let text = format!("cannot read whom this system trusts: {}", other.0);
            return Fault::new(CauseCode::Resource, text);
        }
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => format!("{peer} does not speak TLS: is it plain http?"),
        Error::AlertReceived(alert) => refusal(*alert, peer, name),
        Error::NoApplicationProtocol => {
            format!("{peer} does not speak that version of HTTP")
        }
        other => format!("TLS with {peer} failed: {other}"),
    };
    Fault::new(CauseCode::Tls, text)
}

fn certificate(error: &CertificateError, record: &Record) -> String {
    match error {
        CertificateError::ExpiredContext { time, not_after } => {
            let ago = time.as_secs().saturating_sub(not_after.as_secs());
            let own = record.certificate.as_ref().map(|facts| facts.expires);
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
        CertificateError::BadEncoding => "certificate cannot be read".into(),
        CertificateError::BadSignature => "certificate's signature is wrong".into(),
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            match &record.certificate {
                Some(facts) if facts.self_issued => unknown_issuer(record),
                _ => "certificate is an authority's, not a server's".into(),
            }
        }
        other => format!("certificate is not to be trusted: {other}"),
    }
}

fn unknown_issuer(record: &Record) -> String {
    match &record.certificate {
        Some(facts) if facts.self_issued => {
            "certificate is self-signed: set `ca` to it if that is meant to be".into()
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

fn refusal(alert: AlertDescription, peer: &str, name: &str) -> String {
    match alert {
        AlertDescription::ProtocolVersion => {
            format!("{peer} speaks only versions of TLS that are no longer safe")
        }
        AlertDescription::HandshakeFailure => {
            format!("{peer} refused the TLS handshake: it has no cipher in common with us")
        }
        AlertDescription::UnrecognisedName => {
            format!("{peer} has no certificate for {name}")
        }
        AlertDescription::CertificateRequired => format!("{peer} asks for a client certificate"),
        AlertDescription::NoApplicationProtocol => {
            format!("{peer} does not speak that version of HTTP")
        }
        other => format!("{peer} refused the TLS handshake: {other:?}"),
    }
}

fn name(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

/// The first few names, without the type that webpki puts around each.
fn listed(names: &[String]) -> String {
    const MOST: usize = 3;
    let plain = |name: &String| {
        let name = name.split_once('(').map_or(name.as_str(), |(_, name)| name);
        name.trim_end_matches(')').trim_matches('"').to_owned()
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

/// `3 days`; less than two days as hours and minutes.
pub(crate) fn days(seconds: u64) -> String {
    match seconds / 86_400 {
        0 | 1 => phrase::span(seconds as f64),
        days => format!("{days} days"),
    }
}
