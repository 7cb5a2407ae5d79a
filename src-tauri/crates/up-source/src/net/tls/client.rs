//! TLS clients: one for each set of options, its rustls settings made when first used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::ClientConfig;

use super::identity::ClientIdentity;
use super::own_roots::OwnRoots;
use super::trust::{SystemRoots, Trust, settings};
use crate::ConfigProblem;
use crate::secret::{FileRef, SecretRef, Secrets};

/// What makes two sources need different TLS settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct TlsOptions {
    /// Any certificate will do.
    pub insecure: bool,
    /// The certificates to trust in place of the system's, as PEM.
    pub ca: Option<Arc<str>>,
    /// Our certificate, for a server that asks for one.
    pub identity: Option<ClientIdentity>,
}

/// The keys of a source's configuration that are about TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TlsKeys<'a> {
    pub insecure: bool,
    pub ca: Option<&'a str>,
    pub client_certificate: Option<&'a str>,
    pub client_key: Option<&'a SecretRef>,
}

impl TlsKeys<'_> {
    /// Reads the files and secrets that the keys name.
    pub(crate) fn read(self, secrets: &dyn Secrets) -> Result<TlsOptions, ConfigProblem> {
        Ok(TlsOptions {
            insecure: self.insecure,
            ca: self.trusted(secrets)?,
            identity: ClientIdentity::of(self.client_certificate, self.client_key, secrets)?,
        })
    }

    /// The certificates of `ca`, as PEM.
    fn trusted(self, secrets: &dyn Secrets) -> Result<Option<Arc<str>>, ConfigProblem> {
        let Some(file) = self.ca else { return Ok(None) };
        if self.insecure {
            return Err(
                ConfigProblem::new("insecure", "with `ca` given, this would ignore it")
                    .help("keep one of the two"),
            );
        }
        let at = SecretRef::File(FileRef { file: file.into() });
        let pem = secrets.read(&at);
        let pem = pem.map_err(|e| ConfigProblem::new("ca", e))?;
        Ok(Some(pem.reveal().into()))
    }
}

/// The TLS clients of one plan.
#[derive(Debug, Default)]
pub struct TlsClients {
    /// Behind a lock because sources are built through a shared reference. Never held across work.
    made: Mutex<HashMap<TlsOptions, Arc<TlsClient>>>,
    roots: Arc<SystemRoots>,
}

impl TlsClients {
    /// Settings that trust the system's authorities and offer HTTP/2 and HTTP/1.1.
    pub fn https_settings(&self) -> Result<Arc<ClientConfig>, String> {
        let client = self.client(TlsOptions::default());
        let client = client.map_err(|problem| problem.message)?;
        client.with_alpn(&["h2", "http/1.1"]).map(Arc::new)
    }

    /// The client with those options. Certificates that cannot be read are a problem of `ca`.
    pub(crate) fn client(&self, options: TlsOptions) -> Result<Arc<TlsClient>, ConfigProblem> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&options) {
            return Ok(client.clone());
        }
        let read = |pem: &Arc<str>| OwnRoots::read(pem).map_err(|e| ConfigProblem::new("ca", e));
        let trust = match &options.ca {
            _ if options.insecure => Trust::Anyone,
            Some(pem) => Trust::Own(Arc::new(read(pem)?)),
            None => Trust::System(self.roots.clone()),
        };
        let client = Arc::new(TlsClient {
            options: options.clone(),
            trust,
            without_alpn: OnceLock::new(),
        });
        made.insert(options, client.clone());
        Ok(client)
    }
}

/// One set of TLS options, ready to be used.
#[derive(Debug)]
pub(crate) struct TlsClient {
    options: TlsOptions,
    trust: Trust,
    without_alpn: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl TlsClient {
    /// The settings for protocols that are not agreed upon in the handshake.
    pub(crate) fn settings(&self) -> Result<Arc<ClientConfig>, &str> {
        let make = || self.with_alpn(&[]).map(Arc::new);
        let settings = self.without_alpn.get_or_init(make).as_ref();
        settings.map(Arc::clone).map_err(String::as_str)
    }

    /// New settings that offer those protocols, the preferred one first.
    pub(crate) fn with_alpn(&self, protocols: &[&str]) -> Result<ClientConfig, String> {
        let identity = self.options.identity.as_ref();
        let identity = identity.map(ClientIdentity::certified);
        let identity = identity.transpose().map_err(|error| error.to_string())?;
        let settings = settings(self.trust.clone(), identity);
        let mut settings = settings.map_err(|error| error.to_string())?;
        settings.alpn_protocols = protocols.iter().map(|&name| name.into()).collect();
        Ok(settings)
    }

    /// True when any certificate will do.
    pub(crate) fn is_trusting(&self) -> bool {
        self.options.insecure
    }

    /// True when a server that asks is shown a client certificate.
    pub(crate) fn has_identity(&self) -> bool {
        self.options.identity.is_some()
    }
}
