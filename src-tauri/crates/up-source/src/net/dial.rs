//! Opens a TCP connection to the first of several addresses that accepts one.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::stagger::staggered;

/// How long one connection attempt runs alone before the next address is tried beside it (RFC 8305,
/// section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to one of `addresses`, which must not be empty. If all attempts fail, the error is that
/// of the first, which is the address that the system prefers.
pub(crate) async fn dial(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let attempts = addresses.iter().map(TcpStream::connect);
    staggered(attempts, STAGGER).await.map_err(|failures| {
        let none = || io::Error::new(io::ErrorKind::NotFound, "there is no address");
        failures.into_iter().next().unwrap_or_else(none)
    })
}
