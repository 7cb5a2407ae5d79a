//! UDP between Up and one agent. UDP loses datagrams, so that a request is sent again, unchanged,
//! while its answer is awaited.

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

/// The longest pause before a request is sent again for the first time. Each further pause is twice
/// as long as the one before.
const MAX_FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause before the next address is tried beside those that keep silent (RFC 8305,
/// section 5).
const NEXT_ADDRESS: Duration = Duration::from_millis(250);
/// The largest number of addresses that are waited for at once.
const MAX_OPEN: usize = 16;
/// The largest UDP payload in bytes.
const MAX_PAYLOAD: usize = 65_535;
/// An address that sent this many unreadable datagrams is given up.
const MAX_MALFORMED: usize = 3;
/// The largest number of answers to other requests (late or duplicate ones) that are ignored for
/// each address.
const MAX_STRAYS: usize = 100;

/// What a datagram turned out to be.
pub(super) enum ReceivedDatagram<T> {
    /// The answer to the request.
    Answer(T),
    /// An answer to another request: a late or duplicate one.
    Stray,
    /// No message that the protocol allows, and what is wrong with it.
    Malformed(String),
}

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum LinkFailure {
    /// Nothing came in time.
    Silence,
    /// The agent or this machine failed.
    Fault(Fault),
}

impl From<Fault> for LinkFailure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The sockets to one agent. It starts with all addresses of the agent's host name and keeps the
/// one that answers first.
pub(super) struct AgentLink<'a> {
    target: &'a str,
    first_pause: Duration,
    /// The addresses that have not been tried. The best is the last.
    untried: Vec<SocketAddr>,
    open: Vec<AddressSocket>,
}

/// A socket to one address, and counts of what came from there.
struct AddressSocket {
    socket: UdpSocket,
    /// True if the request is still to be sent over it.
    is_due: bool,
    malformed: usize,
    strays: usize,
}

impl<'a> AgentLink<'a> {
    /// Resolves the host name of the agent by the deadline. Messages name the agent `target`.
    pub(super) async fn to(
        names: &NameResolver,
        (host, port): (&str, u16),
        target: &'a str,
        context: &CheckContext,
    ) -> Result<Self, Fault> {
        let resolving = names.addresses(host, port, None);
        let Ok(found) = timeout_at(context.deadline, resolving).await else {
            let text = format!(
                "cannot resolve {host}: no answer within {}",
                timeout_text(context)
            );
            return Err(Fault::new(CauseCode::Dns, text));
        };
        Ok(Self::over(found?, target, context))
    }

    /// A link to `addresses`, of which the first is the best.
    fn over(mut addresses: Vec<SocketAddr>, target: &'a str, context: &CheckContext) -> Self {
        addresses.reverse();
        Self {
            target,
            // With a timeout of 10 s, requests are sent after 0, 1, 3 and 7 s.
            first_pause: (context.timeout / 10).min(MAX_FIRST_PAUSE),
            untried: addresses,
            open: Vec::new(),
        }
    }

    /// How messages name the agent.
    pub(super) fn target(&self) -> &'a str {
        self.target
    }

    /// Sends `message`, again and again, until `until` or until a datagram comes that `read` takes
    /// for its answer. While the addresses that were tried keep silent, further ones are tried
    /// beside them, so soon that all have been tried in the first half of the time.
    pub(super) async fn exchange<T>(
        &mut self,
        message: &[u8],
        until: Instant,
        mut read: impl FnMut(&[u8]) -> ReceivedDatagram<T>,
    ) -> Result<T, LinkFailure> {
        // The buffer is only reserved, so that pages no datagram reaches take no memory.
        let mut buffer = Vec::with_capacity(MAX_PAYLOAD);
        let mut malformed = None;
        let start = Instant::now();
        let share = until.saturating_duration_since(start) / 2;
        let step = NEXT_ADDRESS.min(share / self.untried.len().max(1) as u32);
        let (mut send_at, mut pause) = (start, self.first_pause);
        let mut open_at = start + step;
        if self.open.is_empty() {
            self.open_next().await?;
        }
        if self.open.is_empty() {
            // Every address was given up in an earlier exchange.
            return Err(LinkFailure::Silence);
        }
        while Instant::now() < until {
            if Instant::now() >= send_at {
                self.mark_all_due();
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
                    other => {
                        if let Some(how) = self.open[index].count_unusable(other) {
                            malformed = Some(how);
                        }
                        if self.open[index].is_unusable() {
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
        Err(malformed.map_or(LinkFailure::Silence, |how| {
            protocol_failure(self.target, &how)
        }))
    }

    /// Waits for a datagram or an error on any of the open sockets, of which there must be one.
    /// Returns the index of the socket.
    async fn receive(&self, buffer: &mut Vec<u8>) -> (usize, io::Result<()>) {
        loop {
            let ways = self.open.iter();
            // An ICMP error makes a socket erroneous, not readable.
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
                // The socket was not ready after all, and the attempt noted that.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return (index, received),
            }
        }
    }

    /// Marks the request as still to be sent over every open socket.
    fn mark_all_due(&mut self) {
        for way in &mut self.open {
            way.is_due = true;
        }
    }

    /// Sends the request over all sockets that are due.
    async fn send(&mut self, message: &[u8]) -> Result<(), Fault> {
        let mut index = 0;
        while let Some(way) = self.open.get_mut(index) {
            if !std::mem::take(&mut way.is_due) {
                index += 1;
                continue;
            }
            match way.socket.send(message).await {
                Ok(_) => index += 1,
                // The next loop looks at the socket that took this place.
                Err(error) => self.give_up(index, &error).await?,
            }
        }
        Ok(())
    }

    /// Opens a socket to the next address that allows it, if any. If too many are open, the socket
    /// that was opened first is closed.
    async fn open_next(&mut self) -> Result<(), Fault> {
        while let Some(address) = self.untried.pop() {
            match open(address).await {
                Ok(socket) => {
                    if self.open.len() >= MAX_OPEN {
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
                Err(error) => self.fail_if_last(&error)?,
            }
        }
        Ok(())
    }

    /// Closes the socket of an address that failed, and opens the next.
    async fn give_up(&mut self, index: usize, error: &io::Error) -> Result<(), Fault> {
        self.open.remove(index);
        self.fail_if_last(error)?;
        self.open_next().await
    }

    /// Fails with `error` if no other address is left.
    fn fail_if_last(&self, error: &io::Error) -> Result<(), Fault> {
        if self.open.is_empty() && self.untried.is_empty() {
            return Err(fault::from_io(error, self.target));
        }
        Ok(())
    }

    /// Closes all sockets but the one of the address that answered.
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
    /// Counts a datagram that is no answer. Returns what is wrong with it, unless it may be the
    /// answer to another request.
    fn count_unusable<T>(&mut self, other: ReceivedDatagram<T>) -> Option<String> {
        match other {
            ReceivedDatagram::Answer(_) => None,
            ReceivedDatagram::Stray => {
                self.strays += 1;
                (self.strays > MAX_STRAYS).then(|| "it sends answers to other requests".into())
            }
            ReceivedDatagram::Malformed(how) => {
                self.malformed += 1;
                self.is_due = true;
                Some(how)
            }
        }
    }

    /// True if the address sent so much else that it is given up.
    fn is_unusable(&self) -> bool {
        self.malformed >= MAX_MALFORMED || self.strays > MAX_STRAYS
    }
}

/// The failure of an agent that sent something else than an answer.
fn protocol_failure(target: &str, how: &str) -> LinkFailure {
    let text = format!("{target} does not answer as SNMP does: {how}");
    Fault::new(CauseCode::Protocol, text).into()
}

/// Takes the pending error from a socket. The error is `WouldBlock` if there is none.
fn pending_error(socket: &UdpSocket) -> io::Result<()> {
    Err(socket
        .take_error()?
        .unwrap_or(io::ErrorKind::WouldBlock.into()))
}

/// The timeout of a check as a text, such as `10s`.
pub(super) fn timeout_text(context: &CheckContext) -> String {
    phrase::seconds(context.timeout.as_secs_f64()).unwrap_or_else(|| "0s".into())
}

/// Opens a socket for one check, so that no answer to an earlier check reaches it. It is connected,
/// so that it receives datagrams of the agent only, and ICMP errors of its host.
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
