//! Resolves host names to addresses with the system's resolver.

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

/// Resolves names with the system's resolver. Checks that need the same name at the same time share
/// one lookup. Nothing is cached beyond that, so that each check resolves anew. A lookup that
/// nobody waits for any more goes on in its thread until the system gives up, because `getaddrinfo`
/// cannot be cancelled.
#[derive(Debug, Default)]
pub(crate) struct NameResolver {
    /// The lookups under way. Behind a lock because checks run side by side; the lock is never held
    /// across an await.
    lookups: Mutex<HashMap<Box<str>, WeakShared<Lookup>>>,
}

/// A shared lookup: all addresses of a name, or why there are none.
type Lookup = BoxFuture<'static, Result<Arc<[IpAddr]>, Fault>>;

impl NameResolver {
    /// The addresses of `host`, best first, each with `port`. A literal address and `localhost`
    /// (always this machine, RFC 6761) need no thread; other names are resolved by `getaddrinfo` on
    /// the blocking pool. Only addresses of `family` that have a route are returned. The result is
    /// never empty.
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
        let mut lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lookup) = lookups.get(host).and_then(WeakShared::upgrade) {
            return lookup;
        }
        lookups.retain(|_, lookup| lookup.upgrade().is_some());
        let lookup = look_up(host.into()).boxed().shared();
        lookups.extend(lookup.downgrade().map(|weak| (host.into(), weak)));
        lookup
    }
}

/// Parses a host: an IPv6 address, bare or in brackets, an IPv4 address, or a name, which is
/// returned in its ASCII form. `None` if `text` is no host.
pub(crate) fn host(text: &str) -> Option<Host> {
    match text.parse() {
        Ok(address) => Some(Host::Ipv6(address)),
        Err(_) => Host::parse(text).ok(),
    }
}

/// True if `host` is an address, or a name of at most 253 letters, digits, `.`, `-` and `_`.
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

/// Those of `found` that are of `family` and that this machine has a route to.
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
    // An address without a route fails at once, and its error would hide that of the address that
    // matters.
    if found.iter().any(SocketAddr::is_ipv6) {
        found.retain(has_route);
    }
    if found.is_empty() {
        let text = format!("this machine has no route to any address of {host}");
        return Err(Fault::new(CauseCode::Unreachable, text));
    }
    Ok(found)
}

/// True if the routing table has a route to `address`. Connecting a datagram socket looks there and
/// sends nothing.
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
    // When file descriptors run out, `getaddrinfo` reports only a "temporary failure".
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
            names.lookups.lock().unwrap().len(),
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
