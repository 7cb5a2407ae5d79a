//! The network between a program and a TCP server of a test, which the test can cut and mend.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::port::Port;

/// A port that leads to a server. While the link is cut, connections to the port are refused, and those
/// that were open are closed.
#[derive(Debug)]
pub struct NetworkLink {
    port: Port,
    server: SocketAddr,
    /// The task that accepts connections. It owns the tasks that carry them.
    carrying: JoinSet<()>,
}

impl NetworkLink {
    /// Opens a link to the server that listens there.
    pub async fn to(server: SocketAddr) -> Self {
        let mut link = Self {
            port: Port::claim(),
            server,
            carrying: JoinSet::new(),
        };
        link.mend().await;
        link
    }

    /// Where a program finds the server through this link.
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Cuts the link. Returns when nothing is carried any more.
    pub async fn cut(&mut self) {
        self.carrying.shutdown().await;
    }

    /// Opens the link again.
    pub async fn mend(&mut self) {
        let listener = TcpListener::bind(self.port.address()).await;
        let listener = listener.expect("the port is claimed for this link");
        let server = self.server;
        self.carrying.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                connections.spawn(async move {
                    // A connection that either side breaks is over for both.
                    if let Ok(mut far) = TcpStream::connect(server).await {
                        let _ = copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A server that sends back what it receives.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        address
    }

    async fn says(stream: &mut TcpStream) -> std::io::Result<u8> {
        stream.write_u8(7).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn a_cut_link_ends_what_it_carries_and_refuses_more_until_it_is_mended() {
        let mut link = NetworkLink::to(echo().await).await;
        let mut open = TcpStream::connect(link.address()).await.unwrap();
        assert_eq!(says(&mut open).await.unwrap(), 7);
        link.cut().await;
        assert!(says(&mut open).await.is_err(), "the connection is over");
        assert!(TcpStream::connect(link.address()).await.is_err());
        link.mend().await;
        let mut next = TcpStream::connect(link.address()).await.unwrap();
        assert_eq!(says(&mut next).await.unwrap(), 7);
    }
}
