//! Client certificates: what Up shows to a server that requests one.

use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, SignatureScheme};

use super::algorithms::provider;
use super::certificate::parse;
use super::handshake::{self, ClientCertificate};
use crate::secret::FileRef;
use crate::{ConfigProblem, Secret, SecretRef, Secrets};

/// A client certificate with its chain of issuers, and its private key. Both are PEM.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientIdentity {
    chain: Arc<str>,
    key: Secret,
}

/// The first words of PEM (RFC 7468). No path begins with them.
const PEM: &str = "-----BEGIN";

impl ClientIdentity {
    /// Reads the identity that the keys `client_certificate` and `client_key` name, and checks that
    /// it is usable. `None` if neither key is set.
    pub(crate) fn of(
        certificate: Option<&str>,
        key: Option<&SecretRef>,
        secrets: &dyn Secrets,
    ) -> Result<Option<Self>, ConfigProblem> {
        let Some(file) = certificate else {
            if key.is_some() {
                let problem = ConfigProblem::new(
                    "client_key",
                    "`client_key` is set without `client_certificate`",
                );
                return Err(problem.help("write client_certificate = \"client.pem\" as well"));
            }
            return Ok(None);
        };
        let read = |name, at: &SecretRef| {
            let read = secrets.read(at);
            read.map_err(|error| ConfigProblem::new(name, error))
        };
        let chain = read("client_certificate", &in_file(file))?;
        let has_key = key.is_some();
        let (name, place, key) = match key {
            // The certificate and the private key may be in the same file.
            None => ("client_certificate", file.to_owned(), chain.clone()),
            Some(at) => {
                let at = path_or_secret(at);
                ("client_key", place(&at), read("client_key", &at)?)
            }
        };
        let identity = Self {
            chain: chain.reveal().into(),
            key,
        };
        let problem = |name, place: &str, why| ConfigProblem::new(name, format!("{place}: {why}"));
        match identity.certified() {
            Ok(_) => Ok(Some(identity)),
            Err(Unusable::Chain(why)) => Err(problem("client_certificate", file, why)),
            Err(Unusable::Key(why)) if !has_key => {
                let problem = problem(name, &place, why);
                Err(problem.help("if the key stands in a file of its own, name it in client_key"))
            }
            Err(Unusable::Key(why)) => Err(problem(name, &place, why)),
            Err(Unusable::Pair) => {
                let why = format!("this key is not the one of the certificate in {file}");
                Err(problem(name, &place, why))
            }
        }
    }

    /// The certificates and the key in the form that rustls uses.
    pub(super) fn certified(&self) -> Result<Arc<CertifiedKey>, Unusable> {
        let chain = CertificateDer::pem_slice_iter(self.chain.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Unusable::Chain(format!("this is no PEM file: {error}")))?;
        if chain.is_empty() {
            let why = "there is no certificate in this file".to_owned();
            return Err(Unusable::Chain(why));
        }
        let key = PrivateKeyDer::from_pem_slice(self.key.reveal().as_bytes()).map_err(|error| {
            Unusable::Key(match error {
                _ if self.key.reveal().contains("ENCRYPTED PRIVATE KEY")
                    || self.key.reveal().contains("Proc-Type: 4,ENCRYPTED") =>
                {
                    "the private key is encrypted: store it without a passphrase".to_owned()
                }
                pem::Error::NoItemsFound => "there is no private key in PEM here".to_owned(),
                error => format!("this is no PEM: {error}"),
            })
        })?;
        let unsupported = |_| {
            let why = "this kind of private key is not supported: RSA, Ed25519 and ECDSA over \
                       P-256 or P-384 are";
            Unusable::Key(why.to_owned())
        };
        let key = provider().key_provider.load_private_key(key);
        let certified = CertifiedKey::new(chain, key.map_err(unsupported)?);
        match certified.keys_match() {
            // A key whose public part is unknown is left for the server to judge.
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                return Err(Unusable::Pair);
            }
            // rustls reads no certificate before version 3, so that the keys are compared here.
            Err(_) => {
                let own = certified.cert.first().and_then(|der| parse(der));
                let own = own.ok_or_else(|| {
                    Unusable::Chain("the certificate in this file is unreadable".to_owned())
                })?;
                let key = certified.key.public_key();
                if key.is_some_and(|key| *key != *own.public_key().raw) {
                    return Err(Unusable::Pair);
                }
            }
        }
        Ok(Arc::new(certified))
    }
}

/// Sends the identity to a server that requests one, and notes the request.
#[derive(Debug)]
pub(super) struct IdentityResolver(Option<Arc<CertifiedKey>>);

impl IdentityResolver {
    pub(super) fn new(identity: Option<Arc<CertifiedKey>>) -> Self {
        Self(identity)
    }
}

impl ResolvesClientCert for IdentityResolver {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let own = self.0.clone();
        let own = own.filter(|own| own.key.choose_scheme(schemes).is_some());
        handshake::note(|record| {
            record.client = match own {
                Some(_) => ClientCertificate::Shown,
                None => ClientCertificate::Missing,
            };
        });
        own
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// Why an identity is unusable. The texts never contain a part of the key.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    /// The certificates are unusable.
    #[error("client certificate: {0}")]
    Chain(String),
    /// The private key is unusable.
    #[error("client key: {0}")]
    Key(String),
    /// The private key is not the one of the certificate.
    #[error("the client key is not the certificate's")]
    Pair,
}

fn in_file(path: &str) -> SecretRef {
    SecretRef::File(FileRef { file: path.into() })
}

/// A plain text in `client_key` that is no PEM is the path of a file.
fn path_or_secret(at: &SecretRef) -> SecretRef {
    match at {
        SecretRef::Plain(text) if !text.contains(PEM) => in_file(text),
        other => other.clone(),
    }
}

/// Where the key is stored, as messages name it.
fn place(at: &SecretRef) -> String {
    match at {
        SecretRef::Plain(_) => "the text given".to_owned(),
        SecretRef::Env(env) => format!("the environment variable {}", env.env),
        SecretRef::File(file) => file.file.clone(),
        SecretRef::Keyring(entry) => format!("the keyring's {}", entry.keyring),
        SecretRef::Credential(entry) => format!("the credential {}", entry.credential),
    }
}
