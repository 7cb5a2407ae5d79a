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

use crate::CheckContext;
use crate::net::fault::{self, Fault};
use crate::net::names::NameResolver;

/// The longest pause before a question is first sent again; each further one is twice as long.
const FIRST_PAUSE_AT_MOST: Duration = Duration::from_secs(1);
/// The longest pause before the next address is tried beside the silent ones (RFC 8305, 5).
const NEXT_ADDRESS: Duration = Duration::from_millis(250);
/// The most addresses that are waited for at once.
const OPEN_AT_MOST: usize = 16;
/// No UDP payload is larger.
const LARGEST: usize = 65_535;
/// So many answers of one address that cannot be understood are enough to say so.
const MALFORMED_AT_MOST: usize = 3;
/// So many answers to other questions (late ones, doubles) are put up with.
const STRAYS_AT_MOST: usize = 100;

/// What a datagram turned out to be.
pub(super) enum ReceivedDatagram<T> {
    /// The answer.
    Answer(T),
    /// An answer to another question: a late one, or a double.
    Stray,
    /// Not what the protocol allows, and how so.
    Malformed(String),
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum LinkFailure {
    /// Nothing came.
    Silence,
    /// Something is wrong.
    Fault(Fault),
}

impl From<Fault> for LinkFailure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The way to one agent. It begins with every address of the agent's name, and keeps the one that
/// answers.
pub(super) struct AgentLink<'a> {
    target: &'a str,
    first_pause: Duration,
    /// Addresses not tried yet, the best of them last.
    untried: Vec<SocketAddr>,
    open: Vec<AddressSocket>,
}

/// A socket to one address, and what came from there.
struct AddressSocket {
    socket: UdpSocket,
    /// It has yet to be sent the question.
    is_due: bool,
    malformed: usize,
    strays: usize,
}

impl<'a> AgentLink<'a> {
    /// Resolves the agent's name, by the deadline. Messages call the agent `target`.
    pub(super) async fn to(
        names: &NameResolver,
        (host, port): (&str, u16),
        target: &'a str,
        probe: &CheckContext,
    ) -> Result<Self, Fault> {
        let resolving = names.addresses(host, port, None);
        let Ok(found) = timeout_at(probe.deadline, resolving).await else {
            let text = format!("cannot resolve {host}: no answer within {}", within(probe));
            return Err(Fault::new(CauseCode::Dns, text));
        };
        Ok(Self::over(found?, target, probe))
    }

    /// To those addresses, the best of them first.
    fn over(mut addresses: Vec<SocketAddr>, target: &'a str, probe: &CheckContext) -> Self {
        addresses.reverse();
        Self {
            target,
            // A timeout of 10 s sends at 0, 1, 3 and 7 s.
            first_pause: (probe.timeout / 10).min(FIRST_PAUSE_AT_MOST),
            untried: addresses,
            open: Vec::new(),
        }
    }

    /// What messages call the agent.
    pub(super) fn target(&self) -> &'a str {
        self.target
    }

    /// Sends `message` until something comes back that `read` takes for its answer. A further
    /// address is tried beside those before when they stay silent, so soon that all are tried in
    /// the first half of the time.
    pub(super) async fn exchange<T>(
        &mut self,
        message: &[u8],
        until: Instant,
        mut read: impl FnMut(&[u8]) -> ReceivedDatagram<T>,
    ) -> Result<T, LinkFailure> {
        // Reserved, not filled: pages that no datagram reaches cost nothing.
        let mut buffer = Vec::with_capacity(LARGEST);
        let mut oddity = None;
        let start = Instant::now();
        let share = until.saturating_duration_since(start) / 2;
        let step = NEXT_ADDRESS.min(share / self.untried.len().max(1) as u32);
        let (mut send_at, mut pause) = (start, self.first_pause);
        let mut open_at = start + step;
        if self.open.is_empty() {
            self.open_next().await?;
        }
        if self.open.is_empty() {
            // Every address has been given up before.
            return Err(LinkFailure::Silence);
        }
        while Instant::now() < until {
            if Instant::now() >= send_at {
                self.all_due();
                send_at = Instant::now() + pause;
                pause *= 2;
            }
            if Instant::now() >= open_at {
                self.open_next().await?;
                open_at = Instant::now() + step;
            }
            self.send(message).await?;
            let wake = if self.untried.is_empty() {
                send_at
            } else {
                send_at.min(open_at)
            };
            match timeout_at(until.min(wake), self.receive(&mut buffer)).await {
                Err(_) => {}
                Ok((index, Err(error))) => self.give_up(index, &error).await?,
                Ok((index, Ok(()))) => match read(&buffer) {
                    ReceivedDatagram::Answer(answer) => {
                        self.keep_only(index);
                        return Ok(answer);
                    }
                    heard => {
                        if let Some(how) = self.open[index].mind(heard) {
                            oddity = Some(how);
                        }
                        if self.open[index].is_too_odd() {
                            self.open.swap_remove(index);
                            self.open_next().await?;
                        }
                        if self.open.is_empty() {
                            break;
                        }
                    }
                },
            }
        }
        Err(oddity.map_or(LinkFailure::Silence, |how| odd(self.target, &how)))
    }

    /// Waits for a datagram on any of the open sockets, of which there is one, or for an error.
    async fn receive(&self, buffer: &mut Vec<u8>) -> (usize, io::Result<()>) {
        loop {
            let ways = self.open.iter();
            // An ICMP error makes a socket not readable, but erroneous.
            let interest = Interest::READABLE | Interest::ERROR;
            let waiting = ways.map(|way| Box::pin(way.socket.ready(interest)));
            let (ready, index, _) = select_all(waiting).await;
            let socket = &self.open[index].socket;
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

    fn all_due(&mut self) {
        for way in &mut self.open {
            way.is_due = true;
        }
    }

    /// Sends to those that are due.
    async fn send(&mut self, message: &[u8]) -> Result<(), Fault> {
        let mut index = 0;
        while let Some(way) = self.open.get_mut(index) {
            if !std::mem::take(&mut way.is_due) {
                index += 1;
                continue;
            }
            match way.socket.send(message).await {
                Ok(_) => index += 1,
                // What takes its place here is looked at next.
                Err(error) => self.give_up(index, &error).await?,
            }
        }
        Ok(())
    }

    /// Opens the next address that can be, if there is one. Where many are open and silent, it
    /// takes the place of the one that has been so for longest.
    async fn open_next(&mut self) -> Result<(), Fault> {
        while let Some(address) = self.untried.pop() {
            match open(address).await {
                Ok(socket) => {
                    if self.open.len() >= OPEN_AT_MOST {
                        self.open.remove(0);
                    }
                    self.open.push(AddressSocket {
                        socket,
                        is_due: true,
                        malformed: 0,
                        strays: 0,
                    });
                    break;
                }
                Err(error) => self.is_hopeless(&error)?,
            }
        }
        Ok(())
    }

    /// Closes an address that failed; the next one takes its place.
    async fn give_up(&mut self, index: usize, error: &io::Error) -> Result<(), Fault> {
        self.open.remove(index);
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
        for way in &mut self.open {
            (way.malformed, way.strays) = (0, 0);
        }
    }
}

impl AddressSocket {
    /// Counts what was no answer. Says what is wrong with it, unless it may answer another
    /// question.
    fn mind<T>(&mut self, heard: ReceivedDatagram<T>) -> Option<String> {
        match heard {
            ReceivedDatagram::Answer(_) => None,
            ReceivedDatagram::Stray => {
                self.strays += 1;
                (self.strays > STRAYS_AT_MOST).then(|| "it answers what it was not asked".into())
            }
            ReceivedDatagram::Malformed(how) => {
                self.malformed += 1;
                self.is_due = true;
                Some(how)
            }
        }
    }

    fn is_too_odd(&self) -> bool {
        self.malformed >= MALFORMED_AT_MOST || self.strays > STRAYS_AT_MOST
    }
}

/// What it means that no answer came, but something else.
fn odd(target: &str, how: &str) -> LinkFailure {
    let text = format!("{target} does not answer as SNMP does: {how}");
    Fault::new(CauseCode::Protocol, text).into()
}

/// The error that waits on a socket; `WouldBlock` when there is none.
fn pending_error(socket: &UdpSocket) -> io::Result<()> {
    Err(socket
        .take_error()?
        .unwrap_or(io::ErrorKind::WouldBlock.into()))
}

/// The timeout of a check, in words.
pub(super) fn within(probe: &CheckContext) -> String {
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

#[cfg(test)]
mod tests;
