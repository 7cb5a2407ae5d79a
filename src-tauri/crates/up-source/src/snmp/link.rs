//! Datagrams to one agent and back. UDP loses some, so a question is sent again, unchanged, while
//! its answer is waited for.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::future::select_all;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};
use up_core::{CauseCode, phrase};

use crate::Probe;
use crate::net::fault::{self, Fault};
use crate::net::names::Names;

/// The longest pause before a question is first sent again; each further one is twice as long.
const FIRST_PAUSE_AT_MOST: Duration = Duration::from_secs(1);
/// No UDP payload is larger.
const LARGEST: usize = 65_535;
/// So many answers that cannot be understood are enough to say so.
const MALFORMED_AT_MOST: usize = 3;
/// So many answers to other questions (late ones, doubles) are put up with.
const STRAYS_AT_MOST: usize = 100;

/// What a datagram turned out to be.
pub(super) enum Heard<T> {
    /// The answer.
    Answer(T),
    /// An answer to another question: a late one, or a double.
    Stray,
    /// Not what the protocol allows, and how so.
    Malformed(String),
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing came.
    Silence,
    /// Something is wrong.
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The way to one agent. It begins with every address of the agent's name, and keeps the one that
/// answers.
pub(super) struct Link<'a> {
    target: &'a str,
    first_pause: Duration,
    /// Addresses not tried yet, the best of them last.
    untried: Vec<SocketAddr>,
    open: Vec<UdpSocket>,
}

impl<'a> Link<'a> {
    /// Resolves the agent's name, by the deadline. Messages call the agent `target`.
    pub(super) async fn to(
        names: &Names,
        (host, port): (&str, u16),
        target: &'a str,
        probe: &Probe,
    ) -> Result<Self, Fault> {
        let resolving = names.addresses(host, port, None);
        let Ok(found) = timeout_at(probe.deadline, resolving).await else {
            let text = format!("cannot resolve {host}: no answer within {}", within(probe));
            return Err(Fault::new(CauseCode::Dns, text));
        };
        let mut untried = found?;
        untried.reverse();
        Ok(Self {
            target,
            // A timeout of 10 s sends at 0, 1, 3 and 7 s.
            first_pause: (probe.timeout / 10).min(FIRST_PAUSE_AT_MOST),
            untried,
            open: Vec::new(),
        })
    }

    /// What messages call the agent.
    pub(super) fn target(&self) -> &'a str {
        self.target
    }

    /// Sends `message` until something comes back that `read` takes for its answer.
    pub(super) async fn exchange<T>(
        &mut self,
        message: &[u8],
        until: Instant,
        mut read: impl FnMut(&[u8]) -> Heard<T>,
    ) -> Result<T, Failure> {
        // Reserved, not filled: pages that no datagram reaches cost nothing.
        let mut buffer = Vec::with_capacity(LARGEST);
        let mut odd = Odd::default();
        let (mut send_at, mut pause) = (Instant::now(), self.first_pause);
        if self.open.is_empty() {
            self.open_next().await?;
        }
        if self.open.is_empty() {
            // Every address has been given up before.
            return Err(Failure::Silence);
        }
        while Instant::now() < until && !odd.too_much() {
            if Instant::now() >= send_at {
                self.send(message).await?;
                send_at = until.min(Instant::now() + pause);
                pause *= 2;
            }
            match timeout_at(send_at, self.receive(&mut buffer)).await {
                // The next address may do better, and this one may still answer.
                Err(_) => self.open_next().await?,
                Ok((index, Err(error))) => {
                    self.give_up(index, &error).await?;
                    send_at = Instant::now();
                }
                Ok((index, Ok(()))) => match read(&buffer) {
                    Heard::Answer(answer) => {
                        self.keep_only(index);
                        return Ok(answer);
                    }
                    Heard::Stray => odd.strays += 1,
                    Heard::Malformed(how) => {
                        odd.malformed.push(how);
                        send_at = Instant::now();
                    }
                },
            }
        }
        Err(odd.failure(self.target))
    }

    /// Waits for a datagram on any of the open sockets, of which there is one, or for an error.
    async fn receive(&self, buffer: &mut Vec<u8>) -> (usize, io::Result<()>) {
        loop {
            let sockets = self.open.iter();
            // An ICMP error makes a socket not readable, but erroneous.
            let waiting = sockets.map(|s| Box::pin(s.ready(Interest::READABLE | Interest::ERROR)));
            let (ready, index, _) = select_all(waiting).await;
            let socket = &self.open[index];
            buffer.clear();
            let received = ready.and_then(|ready| {
                if ready.is_error() {
                    socket.try_io(Interest::ERROR, || pending_error(socket))
                } else {
                    socket.try_recv_buf(buffer).map(drop)
                }
            });
            match received {
                // Not ready after all, and noted as such by that.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return (index, received),
            }
        }
    }

    async fn send(&mut self, message: &[u8]) -> Result<(), Fault> {
        let mut index = 0;
        while let Some(socket) = self.open.get(index) {
            match socket.send(message).await {
                Ok(_) => index += 1,
                Err(error) => self.give_up(index, &error).await?,
            }
        }
        Ok(())
    }

    /// Opens the next address that can be, if there is one.
    async fn open_next(&mut self) -> Result<(), Fault> {
        while let Some(address) = self.untried.pop() {
            match open(address).await {
                Ok(socket) => {
                    self.open.push(socket);
                    break;
                }
                Err(error) => self.is_hopeless(&error)?,
            }
        }
        Ok(())
    }

    /// Closes an address that failed; the next one takes its place.
    async fn give_up(&mut self, index: usize, error: &io::Error) -> Result<(), Fault> {
        self.open.swap_remove(index);
        self.is_hopeless(error)?;
        self.open_next().await
    }

    /// The last error is the one that is told.
    fn is_hopeless(&self, error: &io::Error) -> Result<(), Fault> {
        if self.open.is_empty() && self.untried.is_empty() {
            return Err(fault::from_io(error, self.target));
        }
        Ok(())
    }

    fn keep_only(&mut self, index: usize) {
        self.untried.clear();
        self.open.swap(0, index);
        self.open.truncate(1);
    }
}

/// The error that waits on a socket; `WouldBlock` when there is none.
fn pending_error(socket: &UdpSocket) -> io::Result<()> {
    Err(socket
        .take_error()?
        .unwrap_or(io::ErrorKind::WouldBlock.into()))
}

/// What came instead of an answer.
#[derive(Default)]
struct Odd {
    malformed: Vec<String>,
    strays: usize,
}

impl Odd {
    fn too_much(&self) -> bool {
        self.malformed.len() >= MALFORMED_AT_MOST || self.strays > STRAYS_AT_MOST
    }

    fn failure(mut self, target: &str) -> Failure {
        let how = match self.malformed.pop() {
            Some(how) => how,
            None if self.strays > STRAYS_AT_MOST => "it answers what it was not asked".into(),
            None => return Failure::Silence,
        };
        let text = format!("{target} does not answer as SNMP does: {how}");
        Fault::new(CauseCode::Protocol, text).into()
    }
}

/// The timeout of a check, in words.
pub(super) fn within(probe: &Probe) -> String {
    phrase::seconds(probe.timeout.as_secs_f64()).unwrap_or_else(|| "0s".into())
}

/// A socket of its own for each check, so that no answer to an earlier one reaches it. Connected,
/// so that only the agent is heard, and its host's ICMP errors are.
async fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(address).await?;
    Ok(socket)
}
