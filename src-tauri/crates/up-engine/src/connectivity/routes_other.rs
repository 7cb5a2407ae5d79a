//! Finds out where this system would send packets for an address, as far as a connected datagram
//! socket that sends nothing can tell.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use up_core::connectivity::RouteScope;

/// The route to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) scope: RouteScope,
    /// The machine's own address that the packets would be sent from.
    pub(super) leads: IpAddr,
}

/// The system has nothing to be opened for such questions.
#[derive(Default)]
pub(super) struct Routes;

impl Routes {
    /// The route to an address; `None` where the system does not tell.
    pub(super) fn to(&mut self, address: IpAddr) -> Option<Route> {
        let any: IpAddr = match address {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0)).ok()?;
        let leads = match socket.connect((address, 9)) {
            Ok(()) => socket.local_addr().ok()?.ip(),
            Err(_) => {
                return Some(Route {
                    scope: RouteScope::Gone,
                    leads: any,
                });
            }
        };
        let scope = if leads.is_loopback() || leads == address {
            RouteScope::Here
        } else {
            RouteScope::Beyond
        };
        Some(Route { scope, leads })
    }
}
