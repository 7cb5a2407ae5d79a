//! Ports for the servers of a test: free ones on the loopback, kept from every other test.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::net::TcpSocket;

/// Below what Linux gives to outgoing connections (32768 and up), so that no client takes the port
/// of a server which a test has stopped and will start again.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A loopback port, free for TCP and UDP when claimed. No other test has it while this lives, in
/// this process or another, so a server can be stopped and started again on it.
#[derive(Debug)]
pub struct Port {
    number: u16,
    /// Holds a lock on a file named for the port; the system lets it go however the test ends.
    _claim: File,
}

impl Port {
    /// Finds one. Nothing listens on it until the caller starts something there.
    pub fn claim() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let claims = std::env::temp_dir().join("up-tests-ports");
        std::fs::create_dir_all(&claims).expect("the temporary directory takes a folder");
        // Processes start far from each other, so that they seldom meet.
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

    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The loopback address with this port.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }
}

/// Bound only, never listening: another test that starts a process at this very moment hands it a
/// copy, and whoever connects to that would take it for the server, until it is closed with a reset.
fn is_free(number: u16) -> bool {
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, number));
    let tcp = TcpSocket::new_v4().and_then(|socket| {
        // As servers do, so that such a copy is not in their way either.
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
