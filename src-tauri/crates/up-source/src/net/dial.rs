//! Opening a TCP connection to the first of several addresses that takes it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;

/// How long one address may keep silent before the next is tried beside it (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to one of `addresses`, of which there must be one. When all fail, the first's error is
/// told: it is the one that the system would rather have used.
pub(crate) async fn dial(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    if let [only] = addresses {
        return TcpStream::connect(only).await;
    }
    let mut waiting = addresses.iter();
    let mut racing = FuturesUnordered::new();
    let mut failure = None;
    loop {
        if let Some(next) = waiting.next() {
            racing.push(TcpStream::connect(next));
        }
        let ended = if waiting.len() == 0 {
            racing.next().await
        } else {
            match tokio::time::timeout(STAGGER, racing.next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        };
        match ended {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => {
                failure.get_or_insert(error);
            }
            None => {
                let none = || io::Error::new(io::ErrorKind::NotFound, "there is no address");
                return Err(failure.unwrap_or_else(none));
            }
        }
    }
}
