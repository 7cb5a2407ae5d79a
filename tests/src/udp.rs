//! Far sides over UDP: one that relays to a real server and loses, doubles, delays or changes what
//! it carries, and one that answers whatever a test makes up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// No datagram is larger.
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
    /// It arrives later.
    Late(Duration),
    /// This arrives in its place.
    Changed(Vec<u8>),
}

/// Which way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the server.
    There,
    /// From the server.
    Back,
}

/// A far side, until it is dropped.
#[derive(Debug)]
pub struct Peer {
    port: u16,
    task: JoinHandle<()>,
}

impl Peer {
    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Relays to `server` on 127.0.0.1; `fate` is asked of each datagram, with how many have gone
    /// the same way before. Answers go to whoever asked last.
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

    /// Answers each datagram with those that `reply` makes of it.
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

/// A failed sending is a lost datagram: a stopped server's port refuses.
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
