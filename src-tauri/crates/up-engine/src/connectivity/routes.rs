//! Asks the kernel where it would send packets for an address: one rtnetlink question each, which
//! is answered at once and sends no packet (rtnetlink(7), `RTM_GETROUTE`).

use std::net::IpAddr;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind, recv, send, socket_with,
};
use up_core::connectivity::RouteScope;

const NLMSG_ERROR: u16 = 2;
const RTM_NEWLINK: u16 = 16;
const RTM_GETLINK: u16 = 18;
const RTM_NEWROUTE: u16 = 24;
const RTM_GETROUTE: u16 = 26;
const NLM_F_REQUEST: u16 = 1;
const RTM_F_FIB_MATCH: u32 = 0x2000;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
/// The flags of a route whose nexthop or link is dead: `RTNH_F_DEAD` and `RTNH_F_LINKDOWN`.
const DEAD: u32 = 1 | 16;
const RTN_UNICAST: u8 = 1;
const RTN_LOCAL: u8 = 2;
const RTN_BROADCAST: u8 = 3;
const RTN_ANYCAST: u8 = 4;
/// The flag of a link between two ends, such as a tunnel: `IFF_POINTOPOINT` (netdevice(7)).
const POINT_TO_POINT: u32 = 16;
/// The length of a message's header in bytes; after it, that of a route's.
const HEAD: usize = 16;
const ROUTE: usize = 12;
/// The length of a link's header in bytes, and the offset of its flags.
const LINK: usize = 16;
const LINK_FLAGS: usize = HEAD + 8;

/// The route to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) scope: RouteScope,
    /// The link's index and the gateway. They are equal for two routes through the same gateway.
    pub(super) leads: (u32, Vec<u8>),
}

/// The socket on which the kernel is asked.
pub(super) struct Routes {
    socket: Option<OwnedFd>,
    number: u32,
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            socket: open().ok(),
            number: 0,
        }
    }
}

fn open() -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let kind = SocketType::RAW;
    // Protocol `None` is number 0, which is NETLINK_ROUTE.
    let socket = socket_with(AddressFamily::NETLINK, kind, flags, None)?;
    bind(&socket, &SocketAddrNetlink::new(0, 0))?;
    Ok(socket)
}

impl Routes {
    /// The route to an address; `None` where the system does not answer.
    pub(super) fn to(&mut self, address: IpAddr) -> Option<Route> {
        let mut route = self.query(|number| question(address, number), read)?;
        if route.scope == RouteScope::Local {
            let link = route.leads.0;
            let is_tunnel = self.query(|number| link_question(link, number), is_point_to_point);
            if is_tunnel == Some(true) {
                route.scope = RouteScope::Tunnel;
            }
        }
        Some(route)
    }

    /// Sends the question that `question` makes with a sequence number, and parses the answer.
    fn query<T>(
        &mut self,
        question: impl FnOnce(u32) -> Vec<u8>,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let socket = self.socket.as_ref()?;
        self.number = self.number.wrapping_add(1);
        send(socket, &question(self.number), SendFlags::empty()).ok()?;
        let mut bytes = [0_u8; 4_096];
        loop {
            // The kernel answers during the send call, so receiving never has to wait.
            let (length, _) = recv(socket, &mut bytes[..], RecvFlags::DONTWAIT).ok()?;
            let answer = bytes.get(..length)?;
            if u32_at(answer, 8) == Some(self.number) {
                return read(answer);
            }
        }
    }
}

fn link_question(link: u32, number: u32) -> Vec<u8> {
    let mut message = Vec::with_capacity(HEAD + LINK);
    message.extend(((HEAD + LINK) as u32).to_ne_bytes());
    message.extend(RTM_GETLINK.to_ne_bytes());
    message.extend(NLM_F_REQUEST.to_ne_bytes());
    message.extend(number.to_ne_bytes());
    message.extend([0; 8]);
    message.extend(link.to_ne_bytes());
    message.extend([0; 8]);
    message
}

/// Parses the kernel's answer about a link. Returns `None` if it is no answer about a link.
fn is_point_to_point(bytes: &[u8]) -> Option<bool> {
    if u16_at(bytes, 4)? != RTM_NEWLINK {
        return None;
    }
    Some(u32_at(bytes, LINK_FLAGS)? & POINT_TO_POINT != 0)
}

fn question(address: IpAddr, number: u32) -> Vec<u8> {
    let (family, bytes) = match address {
        IpAddr::V4(ip) => (AddressFamily::INET, ip.octets().to_vec()),
        IpAddr::V6(ip) => (AddressFamily::INET6, ip.octets().to_vec()),
    };
    let length = HEAD + ROUTE + 4 + bytes.len();
    let mut message = Vec::with_capacity(length);
    message.extend((length as u32).to_ne_bytes());
    message.extend(RTM_GETROUTE.to_ne_bytes());
    message.extend(NLM_F_REQUEST.to_ne_bytes());
    message.extend(number.to_ne_bytes());
    message.extend([0; 4]);
    let bits = bytes.len() as u8 * 8;
    message.extend([family.as_raw() as u8, bits, 0, 0, 0, 0, 0, 0]);
    message.extend(RTM_F_FIB_MATCH.to_ne_bytes());
    message.extend((4 + bytes.len() as u16).to_ne_bytes());
    message.extend(RTA_DST.to_ne_bytes());
    message.extend(bytes);
    message
}

/// Parses the kernel's answer about a route. Returns `None` if it is no answer about a route.
fn read(bytes: &[u8]) -> Option<Route> {
    let gone = Route {
        scope: RouteScope::Gone,
        leads: (0, Vec::new()),
    };
    match u16_at(bytes, 4)? {
        NLMSG_ERROR => {
            let code = u32_at(bytes, HEAD)?.cast_signed();
            let code = code.saturating_neg();
            let is_gone = [
                Errno::NETUNREACH,
                Errno::HOSTUNREACH,
                Errno::NETDOWN,
                Errno::ACCESS,
                Errno::SRCH,
                // EINVAL is the answer for a blackhole route.
                Errno::INVAL,
            ];
            let is_gone = is_gone.iter().any(|error| error.raw_os_error() == code);
            is_gone.then_some(gone)
        }
        RTM_NEWROUTE => route(bytes).map(|route| match route.scope {
            RouteScope::Gone => gone,
            _ => route,
        }),
        _ => None,
    }
}

fn route(bytes: &[u8]) -> Option<Route> {
    let (family, prefix, kind) = (*bytes.get(16)?, *bytes.get(17)?, *bytes.get(23)?);
    // A VPN replaces the default route by two routes of half the address space each, so these count
    // as a default route too. In IPv6, all public addresses begin with the same three bits.
    let nearly_all = if i32::from(family) == i32::from(AddressFamily::INET.as_raw()) {
        1
    } else {
        3
    };
    let scope = match kind {
        RTN_LOCAL => RouteScope::Here,
        RTN_UNICAST | RTN_BROADCAST | RTN_ANYCAST if u32_at(bytes, 24)? & DEAD != 0 => {
            RouteScope::Gone
        }
        RTN_UNICAST if prefix <= nearly_all => RouteScope::Beyond,
        RTN_UNICAST | RTN_BROADCAST | RTN_ANYCAST => RouteScope::Local,
        _ => RouteScope::Gone,
    };
    let mut leads = (0, Vec::new());
    let mut at = HEAD + ROUTE;
    while let (Some(length), Some(kind)) = (u16_at(bytes, at), u16_at(bytes, at + 2)) {
        let length = usize::from(length);
        let value = bytes.get(at + 4..at + length);
        match (kind, value) {
            (RTA_OIF, Some(_)) => leads.0 = u32_at(bytes, at + 4)?,
            (RTA_GATEWAY, Some(value)) => leads.1 = value.to_vec(),
            _ => {}
        }
        at += length.max(4).next_multiple_of(4);
    }
    Some(Route { scope, leads })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at + 2)?;
    Some(u16::from_ne_bytes([bytes[0], bytes[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_here_by_both_protocols() {
        let mut routes = Routes::default();
        for address in ["127.0.0.1", "127.3.2.1"] {
            let ip = address.parse().expect("an address");
            let found = routes.to(ip).expect("the kernel answers");
            assert_eq!(found.scope, RouteScope::Here, "{address}");
        }
    }

    #[test]
    fn the_kernel_says_whether_a_link_has_two_ends() {
        let mut routes = Routes::default();
        let loopback = routes.query(|number| link_question(1, number), is_point_to_point);
        assert_eq!(loopback, Some(false), "the first link is the loopback");
        let check = |kind: u16, flags: u32, expected: Option<bool>| {
            let mut bytes = link_question(1, 1);
            bytes[4..6].copy_from_slice(&kind.to_ne_bytes());
            bytes[LINK_FLAGS..LINK_FLAGS + 4].copy_from_slice(&flags.to_ne_bytes());
            assert_eq!(is_point_to_point(&bytes), expected, "{kind} {flags:#x}");
            assert_eq!(is_point_to_point(&bytes[..LINK_FLAGS]), None, "it is cut");
        };
        // Flags of tun and WireGuard links, of Ethernet, and of an error message.
        check(RTM_NEWLINK, 0x1_00d1, Some(true));
        check(RTM_NEWLINK, 0x1_0043, Some(false));
        check(NLMSG_ERROR, 0x1_00d1, None);
    }

    #[test]
    fn whatever_an_answer_holds_nothing_breaks() {
        let whole = question("192.0.2.1".parse().expect("an address"), 7);
        for kind in [NLMSG_ERROR, RTM_NEWROUTE, 99] {
            let mut bytes = whole.clone();
            bytes[4..6].copy_from_slice(&kind.to_ne_bytes());
            for length in 0..bytes.len() {
                let _ = read(&bytes[..length]);
            }
            for at in HEAD..bytes.len() {
                let mut bytes = bytes.clone();
                bytes[at] = 0xff;
                let _ = read(&bytes);
                bytes[at] = 0;
                let _ = read(&bytes);
            }
        }
    }

    #[test]
    fn what_a_route_says() {
        let check = |prefix: u8, kind: u8, flags: u32, expected: RouteScope| {
            let mut bytes = question("192.0.2.1".parse().expect("an address"), 7);
            bytes[4..6].copy_from_slice(&RTM_NEWROUTE.to_ne_bytes());
            (bytes[17], bytes[23]) = (prefix, kind);
            bytes[24..28].copy_from_slice(&flags.to_ne_bytes());
            let found = read(&bytes).map(|route| route.scope);
            assert_eq!(found, Some(expected), "/{prefix} {kind} {flags}");
        };
        check(0, RTN_UNICAST, 0, RouteScope::Beyond);
        check(1, RTN_UNICAST, 0, RouteScope::Beyond);
        check(8, RTN_UNICAST, 0, RouteScope::Local);
        check(24, RTN_UNICAST, 0, RouteScope::Local);
        check(24, RTN_UNICAST, 16, RouteScope::Gone);
        check(0, RTN_UNICAST, 1, RouteScope::Gone);
        check(32, RTN_LOCAL, 0, RouteScope::Here);
        check(0, 7, 0, RouteScope::Gone);
    }
}
