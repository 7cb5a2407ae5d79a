//! Sends a query to one resolver over UDP, TCP or TLS, and waits for its answer. Packets that do
//! not answer the query are ignored over UDP, and an error over a stream.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, ResponseCode};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use up_core::CauseCode;

use super::question::DnsQuestion;
use crate::net::fault::{self, Fault};
use crate::net::tls::{TlsClient, cause as tls_cause, handshake};

/// How DNS messages are carried.
#[derive(Debug)]
pub(super) enum ResolverTransport {
    Udp,
    Tcp,
    /// Over TLS, with these settings and the name that the certificate has to be for.
    Tls(Arc<TlsClient>, ServerName<'static>),
}

/// How long to wait for an answer over UDP before the query is sent again: a datagram may be lost.
/// The time is a quarter of what is left until the deadline, within these bounds.
const MAX_RESEND_AFTER: Duration = Duration::from_secs(1);
const MIN_RESEND_AFTER: Duration = Duration::from_millis(100);

/// The longest DNS message in bytes: its length field has 16 bits.
pub(super) const MAX_MESSAGE: usize = 65_535;

impl ResolverTransport {
    /// The name of the transport in up.toml.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls(..) => "tls",
        }
    }

    /// True for UDP, where an answer may be lost or truncated.
    pub(super) fn is_udp(&self) -> bool {
        matches!(self, Self::Udp)
    }

    /// Queries `resolver`, and waits for its answer until `until`. A server that does not
    /// understand EDNS is queried again without it (RFC 6891, section 7).
    pub(super) async fn query(
        &self,
        question: &DnsQuestion,
        resolver: SocketAddr,
        until: Instant,
    ) -> Result<Message, Fault> {
        let first = match (self, question.second()) {
            (Self::Udp, second) => {
                // An unanswered datagram may have been dropped because of its EDNS, so that both
                // forms are sent in turn.
                let messages: Vec<_> = [question.first()].into_iter().chain(second).collect();
                over_datagrams(&messages, resolver, until).await
            }
            (_, None) => return self.over_new_stream(question.first(), resolver).await,
            (_, Some(_)) => {
                let half = Instant::now() + until.saturating_duration_since(Instant::now()) / 2;
                let first = self.over_new_stream(question.first(), resolver);
                // A server that accepts the connection and then stays silent or closes it may do so
                // because of the EDNS, too.
                timeout_at(half, first).await.unwrap_or_else(|_| {
                    let text = format!("the resolver {resolver} does not answer");
                    Err(Fault::new(CauseCode::Timeout, text))
                })
            }
        };
        let Some(second) = question.second() else {
            return first;
        };
        let may_lack_edns = match &first {
            Ok(answer) => question.may_lack_edns(answer),
            Err(fault) => {
                let closed = matches!(
                    fault.code,
                    CauseCode::Reset | CauseCode::Timeout | CauseCode::Protocol
                );
                !self.is_udp() && closed
            }
        };
        if !may_lack_edns {
            return first;
        }
        let again = match self {
            Self::Udp => over_datagrams(&[second], resolver, until).await,
            _ => self.over_new_stream(second, resolver).await,
        };
        // The first answer stands unless the second query gives one, too.
        match (&first, again) {
            (Ok(_), Err(_)) => first,
            (_, again) => again,
        }
    }

    /// Sends one query over a new connection.
    async fn over_new_stream(
        &self,
        query: &Message,
        resolver: SocketAddr,
    ) -> Result<Message, Fault> {
        let peer = format!("the resolver {resolver}");
        let stream = connect(resolver, &peer).await?;
        let Self::Tls(client, name) = self else {
            return over_stream(stream, query, &peer).await;
        };
        let settings = client.settings();
        let settings = settings.map_err(|text| Fault::new(CauseCode::Internal, text))?;
        let stream = TlsConnector::from(settings)
            .connect(name.clone(), stream)
            .await
            .map_err(|error| handshake_fault(&error, name, &peer))?;
        over_stream(stream, query, &peer).await
    }
}

/// Sends `messages`, which are forms of the same query, in turn, until one is answered.
async fn over_datagrams(
    messages: &[&Message],
    resolver: SocketAddr,
    until: Instant,
) -> Result<Message, Fault> {
    let peer = format!("the resolver {resolver}");
    let io_fault = |error: io::Error| fault::from_io(&error, &peer);
    let forms = messages.iter().map(|message| encoded(message));
    let forms: Vec<_> = forms.collect::<Result<_, _>>()?;
    let any: IpAddr = match resolver {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A new port, chosen by the system. A connected socket receives from the resolver only.
    let socket = UdpSocket::bind((any, 0)).await.map_err(io_fault)?;
    socket.connect(resolver).await.map_err(io_fault)?;
    let mut buffer = vec![0; MAX_MESSAGE];
    let left = until.saturating_duration_since(Instant::now());
    let resend_after = (left / 4).clamp(MIN_RESEND_AFTER, MAX_RESEND_AFTER);
    for form in forms.iter().cycle() {
        socket.send(form).await.map_err(io_fault)?;
        let received = timeout(resend_after, async {
            loop {
                let length = socket.recv(&mut buffer).await.map_err(io_fault)?;
                // A packet that does not answer this query may be forged or late.
                if let Ok(message) = parse_answer(&buffer[..length], messages[0], &peer) {
                    return Ok(message);
                }
            }
        });
        if let Ok(received) = received.await {
            return received;
        }
    }
    Err(Fault::new(CauseCode::Internal, "there is no question"))
}

fn encoded(message: &Message) -> Result<Vec<u8>, Fault> {
    let bytes = message.to_vec();
    bytes.map_err(|error| Fault::new(CauseCode::Internal, error.to_string()))
}

async fn connect(resolver: SocketAddr, peer: &str) -> Result<TcpStream, Fault> {
    let stream = TcpStream::connect(resolver).await;
    stream.map_err(|error| fault::from_io(&error, peer))
}

/// Sends one query over a stream and reads one answer. A length of two bytes precedes each message
/// (RFC 1035, section 4.2.2).
async fn over_stream(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    query: &Message,
    peer: &str,
) -> Result<Message, Fault> {
    let io_fault = |error: io::Error| fault::from_io(&error, peer);
    let bytes = encoded(query)?;
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    // The length and the message are written at once: some resolvers want both in one segment (RFC
    // 7766, section 8).
    let framed = [&length.to_be_bytes(), &*bytes].concat();
    stream.write_all(&framed).await.map_err(io_fault)?;
    stream.flush().await.map_err(io_fault)?;
    let length = stream.read_u16().await.map_err(io_fault)?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await.map_err(io_fault)?;
    // The answer has arrived, so that a failure to close does not matter.
    let _ = stream.shutdown().await;
    parse_answer(&answer, query, peer)
}

/// Parses a message that has one question at most, as every answer does. (hickory allocates for as
/// many questions as the header claims, and a header of a dozen bytes may claim 65,535.)
pub(super) fn parse_message(bytes: &[u8]) -> Option<Message> {
    let questions = bytes.get(4..6)?;
    matches!(questions, [0, 0 | 1])
        .then(|| Message::from_vec(bytes).ok())
        .flatten()
}

/// Parses the header alone of a message that is truncated or reports an error: the rest may end in
/// the middle of a record, or be garbled.
fn header(bytes: &[u8]) -> Option<Message> {
    const ID_AND_FLAGS: usize = 4;
    const HEADER: usize = 12;
    let mut header = [0; HEADER];
    header[..ID_AND_FLAGS].copy_from_slice(bytes.get(..HEADER)?.get(..ID_AND_FLAGS)?);
    let message = Message::from_vec(&header).ok()?;
    let metadata = &message.metadata;
    let is_error = metadata.response_code != ResponseCode::NoError;
    (metadata.truncation || is_error).then_some(message)
}

/// Parses `bytes` as the answer to `query`. An error names `peer`.
pub(super) fn parse_answer(bytes: &[u8], query: &Message, peer: &str) -> Result<Message, Fault> {
    let wrong = |what: &str| {
        let text = format!("{peer} answered with {what}");
        Fault::new(CauseCode::Protocol, text)
    };
    let message = parse_message(bytes)
        .or_else(|| header(bytes))
        .ok_or_else(|| wrong("something that is not DNS"))?;
    let is_response = message.metadata.id == query.metadata.id
        && message.metadata.message_type == MessageType::Response;
    // Some servers leave the question out of a refusal.
    let is_same_query = message.queries.is_empty() && message.answers.is_empty()
        || message.queries.len() == 1
            && query.queries.first().is_some_and(|sent| {
                let echoed = &message.queries[0];
                echoed.name() == sent.name() && echoed.query_type() == sent.query_type()
            });
    if is_response && is_same_query {
        Ok(message)
    } else {
        Err(wrong("the answer to another query"))
    }
}

fn handshake_fault(error: &io::Error, name: &ServerName<'_>, peer: &str) -> Fault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(tls) => tls_cause::of(tls, peer, &name.to_str(), &handshake::peek()),
        None if fault::is_exhaustion(error) => fault::exhausted(error),
        None => Fault::new(
            CauseCode::Tls,
            format!("{peer} broke off the TLS handshake"),
        ),
    }
}
