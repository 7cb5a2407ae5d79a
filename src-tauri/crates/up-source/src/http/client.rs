//! What sources share that ask by HTTP: one client for each set of options, its settings made when
//! first used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::ClientConfig;

use super::config::HttpVersion;
use super::connection::Connection;
use super::identity::ClientIdentity;
use super::own_roots::OwnRoots;
use super::proxy::Proxy;
use super::trust::{SystemRoots, Trust, tls};
use crate::Secret;
use crate::net::names::{AddressFamily, NameResolver};

/// What makes two sources need different clients. Everything else goes with each request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ClientOptions {
    /// Any certificate will do.
    pub insecure: bool,
    /// The certificates to trust in place of the system's, as PEM.
    pub ca: Option<Arc<str>>,
    /// Who we are to a server that asks.
    pub identity: Option<ClientIdentity>,
    /// Whether connections are kept for the next check.
    pub keep_alive: bool,
    /// Which HTTP to speak.
    pub http: HttpVersion,
    /// Which Internet Protocol to use.
    pub family: Option<AddressFamily>,
    /// The proxy's URL.
    pub proxy: Option<Secret>,
}

/// The clients of one plan.
#[derive(Debug, Default)]
pub struct Clients {
    /// Behind a lock because sources are built through a shared reference. Never held across work.
    made: Mutex<HashMap<ClientOptions, Arc<Client>>>,
    roots: Arc<SystemRoots>,
    names: Arc<NameResolver>,
}

impl Clients {
    /// The resolver that they share, for sources that speak something else.
    pub(crate) fn names(&self) -> Arc<NameResolver> {
        self.names.clone()
    }

    /// TLS settings for those who notify, and do not check: the system's authorities.
    pub fn tls(&self) -> Result<Arc<ClientConfig>, String> {
        let client = self.with(ClientOptions::default())?;
        client.tls_for_http().map_err(str::to_owned)
    }

    /// The client with those options; the error is one line about `options.ca`.
    pub(crate) fn with(&self, options: ClientOptions) -> Result<Arc<Client>, String> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&options) {
            return Ok(client.clone());
        }
        let trust = match &options.ca {
            _ if options.insecure => Trust::Anyone,
            Some(pem) => Trust::Own(Arc::new(OwnRoots::read(pem)?)),
            None => Trust::System(self.roots.clone()),
        };
        let client = Arc::new(Client {
            options: options.clone(),
            trust,
            names: self.names.clone(),
            proxy: options.proxy.as_ref().and_then(Proxy::read),
            with_alpn: OnceLock::new(),
            without_alpn: OnceLock::new(),
            kept: Mutex::default(),
        });
        made.insert(options, client.clone());
        Ok(client)
    }
}

/// What one set of options comes to.
#[derive(Debug)]
pub(crate) struct Client {
    options: ClientOptions,
    trust: Trust,
    names: Arc<NameResolver>,
    proxy: Option<Proxy>,
    with_alpn: OnceLock<Result<Arc<ClientConfig>, String>>,
    without_alpn: OnceLock<Result<Arc<ClientConfig>, String>>,
    /// Connections that wait for the next check, one for each origin. Behind a lock because checks
    /// run side by side; each takes its connection out.
    kept: Mutex<HashMap<String, Connection>>,
}

impl Client {
    /// The TLS settings under which HTTP is agreed upon.
    pub(super) fn tls_for_http(&self) -> Result<Arc<ClientConfig>, &str> {
        let make = || self.settings().map(Arc::new);
        let settings = self.with_alpn.get_or_init(make).as_ref();
        settings.map(Arc::clone).map_err(String::as_str)
    }

    /// The TLS settings for everything else.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, &str> {
        let make = || {
            let mut tls = self.settings()?;
            tls.alpn_protocols.clear();
            Ok(Arc::new(tls))
        };
        let settings = self.without_alpn.get_or_init(make).as_ref();
        settings.map(Arc::clone).map_err(String::as_str)
    }

    fn settings(&self) -> Result<ClientConfig, String> {
        let identity = self
            .options
            .identity
            .as_ref()
            .map(ClientIdentity::certified);
        let identity = identity.transpose().map_err(|error| error.to_string())?;
        tls(self.trust.clone(), identity, self.options.http).map_err(|error| error.to_string())
    }

    /// The proxy that requests go through, if they do.
    pub(super) fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// The resolver.
    pub(super) fn names(&self) -> &NameResolver {
        &self.names
    }

    /// The only Internet Protocol to use, if there is one.
    pub(super) fn family(&self) -> Option<AddressFamily> {
        self.options.family
    }

    /// Which HTTP to speak.
    pub(super) fn http(&self) -> HttpVersion {
        self.options.http
    }

    /// True when any certificate will do.
    pub(crate) fn is_trusting(&self) -> bool {
        self.options.insecure
    }

    /// True when a server that asks is shown a client certificate.
    pub(crate) fn has_identity(&self) -> bool {
        self.options.identity.is_some()
    }

    /// True when connections are kept for the next check.
    pub(super) fn keeps_alive(&self) -> bool {
        self.options.keep_alive
    }

    /// A connection to `origin` that an earlier check left, unless its peer has closed it since.
    pub(super) fn take_kept(&self, origin: &str) -> Option<Connection> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(origin)
            .filter(|connection| !connection.is_closed())
    }

    /// Leaves `connection` for the next check of `origin`.
    pub(super) fn keep(&self, origin: String, connection: Connection) {
        // From now on nothing is awaited, so that a peer which sends all the same is cut off.
        connection.state.await_head();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(origin, connection);
    }
}
