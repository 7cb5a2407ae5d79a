//! Which certificates are accepted, and the rustls configuration that follows from it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, NamedGroup, OtherError, SignatureScheme};

use super::algorithms::{all_schemes, provider, verify_handshake};
use super::certificate::{Certificate, parse};
use super::handshake;
use super::identity::IdentityResolver;
use super::own_roots::OwnRoots;

/// Which certificates are accepted.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// Those that this system trusts.
    System(Arc<SystemRoots>),
    /// Those of one PEM file, and no others.
    Own(Arc<OwnRoots>),
    /// All of them. Neither certificates nor the signatures of handshakes are verified, and they
    /// may use algorithms that Up cannot verify.
    Any,
}

/// The certificates that this system trusts. They are read when the first certificate is verified:
/// this takes some milliseconds, which a check without TLS need not spend.
#[derive(Debug, Default)]
pub(super) struct SystemRoots {
    verifier: OnceLock<rustls_platform_verifier::Verifier>,
    /// Held while reading, so that a thousand first checks read once. A failure is not kept,
    /// because it may be due to a lack of file descriptors.
    reading: Mutex<()>,
}

impl SystemRoots {
    fn verifier(&self) -> Result<&rustls_platform_verifier::Verifier, Error> {
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier);
        }
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier);
        }
        let verifier = rustls_platform_verifier::Verifier::new(provider())
            .map_err(|error| Error::Other(OtherError(Arc::new(NoRoots(error.to_string())))))?;
        Ok(self.verifier.get_or_init(|| verifier))
    }
}

/// The certificates that this system trusts could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoRoots(String);

/// Notes the certificate of the server in the handshake record, and then verifies it as `trust`
/// says.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        handshake::note(|record| {
            record.certificate = Certificate::read(end_entity);
            record.others = intermediates.len();
        });
        match &self.trust {
            Trust::Any => {}
            Trust::System(roots) => {
                let verifier = roots.verifier()?;
                let outcome =
                    verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now);
                outcome.inspect_err(|_| note_unsupported(intermediates))?;
            }
            Trust::Own(roots) => {
                let outcome = roots.verify(end_entity, intermediates, name, ocsp, now);
                outcome.inspect_err(|_| {
                    note_unsupported(intermediates);
                    note_unsupported(roots.certificates());
                })?;
            }
        }
        handshake::note(|record| record.accepted = true);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify_signature(message, certificate, signature, verify_tls12_signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify_signature(message, certificate, signature, verify_tls13_signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        match self.trust {
            Trust::Any => all_schemes(),
            Trust::System(_) | Trust::Own(_) => self
                .provider
                .signature_verification_algorithms
                .supported_schemes(),
        }
    }
}

/// The function of rustls that verifies the signature of a handshake, for TLS 1.2 or 1.3.
type VerifySignature = fn(
    &[u8],
    &CertificateDer<'_>,
    &DigitallySignedStruct,
    &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error>;

impl Verifier {
    fn verify_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
        verify: VerifySignature,
    ) -> Result<HandshakeSignatureValid, Error> {
        // With `Trust::Any` it does not matter who holds the key, and Up may be unable to read
        // it.
        if !matches!(self.trust, Trust::Any) {
            let algorithms = &self.provider.signature_verification_algorithms;
            let is_readable = ParsedCertificate::try_from(certificate).is_ok();
            match parse(certificate) {
                Some(parsed) if !is_readable => {
                    let (key, scheme) = (parsed.public_key(), signature.scheme);
                    verify_handshake(message, key, scheme, signature.signature())?;
                }
                _ => {
                    verify(message, certificate, signature, algorithms)?;
                }
            }
        }
        handshake::note(|record| record.proven = true);
        Ok(HandshakeSignatureValid::assertion())
    }
}

/// Notes why one of these certificates cannot be verified, which may be why the whole chain failed.
fn note_unsupported(certificates: &[CertificateDer<'_>]) {
    handshake::note(|record| {
        let mut found = certificates
            .iter()
            .filter_map(|der| Certificate::read(der)?.unsupported);
        if record.unsupported.is_none() {
            record.unsupported = found.next();
        }
    });
}

/// Stores no TLS session, so that each check makes a whole handshake. rustls asks for a key
/// exchange hint when a handshake begins, and this moment is noted.
#[derive(Debug)]
struct NoSessions;

impl ClientSessionStore for NoSessions {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        handshake::note(|record| record.began = Some(Instant::now()));
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

/// The rustls configuration of a client that accepts certificates by `trust` and has `identity`.
pub(super) fn settings(
    trust: Trust,
    identity: Option<Arc<CertifiedKey>>,
) -> Result<ClientConfig, Error> {
    let provider = provider();
    let verifier = Verifier {
        trust,
        provider: provider.clone(),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut tls = builder.with_client_cert_resolver(Arc::new(IdentityResolver::new(identity)));
    tls.resumption = Resumption::store(Arc::new(NoSessions));
    Ok(tls)
}
