//! From a URL to an open connection: the name, TCP, a proxy where there is one, TLS.

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

/// Why there is no connection or no answer: a [`Fault`], or whatever the layers say.
pub(super) type AnyError = Box<dyn StdError + Send + Sync>;

/// What a connection is opened for.
#[derive(Clone, Debug)]
pub(super) struct Destination<'a> {
    /// The URL that is asked.
    pub url: &'a Url,
    /// Where to connect to in place of the URL's host and port.
    pub connect_to: Option<&'a HostPort>,
    /// The name to ask for in TLS, and to verify, in place of the URL's host.
    pub server_name: Option<&'a str>,
}

/// A host and a port; no port is the URL's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPort {
    /// A name, or an address without brackets.
    pub host: Host,
    pub port: Option<u16>,
}

impl Client {
    /// Opens a connection to `to`.
    pub(super) async fn connect(&self, to: &Destination<'_>) -> Result<Connection, AnyError> {
        timing::note(|record| record.connecting = Some(Instant::now()));
        let state = Arc::new(StreamState::default());
        let is_tls = to.url.scheme() == "https";
        let (stream, remote) = match self.proxy() {
            None => self.dial(to, &state).await?,
            Some(proxy) => self.through(proxy, to, &state).await?,
        };
        let (stream, protocol) = if is_tls {
            let settings = self.tls_for_http().map_err(internal)?;
            let name = match to.server_name {
                Some(name) => name.to_owned(),
                None => bare_host(to.url),
            };
            let stream = shake_hands(settings, name, stream).await?;
            let agreed = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let stream = Unannounced::new(stream, Arc::clone(&state));
            let stream: AnyStream = Box::new(Bounded::above_tls(stream, Arc::clone(&state)));
            (stream, self.protocol(agreed))
        } else {
            (stream, self.protocol(false))
        };
        timing::note(|record| record.connected = Some(Instant::now()));
        let mut connection = Connection::begin(stream, protocol, state).await?;
        connection.remote = remote;
        connection.certificate = handshake::peek().certificate;
        Ok(connection)
    }

    /// A TCP connection to where `to` leads.
    async fn dial(
        &self,
        to: &Destination<'_>,
        state: &Arc<StreamState>,
    ) -> Result<(AnyStream, Option<std::net::SocketAddr>), AnyError> {
        let (host, port) = match to.connect_to {
            Some(place) => (place.host.clone(), place.port.or_else(|| port_of(to.url))),
            None => (host_of(to.url)?, port_of(to.url)),
        };
        self.dial_host(&host, port.unwrap_or_default(), state).await
    }

    /// A TCP connection to that host, whose name is looked up here.
    async fn dial_host(
        &self,
        host: &Host,
        port: u16,
        state: &Arc<StreamState>,
    ) -> Result<(AnyStream, Option<std::net::SocketAddr>), AnyError> {
        let addresses = self.resolve(host, port).await?;
        let stream = dial::dial(&addresses).await?;
        // TLS writes twice in a row; the second must not wait for the first to be acknowledged.
        stream.set_nodelay(true)?;
        let remote = stream.peer_addr().ok();
        let stream = Bounded::new(stream, Arc::clone(state));
        Ok((Box::new(stream), remote))
    }

    /// The addresses of `host`, which is looked up where it is a name.
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

    /// A connection through `proxy`: a tunnel to where `to` leads, or the proxy itself, which then
    /// passes plain requests on.
    async fn through(
        &self,
        proxy: &Proxy,
        to: &Destination<'_>,
        state: &Arc<StreamState>,
    ) -> Result<(AnyStream, Option<std::net::SocketAddr>), AnyError> {
        let (mut stream, remote) = self.dial_host(proxy.host(), proxy.port(), state).await?;
        if proxy.is_tls() {
            let settings = self.tls().settings().map_err(internal)?;
            let name = bare(proxy.host());
            let secured = shake_hands(settings, name, stream).await?;
            stream = Box::new(Unannounced::new(secured, Arc::clone(state)));
        }
        if proxy.forwards(to.url) {
            return Ok((stream, remote));
        }
        let port = port_of(to.url).unwrap_or_default();
        let host = match host_of(to.url)? {
            // Where the proxy shall not look the name up, its first address here is asked for.
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

    /// Which HTTP is spoken: `agreed` where the TLS handshake chose HTTP/2.
    fn protocol(&self, agreed: bool) -> Protocol {
        match self.http() {
            HttpVersion::Two => Protocol::Two,
            HttpVersion::Auto if agreed => Protocol::Two,
            HttpVersion::Auto | HttpVersion::One => Protocol::One,
        }
    }
}

/// A TLS handshake over `stream` with whoever has to be `name`.
async fn shake_hands(
    settings: Arc<rustls::ClientConfig>,
    name: String,
    stream: AnyStream,
) -> Result<TlsStream<AnyStream>, AnyError> {
    let unusable = |_| {
        Fault::new(
            CauseCode::Tls,
            format!("{name:?} is no name that TLS can ask for"),
        )
    };
    let server = ServerName::try_from(name.clone()).map_err(unusable)?;
    Ok(TlsConnector::from(settings).connect(server, stream).await?)
}

/// Settings of ours that cannot be made.
fn internal(text: &str) -> Fault {
    Fault::new(CauseCode::Internal, text)
}

fn port_of(url: &Url) -> Option<u16> {
    url.port_or_known_default()
}

fn host_of(url: &Url) -> Result<Host, Fault> {
    let host = url.host().map(|host| host.to_owned());
    host.ok_or_else(|| Fault::new(CauseCode::Internal, "there is no host in the URL"))
}

/// The URL's host as TLS names it.
fn bare_host(url: &Url) -> String {
    host_of(url).map_or_else(|_| String::new(), |host| bare(&host))
}

/// A host without the brackets of an IPv6 address and the dot that ends a whole name.
fn bare(host: &Host) -> String {
    match host {
        Host::Domain(name) => name.strip_suffix('.').unwrap_or(name).to_owned(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    }
}
