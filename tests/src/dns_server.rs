//! A DNS server with the answers of a test, over UDP and TCP on one port, or over TLS.

use std::net::Ipv4Addr;
use std::sync::Arc;

use hickory_proto::op::{Message, MessageType};
use hickory_proto::rr::{RData, Record};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// The transport of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// UDP.
    Datagram,
    /// TCP, with or without TLS.
    Stream,
}

/// The answer to a query. `None` sends nothing.
pub type DnsReply = Arc<dyn Fn(&Message, Carrier) -> Option<Vec<u8>> + Send + Sync>;

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub struct DnsServer {
    port: u16,
    tasks: Vec<JoinHandle<()>>,
}

impl DnsServer {
    /// Starts a server over UDP and TCP.
    pub async fn start(reply: DnsReply) -> Self {
        loop {
            let listener = listen().await;
            let port = listener.local_addr().expect("a bound socket").port();
            // The UDP port of that number may be taken.
            if let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).await {
                let tasks = vec![
                    tokio::spawn(datagrams(socket, reply.clone())),
                    tokio::spawn(streams(listener, None, reply)),
                ];
                return Self { port, tasks };
            }
        }
    }

    /// Starts a server over TLS.
    pub async fn secure(tls: TlsAcceptor, reply: DnsReply) -> Self {
        let listener = listen().await;
        let port = listener.local_addr().expect("a bound socket").port();
        let tasks = vec![tokio::spawn(streams(listener, Some(tls), reply))];
        Self { port, tasks }
    }

    /// The address in the form of the key `resolver`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// An answer to `query` with `data`, all for the queried name.
pub fn answer(query: &Message, data: Vec<RData>) -> Message {
    let mut message = query.clone();
    message.metadata.message_type = MessageType::Response;
    message.metadata.authentic_data = false;
    let name = query.queries[0].name().clone();
    for data in data {
        message.add_answer(Record::from_rdata(name.clone(), 300, data));
    }
    message
}

async fn listen() -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    listener.expect("a free loopback port")
}

async fn datagrams(socket: UdpSocket, reply: DnsReply) {
    let mut buffer = vec![0; 65_535];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let query = Message::from_vec(&buffer[..length]).expect("a question is DNS");
        if let Some(bytes) = reply(&query, Carrier::Datagram) {
            let _ = socket.send_to(&bytes, from).await;
        }
    }
}

async fn streams(listener: TcpListener, tls: Option<TlsAcceptor>, reply: DnsReply) {
    // A `JoinSet` aborts its tasks when it is dropped with this task.
    let mut serving = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, reply) = (tls.clone(), reply.clone());
        serving.spawn(async move {
            match tls {
                None => serve(stream, reply).await,
                Some(tls) => {
                    // Some tests refuse the handshake on purpose.
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, reply).await;
                    }
                }
            }
        });
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, reply: DnsReply) {
    while let Ok(length) = stream.read_u16().await {
        let mut bytes = vec![0; usize::from(length)];
        if stream.read_exact(&mut bytes).await.is_err() {
            return;
        }
        let query = Message::from_vec(&bytes).expect("a question is DNS");
        let Some(bytes) = reply(&query, Carrier::Stream) else {
            std::future::pending().await
        };
        let length = u16::try_from(bytes.len()).expect("a short message");
        let _ = stream
            .write_all(&[&length.to_be_bytes(), &bytes[..]].concat())
            .await;
        let _ = stream.flush().await;
    }
}
