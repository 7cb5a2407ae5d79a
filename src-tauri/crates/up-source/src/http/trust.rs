//! Whose certificates are accepted, and the TLS settings that follow from it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
    WebPkiServerVerifier, verify_server_name,
};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, NamedGroup, OtherError,
    RootCertStore, SignatureScheme,
};

use super::certificate::Certificate;
use super::config::HttpVersion;
use super::timing;

/// Whom to trust.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// Whom the system trusts.
    System(Arc<SystemRoots>),
    /// The certificates of one PEM file, and no others.
    Own(Arc<OwnRoots>),
    /// Everyone.
    Anyone,
}

/// What the system trusts, read when the first certificate is to be verified: that takes some
/// milliseconds, which a check without TLS need not spend.
#[derive(Debug, Default)]
pub(super) struct SystemRoots {
    verifier: OnceLock<rustls_platform_verifier::Verifier>,
    /// Held while reading, so that a thousand first checks read once. A failure is not kept: it
    /// may have been for want of a file descriptor.
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

/// The system's trusted certificates could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoRoots(String);

/// The certificates of one PEM file.
#[derive(Debug)]
pub(super) struct OwnRoots {
    certificates: Vec<CertificateDer<'static>>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl OwnRoots {
    /// Reads `pem`; the error is one line for a person.
    pub(super) fn read(pem: &str) -> Result<Self, String> {
        let certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("this is no PEM file: {error}"))?;
        if certificates.is_empty() {
            return Err("there is no certificate in this file".into());
        }
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots
                .add(certificate.clone())
                .map_err(|error| format!("a certificate in this file is unusable: {error}"))?;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .map_err(|error| format!("the certificates in this file are unusable: {error}"))?;
        Ok(Self {
            certificates,
            verifier,
        })
    }

    /// A server that shows the very certificate of the file is trusted although an authority's
    /// certificate (as `openssl req -x509` makes them) is not meant for a server.
    fn is_pinned(
        &self,
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<bool, Error> {
        if !self.certificates.iter().any(|own| own == certificate) {
            return Ok(false);
        }
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
        let facts = Certificate::read(certificate);
        let expires = facts.map_or(0, |facts| facts.expires.max(0) as u64);
        if now.as_secs() > expires {
            return Err(Error::InvalidCertificate(
                CertificateError::ExpiredContext {
                    time: now,
                    not_after: UnixTime::since_unix_epoch(std::time::Duration::from_secs(expires)),
                },
            ));
        }
        Ok(true)
    }
}

/// Notes the certificate it is shown, then judges it as told.
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
        timing::note(|record| {
            record.certificate = Certificate::read(end_entity);
            record.others = intermediates.len();
        });
        match &self.trust {
            Trust::Anyone => Ok(ServerCertVerified::assertion()),
            Trust::System(roots) => {
                let verifier = roots.verifier()?;
                verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now)
            }
            Trust::Own(roots) => {
                let verifier = &roots.verifier;
                let judged =
                    verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now);
                if judged.is_err() && roots.is_pinned(end_entity, name, now)? {
                    return Ok(ServerCertVerified::assertion());
                }
                judged
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Remembers no session, so that each check is a whole handshake; being asked for one is how the
/// beginning of a handshake is known.
#[derive(Debug)]
struct NoSessions;

impl ClientSessionStore for NoSessions {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        timing::note(|record| record.handshake = Some(Instant::now()));
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

/// The TLS settings of a client that trusts those, is that one, and speaks that HTTP.
pub(super) fn tls(
    trust: Trust,
    identity: Option<Arc<CertifiedKey>>,
    http: HttpVersion,
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
    let mut tls = match identity {
        Some(own) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own))),
        None => builder.with_no_client_auth(),
    };
    tls.resumption = Resumption::store(Arc::new(NoSessions));
    tls.alpn_protocols = match http {
        HttpVersion::Auto => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        HttpVersion::One => vec![b"http/1.1".to_vec()],
        HttpVersion::Two => vec![b"h2".to_vec()],
    };
    Ok(tls)
}

/// The one set of algorithms for all clients.
pub(super) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| Arc::new(rustls::crypto::ring::default_provider()))
        .clone()
}
