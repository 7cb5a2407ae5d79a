//! A server that plays a dialogue before TLS, by a script, to every client.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// One step of the script.
#[derive(Clone, Copy, Debug)]
pub enum StarttlsTurn {
    /// Sends these bytes.
    Say(&'static [u8]),
    /// Waits for bytes that begin with these, in upper or lower case.
    Hear(&'static [u8]),
    /// Sends these bytes for ever.
    Babble(&'static [u8]),
    /// Sends nothing more.
    Hang,
    /// Makes the TLS handshake.
    Tls,
}

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub struct StartTlsServer {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl StartTlsServer {
    /// Plays those steps, and then closes.
    pub async fn play(tls: TlsAcceptor, turns: &'static [StarttlsTurn]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free loopback port");
        let address = listener.local_addr().expect("a bound socket's address");
        let accepting = tokio::spawn(async move {
            // A `JoinSet` aborts its tasks when it is dropped with this task.
            let mut playing = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                playing.spawn(perform(stream, tls.clone(), turns));
            }
        });
        Self {
            address,
            accepting: accepting.abort_handle(),
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for StartTlsServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Plays the steps until the client sends something else or leaves.
async fn perform(mut stream: TcpStream, tls: TlsAcceptor, turns: &[StarttlsTurn]) {
    for turn in turns {
        let done = match turn {
            StarttlsTurn::Say(bytes) => stream.write_all(bytes).await.is_ok(),
            StarttlsTurn::Hear(bytes) => heard(&mut stream, bytes).await,
            StarttlsTurn::Babble(bytes) => {
                while stream.write_all(bytes).await.is_ok() {}
                false
            }
            StarttlsTurn::Hang => std::future::pending().await,
            StarttlsTurn::Tls => {
                if let Ok(mut stream) = tls.accept(stream).await {
                    // Waits until the client closes.
                    let _ = stream.read(&mut [0; 64]).await;
                    let _ = stream.shutdown().await;
                }
                return;
            }
        };
        if !done {
            return;
        }
    }
}

/// Reads as many bytes as expected, up to the end of the line if they are text. True if they are as
/// expected.
async fn heard(stream: &mut TcpStream, expected: &[u8]) -> bool {
    let mut bytes = vec![0; expected.len()];
    if stream.read_exact(&mut bytes).await.is_err() || !bytes.eq_ignore_ascii_case(expected) {
        return false;
    }
    let is_text = expected.iter().all(u8::is_ascii_graphic);
    while is_text && bytes.last() != Some(&b'\n') {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => return false,
        }
    }
    true
}
