//! The question's way there and back, but for HTTPS. Whatever is no answer to it is not listened to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;
use up_core::CauseCode;

use crate::http::{Client, timing, tls_cause};
use crate::net::fault::{self, Fault};

/// How to ask.
#[derive(Debug)]
pub(super) enum Way {
    Udp,
    Tcp,
    /// With those settings, and the name that the certificate has to be for.
    Tls(Arc<Client>, ServerName<'static>),
}

/// How long a datagram may take before it is sent again: one may be lost.
const AGAIN: Duration = Duration::from_secs(1);

/// No message is longer.
pub(super) const LONGEST: usize = 65_535;

impl Way {
    /// As up.toml calls it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls(..) => "tls",
        }
    }

    pub(super) fn is_udp(&self) -> bool {
        matches!(self, Self::Udp)
    }

    /// Asks `resolver`, and waits for its answer for as long as it takes.
    pub(super) async fn ask(&self, query: Message, resolver: SocketAddr) -> Result<Message, Fault> {
        let peer = format!("the resolver {resolver}");
        let bytes = query.to_vec();
        let bytes = bytes.map_err(|error| Fault::new(CauseCode::Internal, error.to_string()))?;
        match self {
            Self::Udp => by_datagram(&query, &bytes, resolver, &peer).await,
            Self::Tcp => {
                let stream = connect(resolver, &peer).await?;
                by_stream(stream, &query, &bytes, &peer).await
            }
            Self::Tls(client, name) => {
                let settings = client.tls();
                let settings = settings.map_err(|text| Fault::new(CauseCode::Internal, text))?;
                let stream = connect(resolver, &peer).await?;
                let stream = TlsConnector::from(settings)
                    .connect(name.clone(), stream)
                    .await
                    .map_err(|error| unshaken(&error, name, &peer))?;
                by_stream(stream, &query, &bytes, &peer).await
            }
        }
    }
}

async fn by_datagram(
    query: &Message,
    bytes: &[u8],
    resolver: SocketAddr,
    peer: &str,
) -> Result<Message, Fault> {
    let told = |error: io::Error| fault::from_io(&error, peer);
    let any: IpAddr = match resolver {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A port of its own, chosen by the system, and deaf to all but the resolver.
    let socket = UdpSocket::bind((any, 0)).await.map_err(told)?;
    socket.connect(resolver).await.map_err(told)?;
    let mut buffer = vec![0; LONGEST];
    loop {
        socket.send(bytes).await.map_err(told)?;
        let heard = tokio::time::timeout(AGAIN, async {
            loop {
                let length = socket.recv(&mut buffer).await.map_err(told)?;
                // What is no answer to this question may be forged, or late.
                if let Ok(message) = read(&buffer[..length], query, peer) {
                    return Ok(message);
                }
            }
        });
        if let Ok(heard) = heard.await {
            return heard;
        }
    }
}

async fn connect(resolver: SocketAddr, peer: &str) -> Result<TcpStream, Fault> {
    let stream = TcpStream::connect(resolver).await;
    stream.map_err(|error| fault::from_io(&error, peer))
}

/// Each message stands behind its length (RFC 1035, section 4.2.2).
async fn by_stream(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    query: &Message,
    bytes: &[u8],
    peer: &str,
) -> Result<Message, Fault> {
    let told = |error: io::Error| fault::from_io(&error, peer);
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    // Both at once: some resolvers want them in one segment (RFC 7766, section 8).
    let framed = [&length.to_be_bytes(), bytes].concat();
    stream.write_all(&framed).await.map_err(told)?;
    stream.flush().await.map_err(told)?;
    let length = stream.read_u16().await.map_err(told)?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await.map_err(told)?;
    // The answer is there, whatever becomes of the goodbye.
    let _ = stream.shutdown().await;
    read(&answer, query, peer)
}

/// Reads a message of one question at most, as every answer is. (hickory makes room for as many as
/// a message says that it has, and a dozen bytes may say 65,535.)
pub(super) fn message(bytes: &[u8]) -> Option<Message> {
    let questions = bytes.get(4..6)?;
    matches!(questions, [0, 0 | 1])
        .then(|| Message::from_vec(bytes).ok())
        .flatten()
}

/// Reads an answer to that question.
pub(super) fn read(bytes: &[u8], query: &Message, peer: &str) -> Result<Message, Fault> {
    let wrong = |what: &str| {
        let text = format!("{peer} answered with {what}");
        Fault::new(CauseCode::Protocol, text)
    };
    let message = message(bytes).ok_or_else(|| wrong("something that is not DNS"))?;
    let fits = message.metadata.id == query.metadata.id
        && message.metadata.message_type == MessageType::Response;
    // Some leave the question out when they refuse it.
    let same = message.queries.is_empty() && message.answers.is_empty()
        || message.queries.len() == 1
            && query.queries.first().is_some_and(|asked| {
                let heard = &message.queries[0];
                heard.name() == asked.name() && heard.query_type() == asked.query_type()
            });
    if fits && same {
        Ok(message)
    } else {
        Err(wrong("what was not asked"))
    }
}

fn unshaken(error: &io::Error, name: &ServerName<'_>, peer: &str) -> Fault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(tls) => tls_cause::of(tls, peer, &name.to_str(), &timing::peek()),
        None if fault::is_exhaustion(error) => fault::exhausted(error),
        None => Fault::new(
            CauseCode::Tls,
            format!("{peer} broke off the TLS handshake"),
        ),
    }
}
