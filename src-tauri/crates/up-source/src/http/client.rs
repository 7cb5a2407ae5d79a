//! HTTP clients, shared by the sources with the same options. The TLS settings of a client are made
//! when it is first used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::ClientConfig;

use super::config::HttpVersion;
use super::connection::Connection;
use super::proxy::Proxy;
use crate::net::names::{AddressFamily, NameResolver};
use crate::net::tls::{TlsClient, TlsClients, TlsOptions};
use crate::{ConfigProblem, Secret};

/// The options by which clients differ. Everything else belongs to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ClientOptions {
    /// The trusted certificates, and our own.
    pub tls: TlsOptions,
    /// True when connections are kept for the next check.
    pub keep_alive: bool,
    /// The HTTP version to use.
    pub http: HttpVersion,
    /// The IP version to use; `None` for both.
    pub family: Option<AddressFamily>,
    /// The proxy's URL.
    pub proxy: Option<Secret>,
}

/// The HTTP clients of one plan.
#[derive(Debug)]
pub(crate) struct Clients {
    /// Sources are built through a shared reference, so that this needs a lock. The lock is never
    /// held across work.
    made: Mutex<HashMap<ClientOptions, Arc<Client>>>,
    names: Arc<NameResolver>,
    tls: Arc<TlsClients>,
}

impl Clients {
    /// An empty set of clients that will share the resolver and the TLS clients.
    pub(crate) fn new(names: Arc<NameResolver>, tls: Arc<TlsClients>) -> Self {
        Self {
            made: Mutex::default(),
            names,
            tls,
        }
    }

    /// The client with these options, made at their first use.
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

/// The HTTP client for one set of options.
#[derive(Debug)]
pub(crate) struct Client {
    options: ClientOptions,
    tls: Arc<TlsClient>,
    names: Arc<NameResolver>,
    proxy: Option<Proxy>,
    tls_for_http: OnceLock<Result<Arc<ClientConfig>, String>>,
    /// Open connections for the next check, one for each origin. Checks run concurrently and each
    /// removes the connection that it uses, so that this needs a lock.
    kept: Mutex<HashMap<String, Connection>>,
}

impl Client {
    /// The TLS settings that negotiate the HTTP version (ALPN).
    pub(super) fn tls_for_http(&self) -> Result<Arc<ClientConfig>, &str> {
        let make = || self.tls.with_alpn(self.options.http.alpn()).map(Arc::new);
        let settings = self.tls_for_http.get_or_init(make).as_ref();
        settings.map(Arc::clone).map_err(String::as_str)
    }

    /// The TLS client without ALPN, for a proxy that is reached over TLS.
    pub(super) fn tls(&self) -> &TlsClient {
        &self.tls
    }

    /// The proxy that requests go through, if there is one.
    pub(super) fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// The resolver for host names.
    pub(super) fn names(&self) -> &NameResolver {
        &self.names
    }

    /// The only IP version to use; `None` for both.
    pub(super) fn family(&self) -> Option<AddressFamily> {
        self.options.family
    }

    /// The HTTP version to use.
    pub(super) fn http(&self) -> HttpVersion {
        self.options.http
    }

    /// True when connections are kept for the next check.
    pub(super) fn keeps_alive(&self) -> bool {
        self.options.keep_alive
    }

    /// Removes and returns the connection to `origin` that an earlier check left, unless the peer
    /// has closed it since.
    pub(super) fn take_kept(&self, origin: &str) -> Option<Connection> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(origin)
            .filter(|connection| !connection.is_closed())
    }

    /// Keeps `connection` for the next check of `origin`.
    pub(super) fn keep_connection(&self, origin: String, connection: Connection) {
        // No response is expected until the next request, so that a peer that sends anyway is cut
        // off.
        connection.state.await_head();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(origin, connection);
    }
}
