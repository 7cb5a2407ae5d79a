//! Messages on their way between driver and server: each has its command, and each command has the
//! largest answer that is let through.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::dial::RelayStream;
use super::{Findings, handshake};

/// A message's header: its length, two numbers of no interest here, and its kind.
const HEADER: usize = 16;

/// The one kind that the driver speaks. Compressed ones are another: none is agreed upon, and none
/// is let through.
const OP_MSG: i32 = 2013;

/// So much of a request is looked at to find its command's name.
const LOOK: usize = 64;

/// The largest answer to a command that greets, logs in, or says goodbye; also what a server says
/// without being asked. The hello of 50 hosts with the longest names is 15 KiB.
const HANDSHAKE: usize = 64 * 1024;

/// The largest answer to a question for documents: what a server itself keeps to, 16 MiB of
/// documents and what is around them.
const DOCUMENTS: usize = 16 * 1024 * 1024 + 64 * 1024;

/// The largest answer to anything else: a thousand refused documents, with a kilobyte about each.
const OTHERS: usize = 4 * 1024 * 1024;

/// How a connection ended.
pub(super) enum ConnectionEnd {
    /// One side closed it, or it broke.
    Closed,
    /// The server went beyond a bound: which, for a person.
    Refused(String),
}

impl From<io::Error> for ConnectionEnd {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

/// Passes messages between the two until one is gone.
pub(super) async fn pass(
    mut driver: TcpStream,
    server: Box<dyn RelayStream>,
    findings: &Findings,
) -> ConnectionEnd {
    // Until the driver has asked something.
    let most = AtomicUsize::new(HANDSHAKE);
    let (from_driver, to_driver) = driver.split();
    let (from_server, to_server) = tokio::io::split(server);
    let end = tokio::select! {
        end = requests(from_driver, to_server, &most) => end,
        end = answers(from_server, to_driver, &most, findings) => end,
    };
    end.err().unwrap_or(ConnectionEnd::Closed)
}

/// Passes what the driver asks, and notes how large the answer may be.
async fn requests(
    mut driver: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    most: &AtomicUsize,
) -> Result<(), ConnectionEnd> {
    loop {
        let mut message = vec![0; HEADER];
        driver.read_exact(&mut message).await?;
        let rest = number(&message, 0).saturating_sub(HEADER);
        message.resize(HEADER + rest.min(LOOK), 0);
        driver.read_exact(&mut message[HEADER..]).await?;
        most.store(largest_answer(&message[HEADER..]), Ordering::Relaxed);
        server.write_all(&message).await?;
        let rest = rest.saturating_sub(LOOK);
        copy(&mut driver, &mut server, rest).await?;
    }
}

/// Passes what the server answers, as far as it may be passed.
async fn answers(
    mut server: impl AsyncRead + Unpin,
    mut driver: impl AsyncWrite + Unpin,
    most: &AtomicUsize,
    findings: &Findings,
) -> Result<(), ConnectionEnd> {
    loop {
        let mut header = [0; HEADER];
        server.read_exact(&mut header).await?;
        if number(&header, 12) != OP_MSG as usize {
            return Err(ConnectionEnd::Refused(
                "it does not answer as a MongoDB does".into(),
            ));
        }
        // Whatever comes next without a new question is not asked for.
        let most = most.swap(HANDSHAKE, Ordering::Relaxed);
        let length = number(&header, 0);
        if length > most {
            return Err(ConnectionEnd::Refused(format!(
                "one of its answers is longer than the bound of {most} bytes"
            )));
        }
        let rest = length.saturating_sub(HEADER);
        if most > HANDSHAKE {
            driver.write_all(&header).await?;
            copy(&mut server, &mut driver, rest).await?;
            continue;
        }
        let mut message = header.to_vec();
        message.resize(HEADER + rest, 0);
        server.read_exact(&mut message[HEADER..]).await?;
        handshake::check(&message[HEADER..], &mut findings.found().hosts)
            .map_err(ConnectionEnd::Refused)?;
        driver.write_all(&message).await?;
        driver.flush().await?;
    }
}

async fn copy(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    count: usize,
) -> io::Result<()> {
    let copied = tokio::io::copy(&mut from.take(count as u64), to).await?;
    to.flush().await?;
    if copied < count as u64 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// The number at a place of a header; a negative one is beyond every bound.
fn number(header: &[u8], at: usize) -> usize {
    let bytes = header.get(at..).and_then(|bytes| bytes.first_chunk());
    let number = bytes.map_or(-1, |bytes| i32::from_le_bytes(*bytes));
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The largest answer to the request that begins so.
fn largest_answer(request: &[u8]) -> usize {
    match command(request).unwrap_or_default() {
        b"hello" | b"isMaster" | b"ismaster" | b"ping" | b"authenticate" | b"saslStart"
        | b"saslContinue" | b"endSessions" | b"killCursors" => HANDSHAKE,
        b"find" | b"getMore" | b"aggregate" | b"distinct" => DOCUMENTS,
        _ => OTHERS,
    }
}

/// The name of a request's command: that of its first element, behind four bytes of flags, one of
/// the section's kind, four of the document's length and one of the element's type.
fn command(request: &[u8]) -> Option<&[u8]> {
    let name = request.get(10..)?;
    let end = name.iter().position(|byte| *byte == 0)?;
    Some(&name[..end])
}
