//! UDP peers: a relay to a real server that loses, doubles, delays or changes datagrams, and a peer
//! that answers as a test wants.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// The largest datagram in bytes.
const LARGEST: usize = 65_535;

/// What becomes of a datagram.
#[derive(Clone, Debug)]
pub enum DatagramFate {
    /// It arrives.
    Pass,
    /// It is lost.
    Lost,
    /// It arrives twice.
    Twice,
    /// It arrives after that time.
    Late(Duration),
    /// These bytes arrive in its place.
    Changed(Vec<u8>),
}

/// The direction of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the server.
    There,
    /// From the server.
    Back,
}

/// A running peer. It ends when it is dropped.
#[derive(Debug)]
pub struct Peer {
    port: u16,
    task: JoinHandle<()>,
}

impl Peer {
    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Relays to `server` on 127.0.0.1. `fate` decides about each datagram, by its direction and
    /// the number of datagrams before it in that direction. Answers go to the last client.
    pub async fn relay(
        server: u16,
        mut fate: impl FnMut(Direction, usize, &[u8]) -> DatagramFate + Send + 'static,
    ) -> Self {
        let (front, port) = bind().await;
        let (back, _) = bind().await;
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, server));
        let task = tokio::spawn(async move {
            let (mut there, mut home) = (vec![0; LARGEST], vec![0; LARGEST]);
            let (mut asker, mut counts) = (None, [0; 2]);
            loop {
                let (way, datagram, socket, to) = tokio::select! {
                    Ok((length, from)) = front.recv_from(&mut there) => {
                        asker = Some(from);
                        (Direction::There, &there[..length], &back, server)
                    }
                    Ok((length, _)) = back.recv_from(&mut home) => {
                        let Some(asker) = asker else { continue };
                        (Direction::Back, &home[..length], &front, asker)
                    }
                };
                let count = &mut counts[usize::from(way == Direction::Back)];
                deliver(fate(way, *count, datagram), datagram, socket, to).await;
                *count += 1;
            }
        });
        Self { port, task }
    }

    /// Answers each datagram with those that `reply` returns.
    pub async fn answering(mut reply: impl FnMut(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let (socket, port) = bind().await;
        let task = tokio::spawn(async move {
            let mut buffer = vec![0; LARGEST];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                for answer in reply(&buffer[..length]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        Self { port, task }
    }

    /// Never answers.
    pub async fn silent() -> Self {
        Self::answering(|_| Vec::new()).await
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn bind() -> (Arc<UdpSocket>, u16) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let socket = socket.expect("a socket on the loopback");
    let port = socket
        .local_addr()
        .expect("a bound socket's address")
        .port();
    (Arc::new(socket), port)
}

/// Delivers a datagram. A failure counts as a lost datagram: the port of a stopped server refuses.
async fn deliver(fate: DatagramFate, datagram: &[u8], socket: &Arc<UdpSocket>, to: SocketAddr) {
    match fate {
        DatagramFate::Lost => {}
        DatagramFate::Pass => drop(socket.send_to(datagram, to).await),
        DatagramFate::Changed(other) => drop(socket.send_to(&other, to).await),
        DatagramFate::Twice => {
            let _ = socket.send_to(datagram, to).await;
            let _ = socket.send_to(datagram, to).await;
        }
        DatagramFate::Late(by) => {
            let (datagram, socket) = (datagram.to_vec(), Arc::clone(socket));
            tokio::spawn(async move {
                tokio::time::sleep(by).await;
                let _ = socket.send_to(&datagram, to).await;
            });
        }
    }
}
