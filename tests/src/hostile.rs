//! Servers that misbehave: each plays a script, byte by byte, to every client.
//!
//! They speak raw TCP on a free loopback port in the runtime of the test, and end when they are
//! dropped. `scripts` has the scripts by name, `tls` the certificates.

pub mod mongo;
pub mod scripts;
pub mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// One step of a script.
#[derive(Clone, Debug)]
pub enum ServerStep {
    /// Sends these bytes.
    Send(Bytes),
    /// Sends these bytes one by one, with this pause.
    Drip(Bytes, Duration),
    /// Sends these bytes again and again, for ever.
    Repeat(Bytes),
    /// Waits.
    Wait(Duration),
    /// Sends nothing more, and keeps the connection open until the client closes it.
    Hang,
    /// Closes the connection without a closing alert of TLS.
    Vanish,
    /// Resets the connection (plain TCP only). The end of a script closes it otherwise.
    Reset,
}

/// The steps of a server on one connection, in order.
pub type ServerScript = Vec<ServerStep>;

/// When a script starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// After the head of a request has come.
    Request,
    /// After the connection is accepted.
    Connection,
}

/// A server that plays scripts. When it is dropped, it closes all connections.
#[derive(Debug)]
pub struct Hostile {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    accepting: AbortHandle,
}

impl Hostile {
    /// Plays `script` to every client that sends a request.
    pub async fn play(script: ServerScript) -> Self {
        Self::start(Cue::Request, None, move |_| script.clone()).await
    }

    /// Plays `script` to every client that connects.
    pub async fn blurt(script: ServerScript) -> Self {
        Self::start(Cue::Connection, None, move |_| script.clone()).await
    }

    /// Plays the script that `script` returns for the head of each request.
    pub async fn route(script: impl Fn(&str) -> ServerScript + Send + Sync + 'static) -> Self {
        Self::start(Cue::Request, None, script).await
    }

    /// Plays `script` over TLS.
    pub async fn secure(tls: TlsAcceptor, script: ServerScript) -> Self {
        Self::start(Cue::Request, Some(tls), move |_| script.clone()).await
    }

    /// Plays the script that `script` returns for the head of each request, at that cue, over TLS
    /// if given.
    pub async fn start(
        cue: Cue,
        tls: Option<TlsAcceptor>,
        script: impl Fn(&str) -> ServerScript + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free loopback port");
        let address = listener.local_addr().expect("a bound socket's address");
        let connections = Arc::new(AtomicUsize::new(0));
        let open = Arc::new(AtomicUsize::new(0));
        let (counted, opened) = (connections.clone(), open.clone());
        let script = Arc::new(script);
        let accepting = tokio::spawn(async move {
            // A `JoinSet` aborts its tasks when it is dropped with this task.
            let mut playing = JoinSet::new();
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    // A test may use up all file descriptors, some of which will be free again.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                counted.fetch_add(1, Ordering::Relaxed);
                opened.fetch_add(1, Ordering::Relaxed);
                let (tls, script, opened) = (tls.clone(), script.clone(), opened.clone());
                playing.spawn(async move {
                    match tls {
                        None => perform(stream, cue, &*script).await,
                        Some(tls) => {
                            // Some tests refuse the handshake on purpose.
                            if let Ok(mut stream) = tls.accept(stream).await {
                                let _ = act(&mut stream, cue, &*script).await;
                            }
                        }
                    }
                    opened.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
        Self {
            address,
            connections,
            open,
            accepting: accepting.abort_handle(),
        }
    }

    /// The address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL `http://127.0.0.1:PORT` with `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The `https` URL with that host, the port and `path`.
    pub fn https(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.address.port())
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// The number of connections that neither side has closed.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// How a script ended.
#[derive(Debug, PartialEq, Eq)]
enum ScriptEnd {
    Close,
    Reset,
}

async fn perform(
    mut stream: TcpStream,
    cue: Cue,
    script: &(dyn Fn(&str) -> ServerScript + Send + Sync),
) {
    if act(&mut stream, cue, script).await == ScriptEnd::Reset {
        // With a linger time of zero, closing sends a reset.
        let _ = stream.set_zero_linger();
    }
}

/// Plays a script until it ends or the client leaves.
async fn act(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    cue: Cue,
    script: &(dyn Fn(&str) -> ServerScript + Send + Sync),
) -> ScriptEnd {
    let request = match cue {
        Cue::Connection => String::new(),
        Cue::Request => head(stream).await,
    };
    play(stream, script(&request)).await
}

/// Plays the steps of a script.
async fn play(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    script: ServerScript,
) -> ScriptEnd {
    for step in script {
        let done = match step {
            ServerStep::Send(bytes) => stream.write_all(&bytes).await,
            ServerStep::Wait(time) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
            ServerStep::Drip(bytes, apart) => drip(stream, &bytes, apart).await,
            ServerStep::Repeat(bytes) => loop {
                if let Err(gone) = stream.write_all(&bytes).await {
                    break Err(gone);
                }
            },
            ServerStep::Hang => {
                let mut ignored = [0; 1024];
                while stream.read(&mut ignored).await.is_ok_and(|count| count > 0) {}
                return ScriptEnd::Close;
            }
            ServerStep::Vanish => return ScriptEnd::Close,
            ServerStep::Reset => return ScriptEnd::Reset,
        };
        if done.is_err() {
            return ScriptEnd::Close;
        }
    }
    // Sends the closing alert of TLS, which closing alone does not.
    let _ = stream.shutdown().await;
    ScriptEnd::Close
}

async fn drip(
    stream: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    apart: Duration,
) -> std::io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
        tokio::time::sleep(apart).await;
    }
    Ok(())
}

/// Reads the head of a request, or as much of it as comes.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => head.extend_from_slice(&buffer[..count]),
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A port that listens with a full queue, so that clients wait for ever to connect.
#[derive(Debug)]
pub struct FullQueue {
    listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl FullQueue {
    /// Starts to listen, and fills the queue.
    pub async fn start() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind((Ipv4Addr::LOCALHOST, 0).into())
            .expect("a free loopback port");
        let listener = socket.listen(1).expect("a listening socket");
        let address = listener.local_addr().expect("a bound socket's address");
        let mut waiting = Vec::new();
        // The system may queue a few more than requested. The queue is full when a connection is
        // not established.
        while let Ok(connected) =
            tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await
        {
            waiting.push(connected.expect("the queue takes it, or keeps it waiting"));
        }
        Self {
            listener,
            _waiting: waiting,
        }
    }

    /// The address of the port.
    pub fn address(&self) -> SocketAddr {
        self.listener
            .local_addr()
            .expect("a bound socket's address")
    }
}
