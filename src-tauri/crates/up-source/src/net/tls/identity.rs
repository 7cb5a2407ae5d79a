//! Who we are to a server that asks: a client certificate and its key.

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

/// A certificate with those that lead to its authority, and its key, both as PEM.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientIdentity {
    chain: Arc<str>,
    key: Secret,
}

/// How PEM begins (RFC 7468), and no path does.
const PEM: &str = "-----BEGIN";

impl ClientIdentity {
    /// The identity that the keys `client_certificate` and `client_key` name, if any: read, and known
    /// to be usable.
    pub(crate) fn of(
        certificate: Option<&str>,
        key: Option<&SecretRef>,
        secrets: &dyn Secrets,
    ) -> Result<Option<Self>, ConfigProblem> {
        let Some(file) = certificate else {
            if key.is_some() {
                let problem =
                    ConfigProblem::new("client_key", "there is no certificate to this key");
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
            // Both may stand in one file.
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

    /// Both as TLS wants them.
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
            // An unknown key is the server's to judge.
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                return Err(Unusable::Pair);
            }
            // rustls reads no certificate before version 3.
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

/// Shows an identity to a server that asks for one, and notes that it was asked.
#[derive(Debug)]
pub(super) struct ShowsIdentity(Option<Arc<CertifiedKey>>);

impl ShowsIdentity {
    pub(super) fn new(identity: Option<Arc<CertifiedKey>>) -> Self {
        Self(identity)
    }
}

impl ResolvesClientCert for ShowsIdentity {
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

/// What is wrong with an identity, and which part of it; never a part of the key itself.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    /// The certificates.
    #[error("client certificate: {0}")]
    Chain(String),
    /// The key.
    #[error("client key: {0}")]
    Key(String),
    /// They do not belong together.
    #[error("the client key is not the certificate's")]
    Pair,
}

fn in_file(path: &str) -> SecretRef {
    SecretRef::File(FileRef { file: path.into() })
}

/// A text that is no PEM is a path: keys stand in files.
fn path_or_secret(at: &SecretRef) -> SecretRef {
    match at {
        SecretRef::Plain(text) if !text.contains(PEM) => in_file(text),
        other => other.clone(),
    }
}

/// Where the key stands, as messages call it.
fn place(at: &SecretRef) -> String {
    match at {
        SecretRef::Plain(_) => "the text given".to_owned(),
        SecretRef::Env(env) => format!("the environment variable {}", env.env),
        SecretRef::File(file) => file.file.clone(),
        SecretRef::Keyring(entry) => format!("the keyring's {}", entry.keyring),
    }
}
