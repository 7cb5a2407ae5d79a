//! The HTTP clients: one for each set of options that sources share, made when first used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use futures_util::FutureExt as _;
use futures_util::future::Inspect;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONNECTION, HeaderValue};
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use tower::{Layer, Service};

use super::config::HttpVersion;
use super::identity::Identity;
use super::timing;
use super::trust::{OwnRoots, SystemRoots, Trust, tls};
use crate::Secret;
use crate::net::names::{Family, Names};

/// What makes two sources need different clients. Everything else goes with each request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Options {
    /// Any certificate will do.
    pub insecure: bool,
    /// The certificates to trust in place of the system's, as PEM.
    pub ca: Option<Arc<str>>,
    /// Who we are to a server that asks.
    pub identity: Option<Identity>,
    /// Whether connections are kept for the next check.
    pub keep_alive: bool,
    /// Which HTTP to speak.
    pub http: HttpVersion,
    /// Which Internet Protocol to use.
    pub family: Option<Family>,
    /// The proxy's URL.
    pub proxy: Option<Secret>,
}

/// The clients of one plan.
#[derive(Debug, Default)]
pub struct Clients {
    /// Behind a lock because sources are built through a shared reference. Never held across work.
    made: Mutex<HashMap<Options, Arc<Client>>>,
    roots: Arc<SystemRoots>,
    names: Arc<Names>,
}

impl Clients {
    /// The resolver that they share, for sources that speak something else.
    pub(crate) fn names(&self) -> Arc<Names> {
        self.names.clone()
    }

    /// A client for those who tell, not ask: a new connection each time, the system's authorities,
    /// no redirects.
    pub fn client(&self) -> Result<reqwest::Client, String> {
        let client = self.with(Options::default())?;
        client.get().cloned().map_err(str::to_owned)
    }

    /// The client with those options; the error is one line about `options.ca`.
    pub(crate) fn with(&self, options: Options) -> Result<Arc<Client>, String> {
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
            made: OnceLock::new(),
            bare: OnceLock::new(),
        });
        made.insert(options, client.clone());
        Ok(client)
    }
}

/// A client that is made when first used.
#[derive(Debug)]
pub(crate) struct Client {
    options: Options,
    trust: Trust,
    names: Arc<Names>,
    made: OnceLock<Result<reqwest::Client, String>>,
    bare: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Client {
    /// The client itself, or why it cannot be made.
    pub(super) fn get(&self) -> Result<&reqwest::Client, &str> {
        self.made
            .get_or_init(|| self.make())
            .as_ref()
            .map_err(String::as_str)
    }

    /// Its TLS settings, for sources that speak something else over it.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, &str> {
        let make = || {
            let mut tls = self.settings()?;
            tls.alpn_protocols.clear();
            Ok(Arc::new(tls))
        };
        let settings = self.bare.get_or_init(make).as_ref();
        settings.map(Arc::clone).map_err(String::as_str)
    }

    /// True when requests go through a proxy.
    pub(super) fn is_proxied(&self) -> bool {
        self.options.proxy.is_some()
    }

    /// The host of the proxy, when requests go through one.
    pub(super) fn proxy(&self) -> Option<String> {
        let url = url::Url::parse(self.options.proxy.as_ref()?.reveal()).ok()?;
        url.host_str().map(str::to_owned)
    }

    /// True when any certificate will do.
    pub(crate) fn is_trusting(&self) -> bool {
        self.options.insecure
    }

    /// True when connections are kept for the next check.
    pub(super) fn keeps_alive(&self) -> bool {
        self.options.keep_alive
    }

    fn settings(&self) -> Result<ClientConfig, String> {
        let identity = self.options.identity.as_ref().map(Identity::certified);
        let identity = identity.transpose().map_err(|error| error.to_string())?;
        tls(self.trust.clone(), identity, self.options.http).map_err(|error| error.to_string())
    }

    fn make(&self) -> Result<reqwest::Client, String> {
        let tls = self.settings()?;
        let kept = self.options.keep_alive;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("up/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Resolver {
                names: self.names.clone(),
                family: self.options.family,
            })
            .connector_layer(Witness)
            // Redirects are followed by us, so that each hop has its own times and causes.
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            // A kept connection shows its certificate only so.
            .tls_info(kept)
            // The next check shall find out anew, unless told otherwise: then until the server
            // closes it.
            .pool_max_idle_per_host(usize::from(kept))
            .pool_idle_timeout(None)
            // Each of these costs a system call a check, and serves only long connections.
            .tcp_keepalive(None)
            .tcp_keepalive_interval(None)
            .tcp_keepalive_retries(None);
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            builder = builder.tcp_user_timeout(None);
        }
        if !kept {
            // RFC 9112, section 9.6: said, because no connection outlives its check.
            let close = (CONNECTION, HeaderValue::from_static("close"));
            builder = builder.default_headers([close].into_iter().collect());
        }
        builder = match &self.options.proxy {
            // Without this, reqwest would look for the system's.
            None => builder.no_proxy(),
            Some(url) => {
                let proxy = reqwest::Proxy::all(url.reveal());
                builder.proxy(proxy.map_err(|_| "the proxy's URL is unusable".to_owned())?)
            }
        };
        builder = match self.options.http {
            HttpVersion::Auto => builder,
            HttpVersion::One => builder.http1_only(),
            HttpVersion::Two => builder.http2_prior_knowledge(),
        };
        builder.build().map_err(|e| e.without_url().to_string())
    }
}

/// The system's resolver, with its times noted.
#[derive(Debug)]
struct Resolver {
    names: Arc<Names>,
    family: Option<Family>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, family) = (self.names.clone(), self.family);
        Box::pin(async move {
            timing::note(|record| record.lookup = Some(Instant::now()));
            let found = names.addresses(name.as_str(), 0, family).await?;
            timing::note(|record| record.resolved = Some(Instant::now()));
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Notes when the connector is asked, and when its connection stands.
#[derive(Clone, Copy, Debug)]
struct Witness;

impl<S> Layer<S> for Witness {
    type Service = Witnessed<S>;

    fn layer(&self, inner: S) -> Witnessed<S> {
        Witnessed(inner)
    }
}

#[derive(Clone, Debug)]
struct Witnessed<S>(S);

impl<S: Service<R>, R> Service<R> for Witnessed<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Inspect<S::Future, fn(&Result<S::Response, S::Error>)>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        timing::note(|record| record.connecting = Some(Instant::now()));
        let stands: fn(&_) = |made: &Result<_, _>| {
            if made.is_ok() {
                timing::note(|record| record.connected = Some(Instant::now()));
            }
        };
        self.0.call(request).inspect(stands)
    }
}
