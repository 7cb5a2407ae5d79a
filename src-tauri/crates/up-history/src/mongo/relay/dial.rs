//! Reaching a server: by name, address or socket of the file system, over TLS where the URI wants
//! it. TLS is as the driver itself would do it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use mongodb::options::{ServerAddress, TlsOptions};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::sleep;
use tokio_rustls::TlsConnector;

use super::trust::TrustAll;

/// Behind the number of a socket of the file system: a name that no resolver knows (RFC 2606).
const SOCKET: &str = ".socket.invalid";

/// How long an address may keep silent until the next one is tried beside it (RFC 8305).
const BESIDE: Duration = Duration::from_millis(250);

/// A connection to a server, whatever is beneath.
pub(super) trait RelayStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> RelayStream for T {}

/// Knows how servers are reached.
pub(super) struct Dialer {
    tls: Option<TlsConnector>,
    sockets: Vec<PathBuf>,
}

impl Dialer {
    /// Sockets of the file system among `hosts` get a name that the driver looks for at the relay.
    pub(super) fn new(hosts: &mut [ServerAddress], tls: Option<&TlsOptions>) -> io::Result<Self> {
        Ok(Self {
            tls: tls.map(connector).transpose()?,
            sockets: take_sockets(hosts),
        })
    }

    /// Connects to a server.
    pub(super) async fn dial(&self, host: &str, port: u16) -> io::Result<Box<dyn RelayStream>> {
        let socket = host.strip_suffix(SOCKET).and_then(|number| {
            let number: usize = number.parse().ok()?;
            self.sockets.get(number)
        });
        if let Some(socket) = socket {
            return local(socket).await;
        }
        let stream = connect(host, port).await?;
        let Some(tls) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "this is no host's name"))?;
        Ok(Box::new(tls.connect(name, stream).await?))
    }
}

#[cfg(unix)]
fn take_sockets(hosts: &mut [ServerAddress]) -> Vec<PathBuf> {
    let mut sockets = Vec::new();
    for host in hosts {
        if let ServerAddress::Unix { path } = host {
            sockets.push(std::mem::take(path));
            *host = ServerAddress::Tcp {
                host: format!("{}{SOCKET}", sockets.len() - 1),
                port: None,
            };
        }
    }
    sockets
}

#[cfg(not(unix))]
fn take_sockets(_: &mut [ServerAddress]) -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(unix)]
async fn local(socket: &Path) -> io::Result<Box<dyn RelayStream>> {
    Ok(Box::new(tokio::net::UnixStream::connect(socket).await?))
}

#[cfg(not(unix))]
async fn local(_: &Path) -> io::Result<Box<dyn RelayStream>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Connects to whichever address of a name answers first; each is given a moment alone.
async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut trying = FuturesUnordered::new();
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "its name has no address");
    let mut addresses = lookup_host((host, port)).await?;
    loop {
        let next = addresses.next();
        let is_last = next.is_none();
        trying.extend(next.map(TcpStream::connect));
        loop {
            tokio::select! {
                tried = trying.next() => match tried {
                    Some(Ok(stream)) => {
                        stream.set_nodelay(true)?;
                        return Ok(stream);
                    }
                    Some(Err(error)) => failed = error,
                    None if is_last => return Err(failed),
                    None => break,
                },
                () = sleep(BESIDE), if !is_last => break,
            }
        }
    }
}

/// TLS as the URI's options have it: the certificate authorities of a file, else Mozilla's.
fn connector(options: &TlsOptions) -> io::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = &options.ca_file_path {
        let certificates = CertificateDer::pem_file_iter(file).map_err(|e| unreadable(file, &e))?;
        roots.add_parsable_certificates(certificates.flatten());
    } else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots);
    let mut config = match &options.cert_key_file_path {
        None => config.with_no_client_auth(),
        Some(file) => {
            let certificates: Vec<_> = CertificateDer::pem_file_iter(file)
                .and_then(Iterator::collect)
                .map_err(|e| unreadable(file, &e))?;
            let key = PrivateKeyDer::from_pem_file(file).map_err(|e| unreadable(file, &e))?;
            config
                .with_client_auth_cert(certificates, key)
                .map_err(|e| unreadable(file, &e))?
        }
    };
    if options.allow_invalid_certificates == Some(true) {
        config
            .dangerous()
            .set_certificate_verifier(Arc::new(TrustAll(provider)));
    }
    Ok(Arc::new(config).into())
}

fn unreadable(file: &Path, error: &dyn std::fmt::Display) -> io::Error {
    let file = file.display();
    io::Error::new(io::ErrorKind::InvalidInput, format!("{file}: {error}"))
}
