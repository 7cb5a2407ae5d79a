//! The elliptic curve P-521 for rustls, which ring lacks: signatures and key exchange.

use p521::ecdh::EphemeralSecret;
use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use p521::ecdsa::{Signature, VerifyingKey};
use p521::elliptic_curve::Generate as _;
use p521::{PublicKey, Sec1Point};
use rustls::crypto::{ActiveKeyExchange, GetRandomFailed, SharedSecret, SupportedKxGroup};
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use rustls::{Error, NamedGroup, PeerMisbehaved};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// ECDSA over P-521 with SHA-512, SHA-384 and SHA-256, in this order.
pub(super) static ECDSA: &[&dyn SignatureVerificationAlgorithm] = &[
    &Ecdsa {
        signature: alg_id::ECDSA_SHA512,
        hash: |message| Sha512::digest(message).to_vec(),
    },
    &Ecdsa {
        signature: alg_id::ECDSA_SHA384,
        hash: |message| Sha384::digest(message).to_vec(),
    },
    &Ecdsa {
        signature: alg_id::ECDSA_SHA256,
        hash: |message| Sha256::digest(message).to_vec(),
    },
];

#[derive(Debug)]
struct Ecdsa {
    signature: AlgorithmIdentifier,
    hash: fn(&[u8]) -> Vec<u8>,
}

impl SignatureVerificationAlgorithm for Ecdsa {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        /// The length of a number of this curve in bytes.
        const FIELD: usize = 66;
        let verify = || {
            let key = VerifyingKey::from_sec1_bytes(public_key).ok()?;
            let signature = Signature::from_der(signature).ok()?;
            // Every hash is shorter than the field, so that zeros before it leave the number as it
            // is.
            let hash = (self.hash)(message);
            let mut number = [0; FIELD];
            number[FIELD - hash.len()..].copy_from_slice(&hash);
            key.verify_prehash(&number, &signature).ok()
        };
        verify().ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

/// The ephemeral Diffie-Hellman key exchange over P-521.
#[derive(Debug)]
pub(super) struct KeyExchange;

impl SupportedKxGroup for KeyExchange {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let secret = EphemeralSecret::try_generate().map_err(|_| GetRandomFailed)?;
        Ok(Box::new(Started {
            // TLS requires uncompressed points (RFC 8446, section 4.2.8.2), which `Sec1Point` are.
            public: Sec1Point::from(secret.public_key()).as_bytes().into(),
            secret,
        }))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

struct Started {
    secret: EphemeralSecret,
    public: Box<[u8]>,
}

impl ActiveKeyExchange for Started {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        const UNCOMPRESSED: u8 = 4;
        let invalid = || Error::from(PeerMisbehaved::InvalidKeyShare);
        if peer.first() != Some(&UNCOMPRESSED) {
            return Err(invalid());
        }
        let peer = PublicKey::from_sec1_bytes(peer).map_err(|_| invalid())?;
        let shared = self.secret.diffie_hellman(&peer);
        Ok(SharedSecret::from(&shared.raw_secret_bytes()[..]))
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}
