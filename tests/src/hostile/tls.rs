//! Certificates, valid and invalid, and TLS servers that use them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

const YEAR: Duration = Duration::from_hours(365 * 24);

/// A certificate authority made for a test.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// Makes an authority with the name `Up Test Authority`.
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "Up Test Authority");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Its certificate, for the key `ca`.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// TLS with a certificate of this authority for those names and addresses.
    pub fn tls(&self, names: &[&str]) -> TlsAcceptor {
        self.issue(&for_names(names), &[b"h2", b"http/1.1"])
    }

    /// The same, offering only HTTP/1.1.
    pub fn tls_http1(&self, names: &[&str]) -> TlsAcceptor {
        self.issue(&for_names(names), &[b"http/1.1"])
    }

    /// TLS with a certificate that expired at the start of 2001.
    pub fn expired_tls(&self, names: &[&str]) -> TlsAcceptor {
        let mut params = for_names(names);
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
        self.issue(&params, &[b"http/1.1"])
    }

    /// TLS with a certificate that is valid only from the start of 4000.
    pub fn early_tls(&self, names: &[&str]) -> TlsAcceptor {
        let mut params = for_names(names);
        params.not_before = date_time_ymd(4000, 1, 1);
        params.not_after = date_time_ymd(4001, 1, 1);
        self.issue(&params, &[b"http/1.1"])
    }

    /// TLS with a certificate that is valid for that time.
    pub fn tls_for(&self, names: &[&str], left: Duration) -> TlsAcceptor {
        let mut params = for_names(names);
        params.not_after = (SystemTime::now() + left).into();
        self.issue(&params, &[b"http/1.1"])
    }

    /// A certificate of this authority for those names and its key, as PEM, for a server or a
    /// client.
    pub fn pair(&self, names: &[&str]) -> (String, String) {
        self.pair_until(names, SystemTime::now() + YEAR)
    }

    /// The same, valid until `end`.
    pub fn pair_until(&self, names: &[&str], end: SystemTime) -> (String, String) {
        let mut params = for_names(names);
        params.not_after = end.into();
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer);
        let certificate = certificate.expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    /// An intermediate authority of this one, valid until `end`, with the name `Up Test
    /// Intermediate`.
    pub fn intermediate(&self, end: SystemTime) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_after = end.into();
        params
            .distinguished_name
            .push(DnType::CommonName, "Up Test Intermediate");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer);
        Self {
            pem: certificate.expect("a certificate").pem(),
            issuer: Issuer::new(params, key),
        }
    }

    fn issue(&self, params: &CertificateParams, protocols: &[&[u8]]) -> TlsAcceptor {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        acceptor(certificate, &key, protocols)
    }
}

/// TLS with a self-signed certificate, and its PEM.
pub fn self_signed(names: &[&str]) -> (TlsAcceptor, String) {
    let key = KeyPair::generate().expect("a key");
    let certificate = for_names(names).self_signed(&key).expect("a certificate");
    let pem = certificate.pem();
    (acceptor(certificate, &key, &[b"http/1.1"]), pem)
}

/// A self-signed certificate and its key, as PEM.
pub fn self_signed_pair(names: &[&str]) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let certificate = for_names(names).self_signed(&key).expect("a certificate");
    (certificate.pem(), key.serialize_pem())
}

/// Like [`self_signed`], with a certificate that is marked as an authority's, as `openssl req
/// -x509` makes them.
pub fn self_signed_authority(names: &[&str]) -> (TlsAcceptor, String) {
    let mut params = for_names(names);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let pem = certificate.pem();
    (acceptor(certificate, &key, &[b"http/1.1"]), pem)
}

fn for_names(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).expect("usable names");
    params
        .distinguished_name
        .push(DnType::CommonName, "Up Test Server");
    params
}

fn acceptor(certificate: rcgen::Certificate, key: &KeyPair, protocols: &[&[u8]]) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key as it was made");
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], key)
        .expect("a certificate and its key");
    config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}
