//! Reports of the kernel that a link, an address or a route has changed, over rtnetlink. The
//! contents of the messages are not read: any message only makes the engine read all routes again.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram as Datagrams;

use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
use tokio::net::UnixDatagram;

/// The multicast groups `RTMGRP_LINK`, `_IPV4_IFADDR`, `_IPV4_ROUTE`, `_IPV6_IFADDR`, `_IPV6_ROUTE`
/// of rtnetlink(7).
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/// Reports when a link, an address or a route changed. Reports nothing where the system refuses the
/// socket.
pub(super) struct RouteEvents {
    /// A netlink socket. For tokio and read(2) it is like any other datagram socket.
    socket: Option<UnixDatagram>,
}

impl RouteEvents {
    /// Subscribes to changes.
    pub(super) fn open() -> Self {
        Self {
            socket: listen().ok(),
        }
    }

    /// Waits until something has changed. It returns at once until [`RouteEvents::clear`] is called,
    /// so that a burst counts as one change.
    pub(super) async fn changed(&mut self) {
        let readable = match &self.socket {
            Some(socket) => socket.readable().await,
            None => std::future::pending().await,
        };
        if readable.is_err() {
            self.socket = None;
            std::future::pending::<()>().await;
        }
    }

    /// Forgets all changes up to now. Call it before reading the routes, so that no later change is
    /// missed.
    pub(super) fn clear(&mut self) {
        let Some(socket) = &self.socket else { return };
        let mut bytes = [0_u8; 8_192];
        loop {
            match socket.try_recv(&mut bytes) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // The socket's buffer overflowed: more messages came than fit, which is only
                // another change.
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
    // Protocol `None` is number 0, which is NETLINK_ROUTE.
    let socket: OwnedFd = socket_with(AddressFamily::NETLINK, kind, flags, None)?;
    bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
    UnixDatagram::from_std(Datagrams::from(socket))
}
