//! The kernel's word that a link, an address or a route has changed, over rtnetlink. What exactly
//! changed is not read: the routes are then looked at as a whole.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram as Datagrams;

use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
use tokio::net::UnixDatagram;

/// `RTMGRP_LINK`, `_IPV4_IFADDR`, `_IPV4_ROUTE`, `_IPV6_IFADDR`, `_IPV6_ROUTE` of rtnetlink(7).
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/// A bell that rings when something changed. Silent where the system refuses to say.
pub(super) struct RouteEvents {
    /// A netlink socket: to tokio and to read(2) it is like any other socket of datagrams.
    socket: Option<UnixDatagram>,
}

impl RouteEvents {
    /// Listens from now on.
    pub(super) fn open() -> Self {
        Self {
            socket: listen().ok(),
        }
    }

    /// Waits until something has changed. It goes on ringing until [`Bell::hush`], so that a burst
    /// is one ring.
    pub(super) async fn rung(&mut self) {
        let readable = match &self.socket {
            Some(socket) => socket.readable().await,
            None => std::future::pending().await,
        };
        if readable.is_err() {
            self.socket = None;
            std::future::pending::<()>().await;
        }
    }

    /// Forgets what rang until now: called before looking, so that nothing is missed.
    pub(super) fn hush(&mut self) {
        let Some(socket) = &self.socket else { return };
        let mut bytes = [0_u8; 8_192];
        loop {
            match socket.try_recv(&mut bytes) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // An overflow only means that more has changed than fits.
                Err(error) if error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => {}
                Err(_) => break,
            }
        }
        self.socket = None;
    }
}

fn listen() -> io::Result<UnixDatagram> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let kind = SocketType::RAW;
    // Without a protocol it is NETLINK_ROUTE, whose number is 0.
    let socket: OwnedFd = socket_with(AddressFamily::NETLINK, kind, flags, None)?;
    bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
    UnixDatagram::from_std(Datagrams::from(socket))
}
