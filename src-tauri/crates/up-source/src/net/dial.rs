//! Opening a TCP connection to the first of several addresses that takes it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::stagger::staggered;

/// How long one address may keep silent before the next is tried beside it (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to one of `addresses`, of which there must be one. When all fail, the first's error is
/// told: it is the one that the system would rather have used.
pub(crate) async fn dial(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let attempts = addresses.iter().map(TcpStream::connect);
    staggered(attempts, STAGGER).await.map_err(|failures| {
        let none = || io::Error::new(io::ErrorKind::NotFound, "there is no address");
        failures.into_iter().next().unwrap_or_else(none)
    })
}
