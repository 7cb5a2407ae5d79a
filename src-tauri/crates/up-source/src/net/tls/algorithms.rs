//! The algorithms of TLS and of certificates that Up can verify, and the names of those that it
//! cannot.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::SignatureVerificationAlgorithm;
use rustls::{CertificateError, Error, SignatureScheme};
use x509_parser::asn1_rs::{FromDer as _, Sequence};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{
    OID_KEY_TYPE_EC_PUBLIC_KEY, OID_PKCS1_RSAENCRYPTION, Oid, OidRegistry,
};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::p521;

/// The algorithms of all TLS clients: those of ring, and P-521. Made once.
pub(super) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
        let mut provider = rustls::crypto::ring::default_provider();
        provider.signature_verification_algorithms = WebPkiSupportedAlgorithms {
            all: &ALL,
            mapping: &BY_SCHEME,
        };
        // A server shows a certificate with a key on a curve only to a client that offers this
        // curve.
        provider.kx_groups.push(&p521::KeyExchange);
        Arc::new(provider)
    });
    PROVIDER.clone()
}

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

static ALL: LazyLock<Vec<Algorithm>> = LazyLock::new(|| {
    let rings = rustls::crypto::ring::default_provider().signature_verification_algorithms;
    [rings.all, p521::ECDSA].concat()
});

static BY_SCHEME: LazyLock<Vec<(SignatureScheme, &[Algorithm])>> = LazyLock::new(|| {
    let rings = rustls::crypto::ring::default_provider().signature_verification_algorithms;
    // With TLS 1.2 the scheme leaves the curve open, so that any of the algorithms may fit. TLS 1.3
    // uses the first, whose curve is the scheme's.
    let with = |scheme, hash: &'static [Algorithm]| {
        let rings = rings.mapping.iter().find(|(known, _)| *known == scheme);
        let all = [rings.map_or(&[][..], |(_, all)| all), hash].concat();
        (scheme, &*all.leak())
    };
    let others = rings.mapping.iter().filter(|(scheme, _)| {
        !matches!(
            *scheme,
            SignatureScheme::ECDSA_NISTP256_SHA256 | SignatureScheme::ECDSA_NISTP384_SHA384
        )
    });
    [
        with(SignatureScheme::ECDSA_NISTP384_SHA384, &p521::ECDSA[1..2]),
        with(SignatureScheme::ECDSA_NISTP256_SHA256, &p521::ECDSA[2..3]),
        with(SignatureScheme::ECDSA_NISTP521_SHA512, &p521::ECDSA[0..1]),
    ]
    .into_iter()
    .chain(others.copied())
    .collect()
});

/// The signature schemes to offer if nothing is verified. They include schemes that Up cannot
/// verify.
pub(super) fn all_schemes() -> Vec<SignatureScheme> {
    let mut schemes = provider()
        .signature_verification_algorithms
        .supported_schemes();
    schemes.extend([
        SignatureScheme::ED448,
        SignatureScheme::RSA_PKCS1_SHA1,
        SignatureScheme::ECDSA_SHA1_Legacy,
    ]);
    schemes
}

/// Verifies that the holder of `key` signed `message` in a TLS handshake.
pub(super) fn verify_handshake(
    message: &[u8],
    key: &SubjectPublicKeyInfo<'_>,
    scheme: SignatureScheme,
    signature: &[u8],
) -> Result<(), Error> {
    let known = BY_SCHEME.iter().find(|(known, _)| *known == scheme);
    let algorithms = known.map_or(&[][..], |(_, algorithms)| algorithms);
    verify(algorithms, message, key, signature)
}

/// Verifies that the holder of `key` signed `certificate`.
pub(super) fn verify_issue(
    certificate: &X509Certificate<'_>,
    key: &SubjectPublicKeyInfo<'_>,
) -> Result<(), Error> {
    let signed = certificate.tbs_certificate.as_ref();
    let algorithm = signature_algorithm(certificate).unwrap_or_default();
    let fitting: Vec<Algorithm> = ALL
        .iter()
        .copied()
        .filter(|known| *known.signature_alg_id() == *algorithm)
        .collect();
    verify(&fitting, signed, key, &certificate.signature_value.data)
}

/// Verifies `signature` with the first of `algorithms` that fits the kind of `key` and
/// succeeds.
fn verify(
    algorithms: &[Algorithm],
    message: &[u8],
    key: &SubjectPublicKeyInfo<'_>,
    signature: &[u8],
) -> Result<(), Error> {
    let of_key = key_algorithm(key).unwrap_or_default();
    let mut fitting = algorithms
        .iter()
        .filter(|known| *known.public_key_alg_id() == *of_key)
        .peekable();
    if fitting.peek().is_none() {
        let unfit = CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id: Vec::new(),
            public_key_algorithm_id: of_key.to_vec(),
        };
        return Err(unfit.into());
    }
    let bytes = &key.subject_public_key.data;
    if fitting.any(|known| known.verify_signature(bytes, message, signature).is_ok()) {
        Ok(())
    } else {
        Err(CertificateError::BadSignature.into())
    }
}

/// The contents of the `AlgorithmIdentifier` with which `certificate` is signed (RFC 5280, section
/// 4.1). It follows the signed part.
fn signature_algorithm<'a>(certificate: &X509Certificate<'a>) -> Option<&'a [u8]> {
    let whole = contents(certificate.as_raw())?;
    let start = certificate.tbs_certificate.as_ref().len();
    contents(whole.get(start..)?)
}

/// The contents of the `AlgorithmIdentifier` of `key`.
fn key_algorithm<'a>(key: &SubjectPublicKeyInfo<'a>) -> Option<&'a [u8]> {
    contents(contents(key.raw)?)
}

/// The contents of the DER SEQUENCE at the start of `der`.
fn contents(der: &[u8]) -> Option<&[u8]> {
    match Sequence::from_der(der).ok()?.1.content {
        Cow::Borrowed(contents) => Some(contents),
        Cow::Owned(_) => None,
    }
}

/// Why Up cannot verify signatures by the key of `certificate`, or its own signature: the predicate
/// of a sentence that begins with "certificate". `None` if it can.
pub(super) fn unsupported(certificate: &X509Certificate<'_>) -> Option<String> {
    let key = certificate.public_key();
    if key.algorithm.algorithm == OID_PKCS1_RSAENCRYPTION {
        // ring verifies RSA keys of these sizes.
        let bits = key.parsed().map_or(0, |key| modulus_bits(&key));
        if !(2048..=8192).contains(&bits) {
            let text = format!("has an RSA key of {bits} bits: only 2048 to 8192 are supported");
            return Some(text);
        }
    } else {
        let own = key_algorithm(key).unwrap_or_default();
        if !ALL.iter().any(|known| *known.public_key_alg_id() == *own) {
            let words = key_words(key);
            return Some(format!("has a key of {words}, which is not supported"));
        }
    }
    // Nobody verifies the signature of a self-issued certificate.
    if certificate.issuer().as_raw() == certificate.subject().as_raw() {
        return None;
    }
    let own = signature_algorithm(certificate).unwrap_or_default();
    let known = ALL.iter().any(|known| *known.signature_alg_id() == *own);
    (!known).then(|| {
        let name = oid_words(&certificate.signature_algorithm.algorithm);
        format!("is signed by {name}, which is not supported")
    })
}

/// The length of an RSA key in bits; 0 for other keys.
fn modulus_bits(key: &PublicKey<'_>) -> usize {
    let PublicKey::RSA(key) = key else { return 0 };
    let zeros = key.modulus.iter().take_while(|byte| **byte == 0).count();
    let number = &key.modulus[zeros..];
    let first = number.first().map_or(0, |first| first.leading_zeros());
    number.len() * 8 - first as usize
}

/// The name of the algorithm of `key`, or of its curve.
fn key_words(key: &SubjectPublicKeyInfo<'_>) -> String {
    let algorithm = &key.algorithm;
    if algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = algorithm.parameters.clone();
        let curve = curve.and_then(|curve| curve.oid().ok());
        return match curve {
            Some(curve) => format!("the elliptic curve {}", oid_words(&curve)),
            None => "an elliptic curve without a name".to_owned(),
        };
    }
    oid_words(&algorithm.algorithm)
}

/// The name of what `oid` stands for. An unknown one is written as numbers.
fn oid_words(oid: &Oid<'_>) -> String {
    let registry = OidRegistry::default().with_all_crypto().with_x509();
    let numbers = oid.to_id_string();
    let known = NAMES.iter().find(|(known, _)| *known == numbers);
    match known {
        Some((_, name)) => (*name).to_owned(),
        None => registry
            .get(oid)
            .map_or(numbers, |entry| entry.sn().to_owned()),
    }
}

/// Names of algorithms in certificates that the registry of x509-parser lacks.
const NAMES: [(&str, &str); 6] = [
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.132.0.33", "secp224r1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
];
