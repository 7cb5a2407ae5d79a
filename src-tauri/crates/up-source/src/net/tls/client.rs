//! TLS clients: one for each set of options. The rustls configuration of each is made at first use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::ClientConfig;

use super::identity::ClientIdentity;
use super::own_roots::OwnRoots;
use super::trust::{SystemRoots, Trust, settings};
use crate::ConfigProblem;
use crate::secret::{FileRef, SecretRef, Secrets};

/// The options of a TLS client. Sources with equal options share a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct TlsOptions {
    /// True if any certificate is accepted.
    pub insecure: bool,
    /// The certificates to trust instead of the system's, as PEM.
    pub ca: Option<Arc<str>>,
    /// Our certificate and key, for a server that requests one.
    pub identity: Option<ClientIdentity>,
}

/// The keys in up.toml of one source that are about TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TlsKeys<'a> {
    pub insecure: bool,
    pub ca: Option<&'a str>,
    pub client_certificate: Option<&'a str>,
    pub client_key: Option<&'a SecretRef>,
}

impl TlsKeys<'_> {
    /// Reads the files and secrets that the keys name, and checks that they are usable.
    pub(crate) fn read(self, secrets: &dyn Secrets) -> Result<TlsOptions, ConfigProblem> {
        Ok(TlsOptions {
            insecure: self.insecure,
            ca: self.own_roots_pem(secrets)?,
            identity: ClientIdentity::of(self.client_certificate, self.client_key, secrets)?,
        })
    }

    /// The certificates in the file that `ca` names, as PEM.
    fn own_roots_pem(self, secrets: &dyn Secrets) -> Result<Option<Arc<str>>, ConfigProblem> {
        let Some(file) = self.ca else { return Ok(None) };
        if self.insecure {
            return Err(
                ConfigProblem::new("insecure", "`insecure` and `ca` exclude each other")
                    .help("keep one of the two"),
            );
        }
        let at = SecretRef::File(FileRef { file: file.into() });
        let pem = secrets.read(&at);
        let pem = pem.map_err(|e| ConfigProblem::new("ca", e))?;
        Ok(Some(pem.reveal().into()))
    }
}

/// The TLS clients of one plan, which all its sources share.
#[derive(Debug, Default)]
pub struct TlsClients {
    /// The clients that were made. Behind a lock because sources are built through a shared
    /// reference.
    clients: Mutex<HashMap<TlsOptions, Arc<TlsClient>>>,
    roots: Arc<SystemRoots>,
}

impl TlsClients {
    /// A rustls configuration that trusts the system's authorities and offers HTTP/2 and HTTP/1.1.
    /// The error is one line.
    pub fn https_settings(&self) -> Result<Arc<ClientConfig>, String> {
        let client = self.client(TlsOptions::default());
        let client = client.map_err(|problem| problem.message)?;
        client.with_alpn(&["h2", "http/1.1"]).map(Arc::new)
    }

    /// The client with those options. If the certificates of `ca` cannot be read, the problem names
    /// `ca`.
    pub(crate) fn client(&self, options: TlsOptions) -> Result<Arc<TlsClient>, ConfigProblem> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&options) {
            return Ok(client.clone());
        }
        let read = |pem: &Arc<str>| OwnRoots::read(pem).map_err(|e| ConfigProblem::new("ca", e));
        let trust = match &options.ca {
            _ if options.insecure => Trust::Any,
            Some(pem) => Trust::Own(Arc::new(read(pem)?)),
            None => Trust::System(self.roots.clone()),
        };
        let client = Arc::new(TlsClient {
            options: options.clone(),
            trust,
            without_alpn: OnceLock::new(),
        });
        clients.insert(options, client.clone());
        Ok(client)
    }
}

/// A TLS client with one set of options.
#[derive(Debug)]
pub(crate) struct TlsClient {
    options: TlsOptions,
    trust: Trust,
    without_alpn: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl TlsClient {
    /// The rustls configuration without ALPN, for protocols that are not negotiated in the
    /// handshake. The error is one line.
    pub(crate) fn settings(&self) -> Result<Arc<ClientConfig>, &str> {
        let make = || self.with_alpn(&[]).map(Arc::new);
        let settings = self.without_alpn.get_or_init(make).as_ref();
        settings.map(Arc::clone).map_err(String::as_str)
    }

    /// A new rustls configuration that offers `protocols` by ALPN (RFC 7301), the preferred one
    /// first. The error is one line.
    pub(crate) fn with_alpn(&self, protocols: &[&str]) -> Result<ClientConfig, String> {
        let identity = self.options.identity.as_ref();
        let identity = identity.map(ClientIdentity::certified);
        let identity = identity.transpose().map_err(|error| error.to_string())?;
        let settings = settings(self.trust.clone(), identity);
        let mut settings = settings.map_err(|error| error.to_string())?;
        settings.alpn_protocols = protocols.iter().map(|&name| name.into()).collect();
        Ok(settings)
    }

    /// True if any certificate is accepted (`insecure = true`).
    pub(crate) fn is_trusting(&self) -> bool {
        self.options.insecure
    }

    /// True if the client has a certificate for servers that request one.
    pub(crate) fn has_identity(&self) -> bool {
        self.options.identity.is_some()
    }
}
