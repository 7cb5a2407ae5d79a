//! Names to addresses, by the system's own resolver.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use schemars::JsonSchema;
use serde::Deserialize;
use up_core::CauseCode;
use url::Host;

use super::fault::{self, Fault};

/// A version of the Internet Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
pub enum AddressFamily {
    /// IPv4 only.
    #[serde(rename = "4")]
    V4,
    /// IPv6 only.
    #[serde(rename = "6")]
    V6,
}

impl AddressFamily {
    fn has(self, address: &SocketAddr) -> bool {
        address.is_ipv4() == (self == Self::V4)
    }
}

/// Asks the system's resolver, once for all who want the same name at the same time. Nothing is kept
/// beyond that: each check finds out anew. A lookup that nobody waits for any more goes on in its
/// thread until the system gives it up, for getaddrinfo cannot be called off.
#[derive(Debug, Default)]
pub(crate) struct NameResolver {
    /// The lookups under way. Behind a lock because checks run side by side; never held across one.
    asking: Mutex<HashMap<Box<str>, WeakShared<Lookup>>>,
}

/// A lookup: every address, or why there is none.
type Lookup = BoxFuture<'static, Result<Arc<[IpAddr]>, Fault>>;

impl NameResolver {
    /// The addresses of `host`, best first, each with that port. A literal address and `localhost`
    /// (always this machine, RFC 6761) cost no thread; other names ask getaddrinfo on the blocking
    /// pool.
    pub(crate) async fn addresses(
        &self,
        host: &str,
        port: u16,
        family: Option<AddressFamily>,
    ) -> Result<Vec<SocketAddr>, Fault> {
        if let Ok(ip) = host.trim_matches(['[', ']']).parse() {
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        if is_localhost(host) {
            let both: [IpAddr; 2] = [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
            return usable(&both, host, port, family);
        }
        let found = self.lookup(host).await?;
        usable(&found, host, port, family)
    }

    fn lookup(&self, host: &str) -> Shared<Lookup> {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lookup) = asking.get(host).and_then(WeakShared::upgrade) {
            return lookup;
        }
        asking.retain(|_, lookup| lookup.upgrade().is_some());
        let lookup = look_up(host.into()).boxed().shared();
        asking.extend(lookup.downgrade().map(|weak| (host.into(), weak)));
        lookup
    }
}

/// The host that `text` names: an IPv6 address may stand bare or in brackets, names come in their
/// ASCII form. `None` where this is none.
pub(crate) fn host(text: &str) -> Option<Host> {
    match text.parse() {
        Ok(address) => Some(Host::Ipv6(address)),
        Err(_) => Host::parse(text).ok(),
    }
}

/// True of what can stand where a host is wanted: an address, or a name of usable characters.
pub(crate) fn is_host(host: &str) -> bool {
    let known = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    host.parse::<IpAddr>().is_ok()
        || (!host.is_empty() && host.len() <= 253 && host.chars().all(known))
}

async fn look_up(host: Box<str>) -> Result<Arc<[IpAddr]>, Fault> {
    match tokio::net::lookup_host((&*host, 0)).await {
        Ok(found) => Ok(found.map(|address| address.ip()).collect()),
        Err(error) => Err(unresolved(&host, &error)),
    }
}

/// Those of `found` that can be tried from here.
fn usable(
    found: &[IpAddr],
    host: &str,
    port: u16,
    family: Option<AddressFamily>,
) -> Result<Vec<SocketAddr>, Fault> {
    let found = found.iter().map(|ip| SocketAddr::new(*ip, port));
    let mut found: Vec<_> = match family {
        Some(family) => found.filter(|address| family.has(address)).collect(),
        None => found.collect(),
    };
    if found.is_empty() {
        let version = match family {
            Some(AddressFamily::V4) => "IPv4 ",
            Some(AddressFamily::V6) => "IPv6 ",
            None => "",
        };
        let text = format!("{host} has no {version}address");
        return Err(Fault::new(CauseCode::Dns, text));
    }
    // An address without a route would only put its error in place of the one that matters.
    if found.iter().any(SocketAddr::is_ipv6) {
        found.retain(has_route);
    }
    if found.is_empty() {
        let text = format!("this machine has no route to any address of {host}");
        return Err(Fault::new(CauseCode::Unreachable, text));
    }
    Ok(found)
}

/// Asks the routing table, by a datagram socket that sends nothing.
fn has_route(address: &SocketAddr) -> bool {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let routed = UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(address));
    routed.map_or_else(|error| fault::is_exhaustion(&error), |()| true)
}

fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
}

fn unresolved(host: &str, error: &io::Error) -> Fault {
    if fault::is_exhaustion(error) {
        return fault::exhausted(error);
    }
    // Out of file descriptors, getaddrinfo says "temporary failure".
    if let Some(own) = fault::own_exhaustion() {
        return own;
    }
    let words = fault::words(error);
    let reason = words
        .strip_prefix("failed to lookup address information: ")
        .unwrap_or(&words);
    Fault::new(CauseCode::Dns, format!("cannot resolve {host}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(
        host: &str,
        family: Option<AddressFamily>,
        expected: Result<&[&str], CauseCode>,
    ) {
        let found = NameResolver::default().addresses(host, 80, family).await;
        let found = found
            .map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>())
            .map_err(|fault| fault.code);
        let expected = expected.map(|all| all.iter().map(ToString::to_string).collect());
        assert_eq!(found, expected, "{host} {family:?}");
    }

    #[tokio::test]
    async fn literal_addresses_and_localhost_ask_nobody() {
        check("192.0.2.1", None, Ok(&["192.0.2.1:80"])).await;
        check("2001:db8::1", None, Ok(&["[2001:db8::1]:80"])).await;
        check("[2001:db8::1]", None, Ok(&["[2001:db8::1]:80"])).await;
        check("LocalHost.", Some(AddressFamily::V4), Ok(&["127.0.0.1:80"])).await;
    }

    #[tokio::test]
    async fn a_name_that_cannot_be_is_the_resolvers_fault() {
        check("name.invalid", None, Err(CauseCode::Dns)).await;
    }

    #[tokio::test]
    async fn who_asks_for_the_same_name_at_once_shares_the_lookup() {
        let names = NameResolver::default();
        let (one, same) = (names.lookup("name.invalid"), names.lookup("name.invalid"));
        assert!(one.ptr_eq(&same), "one lookup for both");
        assert!(
            !one.ptr_eq(&names.lookup("other.invalid")),
            "another name, another lookup"
        );
        drop((one, same));
        assert!(names.addresses("name.invalid", 80, None).await.is_err());
        let _later = names.lookup("later.invalid");
        assert_eq!(
            names.asking.lock().unwrap().len(),
            1,
            "what is over is forgotten"
        );
    }

    #[test]
    fn hosts_are_addresses_or_names() {
        let check = |host: &str, expected| assert_eq!(is_host(host), expected, "{host:?}");
        check("db", true);
        check("db_1.example.", true);
        check("bücher.example", true);
        check("::1", true);
        check("", false);
        check("a b", false);
        check("a/b", false);
        check("a:80", false);
        check(&"a".repeat(254), false);
    }
}
