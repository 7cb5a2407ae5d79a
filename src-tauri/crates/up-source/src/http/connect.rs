//! Opens the connection to a URL: name look-up, TCP, a proxy where there is one, TLS.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use up_core::CauseCode;
use url::{Host, Url};

use super::client::Client;
use super::config::HttpVersion;
use super::connection::{Connection, Protocol};
use super::proxy::Proxy;
use super::timing;
use crate::net::dial;
use crate::net::fault::Fault;
use crate::net::stream::{AnyStream, Bounded, StreamState, Unannounced};
use crate::net::tls::handshake;

/// Why there is no connection or no response: a [`Fault`], or an error of the layers below.
pub(super) type AnyError = Box<dyn StdError + Send + Sync>;

/// Where a connection leads.
#[derive(Clone, Debug)]
pub(super) struct Destination<'a> {
    /// The URL that is requested.
    pub url: &'a Url,
    /// The host and port to connect to in place of the URL's.
    pub connect_to: Option<&'a HostPort>,
    /// The name to send in TLS (SNI) and to verify, in place of the URL's host.
    pub server_name: Option<&'a str>,
}

/// A host and a port. `None` stands for the URL's port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPort {
    /// A name, or an address without brackets.
    pub host: Host,
    pub port: Option<u16>,
}

impl Client {
    /// Opens a connection to `to`, with TLS for an https URL.
    pub(super) async fn connect(&self, to: &Destination<'_>) -> Result<Connection, AnyError> {
        timing::note(|record| record.connecting = Some(Instant::now()));
        let state = Arc::new(StreamState::default());
        let is_tls = to.url.scheme() == "https";
        let (stream, remote) = match self.proxy() {
            None => self.dial(to, &state).await?,
            Some(proxy) => self.dial_through_proxy(proxy, to, &state).await?,
        };
        let (stream, protocol) = if is_tls {
            let settings = self.tls_for_http().map_err(internal_fault)?;
            let name = match to.server_name {
                Some(name) => name.to_owned(),
                None => tls_name_of(to.url),
            };
            let stream = tls_handshake(settings, name, stream).await?;
            let chose_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let stream = Unannounced::new(stream, Arc::clone(&state));
            let stream: AnyStream = Box::new(Bounded::above_tls(stream, Arc::clone(&state)));
            (stream, self.protocol(chose_http2))
        } else {
            (stream, self.protocol(false))
        };
        timing::note(|record| record.connected = Some(Instant::now()));
        let mut connection = Connection::begin(stream, protocol, state).await?;
        connection.remote = remote;
        connection.certificate = handshake::peek().certificate;
        Ok(connection)
    }

    /// Opens a TCP connection to `to`. Returns it with the peer's address.
    async fn dial(
        &self,
        to: &Destination<'_>,
        state: &Arc<StreamState>,
    ) -> Result<(AnyStream, Option<std::net::SocketAddr>), AnyError> {
        let (host, port) = match to.connect_to {
            Some(target) => (target.host.clone(), target.port.or_else(|| port_of(to.url))),
            None => (host_of(to.url)?, port_of(to.url)),
        };
        self.dial_host(&host, port.unwrap_or_default(), state).await
    }

    /// Opens a TCP connection to `host`, which is looked up first. Returns it with the peer's
    /// address.
    async fn dial_host(
        &self,
        host: &Host,
        port: u16,
        state: &Arc<StreamState>,
    ) -> Result<(AnyStream, Option<std::net::SocketAddr>), AnyError> {
        let addresses = self.resolve(host, port).await?;
        let stream = dial::dial(&addresses).await?;
        // TLS writes twice in a row. Without this option the second write would wait for the
        // acknowledgement of the first.
        stream.set_nodelay(true)?;
        let remote = stream.peer_addr().ok();
        let stream = Bounded::new(stream, Arc::clone(state));
        Ok((Box::new(stream), remote))
    }

    /// The addresses of `host` with `port`. Only a name is looked up.
    async fn resolve(&self, host: &Host, port: u16) -> Result<Vec<std::net::SocketAddr>, AnyError> {
        let is_name = matches!(host, Host::Domain(_));
        if is_name {
            timing::note(|record| record.lookup = Some(Instant::now()));
        }
        let name = host.to_string();
        let found = self.names().addresses(&name, port, self.family());
        let found = found.await?;
        if is_name {
            timing::note(|record| record.resolved = Some(Instant::now()));
        }
        Ok(found)
    }

    /// Opens a connection through `proxy`: a tunnel to `to`, or the connection to the proxy itself
    /// if that forwards plain requests. Returns it with the proxy's address.
    async fn dial_through_proxy(
        &self,
        proxy: &Proxy,
        to: &Destination<'_>,
        state: &Arc<StreamState>,
    ) -> Result<(AnyStream, Option<std::net::SocketAddr>), AnyError> {
        let (mut stream, remote) = self.dial_host(proxy.host(), proxy.port(), state).await?;
        if proxy.is_tls() {
            let settings = self.tls().settings().map_err(internal_fault)?;
            let name = tls_name(proxy.host());
            let secured = tls_handshake(settings, name, stream).await?;
            stream = Box::new(Unannounced::new(secured, Arc::clone(state)));
        }
        if proxy.forwards(to.url) {
            return Ok((stream, remote));
        }
        let port = port_of(to.url).unwrap_or_default();
        let host = match host_of(to.url)? {
            // With `socks5` the name is looked up here, and the proxy gets its first address.
            host @ Host::Domain(_) if proxy.wants_address() => {
                let found = self.resolve(&host, port).await?;
                match found.first().map(std::net::SocketAddr::ip) {
                    Some(std::net::IpAddr::V4(ip)) => Host::Ipv4(ip),
                    Some(std::net::IpAddr::V6(ip)) => Host::Ipv6(ip),
                    None => host,
                }
            }
            host => host,
        };
        Ok((proxy.tunnel(stream, &host, port).await?, remote))
    }

    /// The HTTP version of a connection. `chose_http2` says that ALPN chose HTTP/2.
    fn protocol(&self, chose_http2: bool) -> Protocol {
        match self.http() {
            HttpVersion::Two => Protocol::Two,
            HttpVersion::Auto if chose_http2 => Protocol::Two,
            HttpVersion::Auto | HttpVersion::One => Protocol::One,
        }
    }
}

/// Makes the TLS handshake over `stream`. The peer's certificate has to be for `name`.
async fn tls_handshake(
    settings: Arc<rustls::ClientConfig>,
    name: String,
    stream: AnyStream,
) -> Result<TlsStream<AnyStream>, AnyError> {
    let unusable = |_| {
        Fault::new(
            CauseCode::Tls,
            format!("{name:?} is not a valid TLS server name"),
        )
    };
    let server = ServerName::try_from(name.clone()).map_err(unusable)?;
    Ok(TlsConnector::from(settings).connect(server, stream).await?)
}

/// The fault when our own TLS settings cannot be made.
fn internal_fault(text: &str) -> Fault {
    Fault::new(CauseCode::Internal, text)
}

fn port_of(url: &Url) -> Option<u16> {
    url.port_or_known_default()
}

fn host_of(url: &Url) -> Result<Host, Fault> {
    let host = url.host().map(|host| host.to_owned());
    host.ok_or_else(|| Fault::new(CauseCode::Internal, "there is no host in the URL"))
}

/// The URL's host as a TLS server name.
fn tls_name_of(url: &Url) -> String {
    host_of(url).map_or_else(|_| String::new(), |host| tls_name(&host))
}

/// A host as a TLS server name: without brackets around an IPv6 address and without a final dot.
fn tls_name(host: &Host) -> String {
    match host {
        Host::Domain(name) => name.strip_suffix('.').unwrap_or(name).to_owned(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    }
}
