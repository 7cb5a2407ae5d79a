//! Closes the connection of a handshake, and waits for the server's verdict on our client
//! certificate.

use std::io;
use std::time::Duration;

use rustls::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

/// How long the server may take to close its side as well. The result of the check does not depend
/// on it.
const CLOSE_WAIT: Duration = Duration::from_millis(200);

/// The largest number of reads before the connection is closed anyway.
const MAX_READS: usize = 16;

/// Closes TLS, and waits briefly for the server to close as well. A connection that is closed with
/// unread bytes would be reset.
pub(super) async fn close(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    stream.shutdown().await?;
    let (tcp, _) = stream.get_mut();
    let mut rest = [0; 1024];
    for _ in 0..MAX_READS {
        let read = timeout(CLOSE_WAIT, tcp.read(&mut rest)).await;
        if !matches!(read, Ok(Ok(1..))) {
            break;
        }
    }
    Ok(())
}

/// Closes TLS with a server that requested a client certificate. Since TLS 1.3 a server verifies it
/// only after the client has finished the handshake. Returns the alert with which it refuses.
/// `round_trip` is the time that TCP took to connect.
pub(super) async fn close_and_await_verdict(
    mut stream: TlsStream<TcpStream>,
    round_trip: Duration,
) -> Option<Error> {
    /// The number of round trips to wait, as the server has to verify the certificate first.
    const ROUND_TRIPS: u32 = 4;
    const LONGEST: Duration = Duration::from_secs(2);
    let wait = (CLOSE_WAIT + round_trip * ROUND_TRIPS).min(LONGEST);
    let read = async {
        stream.shutdown().await.ok()?;
        let mut rest = [0; 1024];
        for _ in 0..MAX_READS {
            match stream.read(&mut rest).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return alert(error),
            }
        }
        None
    };
    timeout(wait, read).await.ok().flatten()
}

fn alert(error: io::Error) -> Option<Error> {
    let inner = error.into_inner()?.downcast::<Error>().ok()?;
    matches!(*inner, Error::AlertReceived(_)).then_some(*inner)
}
