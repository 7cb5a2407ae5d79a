//! How a handshake's connection is ended, and what the server says of our certificate meanwhile.

use std::io;
use std::time::Duration;

use rustls::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

/// How long the server is given to close its side too. Nothing depends on it.
const GOODBYE: Duration = Duration::from_millis(200);

/// No server says more before it closes.
const MOST_READS: usize = 16;

/// Says that it is over, and waits a moment for the server to say so too: a connection closed on
/// something unread would be reset.
pub(super) async fn close(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    stream.shutdown().await?;
    let (tcp, _) = stream.get_mut();
    let mut rest = [0; 1024];
    for _ in 0..MOST_READS {
        let read = timeout(GOODBYE, tcp.read(&mut rest)).await;
        if !matches!(read, Ok(Ok(1..))) {
            break;
        }
    }
    Ok(())
}

/// The same with a server that asked for a client certificate: since TLS 1.3 it judges that only
/// when the handshake is over for us. Returns the alert with which it refuses; `way` is how long
/// one way there and back takes.
pub(super) async fn hear_out(mut stream: TlsStream<TcpStream>, way: Duration) -> Option<Error> {
    /// The server has to verify the certificate first.
    const WAYS: u32 = 4;
    const LONGEST: Duration = Duration::from_secs(2);
    let patience = (GOODBYE + way * WAYS).min(LONGEST);
    let hear = async {
        stream.shutdown().await.ok()?;
        let mut rest = [0; 1024];
        for _ in 0..MOST_READS {
            match stream.read(&mut rest).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return alert(error),
            }
        }
        None
    };
    timeout(patience, hear).await.ok().flatten()
}

fn alert(error: io::Error) -> Option<Error> {
    let inner = error.into_inner()?.downcast::<Error>().ok()?;
    matches!(*inner, Error::AlertReceived(_)).then_some(*inner)
}
