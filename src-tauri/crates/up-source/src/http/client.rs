//! What sources share that ask by HTTP: one client for each set of options, its settings made when
//! first used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::ClientConfig;

use super::config::HttpVersion;
use super::connection::Connection;
use super::proxy::Proxy;
use crate::net::names::{AddressFamily, NameResolver};
use crate::net::tls::{TlsClient, TlsClients, TlsOptions};
use crate::{ConfigProblem, Secret};

/// What makes two sources need different clients. Everything else goes with each request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ClientOptions {
    /// Whom to trust, and who we are.
    pub tls: TlsOptions,
    /// Whether connections are kept for the next check.
    pub keep_alive: bool,
    /// Which HTTP to speak.
    pub http: HttpVersion,
    /// Which Internet Protocol to use.
    pub family: Option<AddressFamily>,
    /// The proxy's URL.
    pub proxy: Option<Secret>,
}

/// The HTTP clients of one plan.
#[derive(Debug)]
pub(crate) struct Clients {
    /// Behind a lock because sources are built through a shared reference. Never held across work.
    made: Mutex<HashMap<ClientOptions, Arc<Client>>>,
    names: Arc<NameResolver>,
    tls: Arc<TlsClients>,
}

impl Clients {
    /// No clients yet; those to come share the resolver and the TLS clients.
    pub(crate) fn new(names: Arc<NameResolver>, tls: Arc<TlsClients>) -> Self {
        Self {
            made: Mutex::default(),
            names,
            tls,
        }
    }

    /// The client with those options.
    pub(crate) fn client(&self, options: ClientOptions) -> Result<Arc<Client>, ConfigProblem> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&options) {
            return Ok(client.clone());
        }
        let client = Arc::new(Client {
            tls: self.tls.client(options.tls.clone())?,
            names: self.names.clone(),
            proxy: options.proxy.as_ref().and_then(Proxy::read),
            tls_for_http: OnceLock::new(),
            kept: Mutex::default(),
            options: options.clone(),
        });
        made.insert(options, client.clone());
        Ok(client)
    }
}

/// What one set of options comes to.
#[derive(Debug)]
pub(crate) struct Client {
    options: ClientOptions,
    tls: Arc<TlsClient>,
    names: Arc<NameResolver>,
    proxy: Option<Proxy>,
    tls_for_http: OnceLock<Result<Arc<ClientConfig>, String>>,
    /// Connections that wait for the next check, one for each origin. Behind a lock because checks
    /// run side by side; each takes its connection out.
    kept: Mutex<HashMap<String, Connection>>,
}

impl Client {
    /// The TLS settings under which the version of HTTP is agreed upon.
    pub(super) fn tls_for_http(&self) -> Result<Arc<ClientConfig>, &str> {
        let make = || self.tls.with_alpn(self.options.http.alpn()).map(Arc::new);
        let settings = self.tls_for_http.get_or_init(make).as_ref();
        settings.map(Arc::clone).map_err(String::as_str)
    }

    /// The TLS client, for a proxy that is spoken to by TLS.
    pub(super) fn tls(&self) -> &TlsClient {
        &self.tls
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
