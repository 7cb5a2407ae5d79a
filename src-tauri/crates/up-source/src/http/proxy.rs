//! HTTP and SOCKS 5 proxies, and how a tunnel is opened through one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tower::{Service, ServiceExt as _};
use url::{Host, Url};

use super::connect::AnyError;
use crate::Secret;
use crate::net::stream::AnyStream;

/// A proxy. Its `Debug` shows the host alone, because the URL may hold a password.
#[derive(Clone)]
pub(super) struct Proxy {
    url: Url,
    host: Host,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Proxy")
            .field(&self.host.to_string())
            .finish()
    }
}

impl Proxy {
    /// Parses the URL of a proxy, which was checked before; `None` when it is not one.
    pub(super) fn read(url: &Secret) -> Option<Self> {
        let url = Url::parse(url.reveal()).ok()?;
        // The `url` crate does not parse the hosts of non-web schemes as addresses.
        let host = Host::parse(url.host_str()?).ok()?;
        Some(Self { url, host })
    }

    /// The host of the proxy itself.
    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// The port, or the default of its scheme.
    pub(super) fn port(&self) -> u16 {
        let own = if self.is_socks() { 1080 } else { 80 };
        self.url.port_or_known_default().unwrap_or(own)
    }

    /// True when the proxy is reached over TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    fn is_socks(&self) -> bool {
        self.url.scheme().starts_with("socks5")
    }

    /// True when the proxy is given an address and does not look the name up itself (`socks5`,
    /// unlike `socks5h`).
    pub(super) fn wants_address(&self) -> bool {
        self.url.scheme() == "socks5"
    }

    /// True when the proxy forwards a request for `url` without a tunnel (RFC 9112, section 3.2.2).
    pub(super) fn forwards(&self, url: &Url) -> bool {
        !self.is_socks() && url.scheme() == "http"
    }

    /// The value of `Proxy-Authorization`, if the URL has a user or password (RFC 7617).
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let (user, password) = self.credentials()?;
        let pair = STANDARD.encode(format!("{user}:{password}"));
        let mut value = HeaderValue::try_from(format!("Basic {pair}")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    fn credentials(&self) -> Option<(String, String)> {
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (user, password) = (self.url.username(), self.url.password());
        (!user.is_empty() || password.is_some())
            .then(|| (decoded(user), decoded(password.unwrap_or_default())))
    }

    /// Opens a tunnel to `host` and `port` over `stream`, a connection to the proxy.
    pub(super) async fn tunnel(
        &self,
        stream: AnyStream,
        host: &Host,
        port: u16,
    ) -> Result<AnyStream, AnyError> {
        let to = Uri::try_from(format!("https://{host}:{port}/"))?;
        // hyper-util's connectors open the connection to the proxy themselves. This service hands
        // them the one that is open.
        let mut stream = Some(TokioIo::new(stream));
        let connect = tower::service_fn(move |_: Uri| {
            let stream = stream.take();
            async move {
                stream.ok_or_else(|| {
                    std::io::Error::other("there is but one connection to the proxy")
                })
            }
        });
        let proxy = Uri::from_static("http://proxy");
        let tunnel = if self.is_socks() {
            let mut socks = SocksV5::new(proxy, connect);
            if let Some((user, password)) = self.credentials() {
                socks = socks.with_auth(user, password);
            }
            socks.ready().await?.call(to).await?
        } else {
            let mut tunnel = Tunnel::new(proxy, connect);
            if let Some(authorization) = self.authorization() {
                tunnel = tunnel.with_auth(authorization);
            }
            tunnel.ready().await?.call(to).await?
        };
        Ok(tunnel.into_inner())
    }
}
