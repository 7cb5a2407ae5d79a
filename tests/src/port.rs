//! Ports for the servers of a test: free ones on the loopback that no other test gets.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::net::TcpSocket;

/// The first port. It is below those of outgoing connections on Linux (32768 and up), so that no
/// client takes the port of a server that a test has stopped and will restart.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A loopback port that was free for TCP and UDP when it was claimed. No other test, in this
/// process or another, gets it while this value lives, so that a server can be restarted on it.
#[derive(Debug)]
pub struct Port {
    number: u16,
    /// Holds a lock on a file named after the port, which the system releases however the test
    /// ends.
    _claim: File,
}

impl Port {
    /// Claims a port. Nothing listens on it until the caller starts something there.
    pub fn claim() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let claims = std::env::temp_dir().join("up-tests-ports");
        std::fs::create_dir_all(&claims).expect("the temporary directory takes a folder");
        // Each process starts elsewhere, so that they seldom meet.
        let start = (std::process::id() % u32::from(COUNT)) as u16;
        for _ in 0..COUNT {
            let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
            let number = FIRST + (start + step) % COUNT;
            let claim = File::create(claims.join(number.to_string())).expect("a claim's file");
            if claim.try_lock().is_ok() && is_free(number) {
                return Self {
                    number,
                    _claim: claim,
                };
            }
        }
        panic!("no free port from {FIRST} on");
    }

    /// The number of the port.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The loopback address with this port.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }
}

/// True if the port can be bound. It must not listen: a process that another test starts at this
/// moment inherits a copy of the socket, and until this is closed, clients would connect to it and
/// be reset.
fn is_free(number: u16) -> bool {
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, number));
    let tcp = TcpSocket::new_v4().and_then(|socket| {
        // As servers do, so that such a copy does not get in their way either.
        socket.set_reuseaddr(true)?;
        socket.bind(at)
    });
    tcp.is_ok() && UdpSocket::bind(at).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_listened_on_is_not_free() {
        let port = Port::claim();
        assert!(is_free(port.number()));
        let listener = std::net::TcpListener::bind(port.address()).expect("it was free");
        assert!(!is_free(port.number()));
        drop(listener);
        assert!(is_free(port.number()));
    }

    #[test]
    fn no_two_tests_get_the_same_port() {
        let ports: Vec<_> = (0..50).map(|_| Port::claim()).collect();
        let mut numbers: Vec<_> = ports.iter().map(Port::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), ports.len(), "each port is claimed once");
    }
}
